// Something small that floats beside what opened it: in the top layer, gone at a press outside or Escape, focus back
// where it came from.

import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import { type Align, type Side, settle } from "../float";
import "./popover.css";

export interface PopoverProps {
  readonly anchor: RefObject<HTMLElement>;
  readonly onClose: () => void;
  readonly label: string;
  readonly side?: Side;
  readonly align?: Align;
  /** Menus take their own role and keys. */
  readonly role?: "dialog" | "menu";
  readonly onKeyDown?: (event: KeyboardEvent) => void;
  readonly children: ComponentChildren;
}

/** Draw it only while it is open. */
export function Popover({
  anchor,
  onClose,
  label,
  side = "bottom",
  align = "start",
  role = "dialog",
  onKeyDown,
  children,
}: PopoverProps) {
  const box = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  close.current = onClose;

  useLayoutEffect(() => {
    if (!box.current || !anchor.current) return;
    box.current.showPopover?.();
    settle(anchor.current, box.current, side, align);
  }, [side, align]);

  useEffect(() => {
    const opener = anchor.current;
    const outside = (event: PointerEvent) => {
      const path = event.composedPath();
      if (box.current && !path.includes(box.current) && !(opener && path.includes(opener))) close.current();
    };
    // A telephone's keyboard makes the window smaller when what is in here takes the focus: it moves, it does not go.
    const moved = () => box.current && opener && settle(opener, box.current, side, align);
    document.addEventListener("pointerdown", outside, true);
    window.addEventListener("resize", moved);
    return () => {
      document.removeEventListener("pointerdown", outside, true);
      window.removeEventListener("resize", moved);
      // Focus goes back only if it was in here: a press outside has already moved it where the person wanted it.
      if (document.activeElement === document.body || box.current?.contains(document.activeElement)) opener?.focus();
    };
  }, []);

  const keys = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      anchor.current?.focus();
      onClose();
    } else onKeyDown?.(event);
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useAriaPropsSupportedByRole: its role is one of two, by `role`.
    <div class="sb-popover" popover="manual" role={role} aria-label={label} ref={box} onKeyDown={keys} tabIndex={-1}>
      {children}
    </div>
  );
}
