// A person's own text: its line breaks, its direction, its addresses as links. Never HTML.

import type { ComponentChildren } from "preact";

import { classes } from "../classes";
import { t } from "../i18n/index";
import { linkify } from "../linkify";
import "./text.css";

export function Text({ text, class: extra }: { readonly text: string; readonly class?: string }) {
  return (
    <span class={classes("sb-said", extra)} dir="auto">
      <Linked text={text} />
    </span>
  );
}

/** The words with their addresses as links, in whatever they stand. */
export function Linked({ text }: { readonly text: string }) {
  return (
    <>
      {linkify(text).map((piece, place) =>
        piece.kind === "text" ? (
          piece.text
        ) : (
          <OutsideLink key={place} href={piece.href}>
            {piece.text}
          </OutsideLink>
        ),
      )}
    </>
  );
}

/** To where somebody from outside says: it opens apart, and learns nothing of this page. */
export function OutsideLink({ href, children }: { readonly href: string; readonly children: ComponentChildren }) {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow ugc" title={`${href} (${t("link.newWindow")})`}>
      {children}
    </a>
  );
}
