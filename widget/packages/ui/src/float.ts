// Where something that floats goes beside what it belongs to: the wished side if it fits, else the other, and never out
// of the window. Pure geometry; who draws it (tooltip, menu, popover) puts it in the top layer with `position: fixed`.

export type Side = "top" | "bottom";
export type Align = "start" | "center" | "end";

export interface Placement {
  readonly side: Side;
  readonly align: Align;
  /** Between the two, px. */
  readonly gap: number;
  readonly rtl: boolean;
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Kept free at the window's edges, px. */
const MARGIN = 8;

export function place(
  anchor: Box,
  floating: Size,
  view: Size,
  { side, align, gap, rtl }: Placement,
): { left: number; top: number } {
  const above = anchor.top - gap - floating.height;
  const below = anchor.top + anchor.height + gap;
  const fitsAbove = above >= MARGIN;
  const fitsBelow = below + floating.height <= view.height - MARGIN;
  const top = side === "top" ? (fitsAbove || !fitsBelow ? above : below) : fitsBelow || !fitsAbove ? below : above;

  const atLeft = anchor.left;
  const atRight = anchor.left + anchor.width - floating.width;
  const middle = anchor.left + (anchor.width - floating.width) / 2;
  const left = align === "center" ? middle : (align === "start") === rtl ? atRight : atLeft;

  return {
    left: clamp(left, MARGIN, view.width - floating.width - MARGIN),
    top: clamp(top, MARGIN, view.height - floating.height - MARGIN),
  };
}

function clamp(n: number, least: number, most: number): number {
  return Math.max(least, Math.min(n, most));
}

/** Puts `floating` beside `anchor`, now. Both must be drawn. */
export function settle(anchor: Element, floating: HTMLElement, side: Side, align: Align, gap = 4): void {
  const rtl = getComputedStyle(anchor).direction === "rtl";
  const view = { width: document.documentElement.clientWidth, height: document.documentElement.clientHeight };
  const size = { width: floating.offsetWidth, height: floating.offsetHeight };
  const { left, top } = place(anchor.getBoundingClientRect(), size, view, { side, align, gap, rtl });
  // The one place with physical sides: both rectangles are measured in the window.
  floating.style.left = `${Math.round(left)}px`;
  floating.style.top = `${Math.round(top)}px`;
}
