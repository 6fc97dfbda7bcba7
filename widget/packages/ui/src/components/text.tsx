// A person's own text: its line breaks, its direction, its addresses as links. Never HTML.

import { classes } from "../classes";
import { t } from "../i18n/index";
import { linkify } from "../linkify";
import "./text.css";

export function Text({ text, class: extra }: { readonly text: string; readonly class?: string }) {
  return (
    <span class={classes("sb-said", extra)} dir="auto">
      {linkify(text).map((piece) =>
        piece.kind === "text" ? (
          piece.text
        ) : (
          <a
            href={piece.href}
            target="_blank"
            rel="noopener noreferrer nofollow ugc"
            title={`${piece.href} (${t("link.newWindow")})`}
          >
            {piece.text}
          </a>
        ),
      )}
    </span>
  );
}
