// The name of a thing and its key, when it is pointed at for a moment or focused by keyboard. Escape hides it.
//
// It repeats what the control already tells screen readers, so it is hidden from them; it never holds the only copy of
// anything.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { type Side, settle } from "../float";
import { Kbd } from "./kbd";
import "./tooltip.css";

export type TooltipSide = Side;

/** Rest of the pointer before it shows, milliseconds. */
const REST_MS = 400;

export interface TooltipProps {
  readonly text: string;
  readonly keys?: string;
  readonly side?: TooltipSide;
  readonly children: ComponentChildren;
}

export function Tooltip({ text, keys, side = "top", children }: TooltipProps) {
  const host = useRef<HTMLSpanElement>(null);
  const tip = useRef<HTMLSpanElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const [shown, setShown] = useState(false);

  const hide = () => {
    clearTimeout(timer.current);
    setShown(false);
  };
  const soon = (event: PointerEvent) => {
    if (event.pointerType === "mouse") timer.current = setTimeout(() => setShown(true), REST_MS);
  };
  const ifByKey = (event: FocusEvent) => {
    if ((event.target as Element).matches(":focus-visible")) setShown(true);
  };

  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    if (!shown || !host.current || !tip.current) return;
    tip.current.showPopover?.();
    settle(host.current, tip.current, side, "center", 6);
    const onKey = (event: KeyboardEvent) => event.key === "Escape" && hide();
    document.addEventListener("keydown", onKey, true);
    return () => document.removeEventListener("keydown", onKey, true);
  }, [shown, side]);

  return (
    <span
      class="sb-tooltip-host"
      ref={host}
      onPointerEnter={soon}
      onPointerLeave={hide}
      onPointerDown={hide}
      onFocusCapture={ifByKey}
      onBlurCapture={hide}
    >
      {children}
      {shown && (
        <span class="sb-tooltip" popover="manual" aria-hidden="true" ref={tip}>
          {text}
          {keys && <Kbd keys={keys} />}
        </span>
      )}
    </span>
  );
}
