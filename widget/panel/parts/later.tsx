/**
 * Places for what not everybody needs. Its parts are in a file of their own, with their styles; until it has come a place shows
 * what stands in it.
 */

import { signal } from "@preact/signals";
import type { ComponentChildren, FunctionComponent } from "preact";

// biome-ignore lint/suspicious/noExplicitAny: each place is given what its own part takes
type Parts = Record<string, (given: any) => ComponentChildren>;

interface Come<All> {
  styles: string;
  parts: All;
  /** What they say, where that is not among the panel's own words. */
  words?(): Promise<void>;
}

/** `itself`: it is fetched where a place of it is drawn; otherwise by `load`. */
export function later<All extends Parts>(get: () => Promise<Come<All>>, itself?: boolean) {
  const parts = signal<All>();
  let coming = false;

  function load() {
    if (coming || parts.peek()) return;
    coming = true;
    get()
      .then(async (come) => {
        await come.words?.();
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(come.styles);
        document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
        parts.value = come.parts;
      })
      .catch(() => {
        // What is needed is there without it; where it is drawn or asked for next, it is tried again.
        coming = false;
      });
  }

  function Place<Name extends keyof All>({
    of,
    children,
    ...given
  }: { of: Name; children?: ComponentChildren } & Parameters<All[Name]>[0]) {
    if (itself) load();
    const Part = parts.value?.[of] as FunctionComponent | undefined;
    return Part ? <Part {...given}>{children}</Part> : children;
  }

  return { parts, load, Place };
}
