/** A way out of the chat: in a window of its own, which is told nothing of this one. */

import type { ComponentChildren } from "preact";

export function Out({ url, children, ...given }: { url: string; class?: string; children?: ComponentChildren }) {
  return (
    <a {...given} dir="auto" href={url} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}
