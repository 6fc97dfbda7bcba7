// Words for screen readers only.

import type { ComponentChildren } from "preact";

import "./unseen.css";

export function Unseen({ children }: { readonly children: ComponentChildren }) {
  return <span class="sb-unseen">{children}</span>;
}
