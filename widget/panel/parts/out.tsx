/** A way out of the chat: in a window of its own, which is told nothing of this one. */

import type { ComponentChildren } from "preact";

/** Of others nothing is left but the words. */
const LINK = /^(https?|mailto|tel):/i;

export function Out({ url, children, ...given }: { url: string; class?: string; children?: ComponentChildren }) {
  return LINK.test(url) ? (
    <a {...given} dir="auto" href={url} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  ) : (
    children
  );
}
