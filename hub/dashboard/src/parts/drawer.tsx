/** A column that comes over the page from its side, where there is no room for it beside the others. */
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { useModal } from "./modal";
import "./drawer.css";

export interface DrawerProps {
  readonly label: string;
  readonly side: "start" | "end";
  close(): void;
  readonly children: ComponentChildren;
}

/** Draw it only while it is open. */
export function Drawer({ label, side, close, children }: DrawerProps) {
  const box = useRef<HTMLDialogElement>(null);
  useModal(box);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the press is one on the backdrop; Escape does the same by itself.
    <dialog
      class="dk-drawer"
      data-side={side}
      ref={box}
      aria-label={label}
      onClose={close}
      onClick={(event) => event.target === box.current && close()}
    >
      {children}
    </dialog>
  );
}
