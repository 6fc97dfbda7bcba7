/**
 * A list of rows of one height of which only those near the window are drawn: ten thousand cost what thirty do. It holds
 * its place by itself, because rows above the window keep their height.
 */
import type { ComponentChild } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

/** Rows drawn beyond each edge, so that scrolling shows no gap. */
const BEYOND = 8;
/** How near the end the next page is asked for, rows. */
const ASK_BEFORE_END = 15;
/** A guess until the first row has been measured, px. */
const GUESS = 84;

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
  const [view, setView] = useState({ top: 0, size: 800 });

  useLayoutEffect(() => {
    const first = box.current?.querySelector<HTMLElement>("[data-row]");
    if (first && first.offsetHeight > 0 && first.offsetHeight !== height) setHeight(first.offsetHeight);
  });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const look = (): void => setView({ top: element.scrollTop, size: element.clientHeight });
    const watch = new ResizeObserver(look);
    watch.observe(element);
    look();
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

  const from = Math.max(0, Math.floor(view.top / height) - BEYOND);
  const to = Math.min(ids.length, Math.ceil((view.top + view.size) / height) + BEYOND);
  useEffect(() => {
    if (to >= ids.length - ASK_BEFORE_END) onNearEnd();
  }, [to, ids.length]);

  const scrolled = (event: Event): void => {
    const element = event.currentTarget as HTMLDivElement;
    setView({ top: element.scrollTop, size: element.clientHeight });
    onScrolled(element.scrollTop);
  };
  return (
    <div class="dk-virtual" ref={box} onScroll={scrolled} tabIndex={-1}>
      <ul class="dk-virtual__all" aria-label={label} style={{ blockSize: `${ids.length * height}px` }}>
        {ids.slice(from, to).map((id, place) => (
          <li
            key={id}
            data-row
            class="dk-virtual__row"
            style={{ transform: `translateY(${(from + place) * height}px)` }}
            aria-setsize={ids.length}
            aria-posinset={from + place + 1}
          >
            {row(id, from + place)}
          </li>
        ))}
      </ul>
      {end}
    </div>
  );
}
