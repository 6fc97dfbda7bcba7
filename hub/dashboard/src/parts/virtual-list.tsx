/**
 * A list of rows of one height of which only those near the window are drawn: ten thousand cost what thirty do. It holds
 * its place by itself, because rows above the window keep their height.
 */
import type { ComponentChild } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { density } from "../preferences";
import { Part } from "./part";

/** Rows drawn beyond each edge, so that scrolling shows no gap. */
const BEYOND = 8;
/** How near the end the next page is asked for, rows. */
const ASK_BEFORE_END = 15;
/** A guess until the first row has been measured, px. */
const GUESS = 76;

export interface VirtualListProps {
  readonly ids: readonly string[];
  readonly row: (id: string, place: number) => ComponentChild;
  readonly label: string;
  readonly end?: ComponentChild;
  /** This row is brought into sight when it changes. */
  readonly active: string | null;
  onNearEnd(): void;
  onScrolled(fromTop: number): void;
}

export function VirtualList({ ids, row, label, end, active, onNearEnd, onScrolled }: VirtualListProps) {
  const box = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(GUESS);
  // In rows, so that scrolling within a row draws nothing.
  const [first, setFirst] = useState(0);
  const [shown, setShown] = useState(10);
  const some = ids.length > 0;

  /** Asks the browser for sizes, which makes it lay out: at the start and when a size changes, never while scrolling. */
  const measure = (): void => {
    const element = box.current;
    if (!element) return;
    const tall = element.querySelector<HTMLElement>("[data-row] > *")?.offsetHeight || height;
    setHeight(tall);
    setFirst(Math.floor(element.scrollTop / tall));
    setShown(Math.ceil(element.clientHeight / tall) + 1);
  };

  useLayoutEffect(measure, [some, density.value]);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  useEffect(() => {
    const at = active === null ? -1 : ids.indexOf(active);
    const element = box.current;
    if (at < 0 || !element) return;
    if (at * height < element.scrollTop) element.scrollTop = at * height;
    else if ((at + 1) * height > element.scrollTop + element.clientHeight)
      element.scrollTop = (at + 1) * height - element.clientHeight;
  }, [active]);

  const from = Math.max(0, first - BEYOND);
  const to = Math.min(ids.length, first + shown + BEYOND);
  useEffect(() => {
    if (to >= ids.length - ASK_BEFORE_END) onNearEnd();
  }, [to, ids.length]);

  const scrolled = (event: Event): void => {
    const { scrollTop } = event.currentTarget as HTMLDivElement;
    setFirst(Math.floor(scrollTop / height));
    onScrolled(scrollTop);
  };
  return (
    <div class="dk-virtual" ref={box} onScroll={scrolled} tabIndex={-1}>
      <ul
        class="dk-virtual__all"
        aria-label={label}
        style={{ blockSize: `${ids.length * height}px`, "--dk-row": `${height}px` }}
      >
        {ids.slice(from, to).map((id, place) => (
          <li
            key={id}
            data-row
            data-id={id}
            class="dk-virtual__row"
            style={{ transform: `translateY(${(from + place) * height}px)` }}
            aria-setsize={ids.length}
            aria-posinset={from + place + 1}
          >
            <Part>{row(id, from + place)}</Part>
          </li>
        ))}
      </ul>
      {end}
    </div>
  );
}
