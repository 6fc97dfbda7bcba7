/**
 * Places for what only bots need: formatted text, buttons, choices, the way to a person. That is a file of its own, which
 * comes with the first message of a bot; until then a place shows what stands in it.
 */

import { signal } from "@preact/signals";
import type { ComponentChildren, FunctionComponent } from "preact";

import type { parts as Parts } from "../bots/parts";

export const parts = signal<typeof Parts>();
let coming = false;

export function loadBots() {
  if (coming) return;
  coming = true;
  import("../bots/parts").then(
    (come) => {
      come.dress();
      parts.value = come.parts;
    },
    () => {
      // The words are there without it; the next message or connection tries again.
      coming = false;
    },
  );
}

export function Bots<Name extends keyof typeof Parts>({
  of,
  children,
  ...given
}: { of: Name; children?: ComponentChildren } & Parameters<(typeof Parts)[Name]>[0]) {
  const Part = parts.value?.[of] as FunctionComponent | undefined;
  return Part ? <Part {...given}>{children}</Part> : children;
}
