/** Text that a bot has set in something. */

import { useSignal } from "@preact/signals";
import type { FormatKind } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/panel";
import type { ComponentChildren, FunctionComponent } from "preact";

import type { Entry } from "../entries";
import { Out } from "../parts/out";
import { Words } from "../parts/thread";
import { type Piece, piecesOf } from "./pieces";

const TAGS: Record<Exclude<FormatKind, "link">, string | FunctionComponent> = {
  bold: "b",
  italic: "i",
  underline: "u",
  strikethrough: "s",
  code: "code",
  pre: "pre",
  quote: "blockquote",
  spoiler: Spoiler,
};

export function Formatted({ entry, children }: { entry: Entry; children?: ComponentChildren }) {
  const formats = entry.message?.rich?.formats;
  return formats ? draw(piecesOf(entry.text, formats)) : children;
}

/** `bare`: nothing in it is a link by itself. */
function draw(pieces: readonly Piece[], bare?: boolean): ComponentChildren {
  let before: FormatKind | undefined;
  return pieces.map((piece) => {
    if (typeof piece === "string") {
      // What stands by itself begins a line without it.
      const text = before === "pre" || before === "quote" ? piece.replace(/^\n/, "") : piece;
      return bare ? text : <Words text={text} />;
    }
    const [{ kind, url = "" }, within] = piece;
    before = kind;
    const link = kind === "link";
    const code = kind === "code" || kind === "pre";
    const inner = draw(within, bare || link || code);
    if (link) return <Out url={url}>{inner}</Out>;
    const Tag = TAGS[kind] as "b" | undefined;
    // What only a newer hub knows.
    if (!Tag) return inner;
    return code ? <Tag dir="ltr">{inner}</Tag> : <Tag>{inner}</Tag>;
  });
}

/** Not a `button`: its words run on over lines with those around it. The focus stays where it was pressed. */
function Spoiler({ children }: { children?: ComponentChildren }) {
  const covered = useSignal(true);
  const uncover = () => {
    covered.value = false;
  };
  const inner = <span>{children}</span>;
  return covered.value ? (
    // biome-ignore lint/a11y/useSemanticElements: see above
    <span
      class="covered"
      role="button"
      tabIndex={0}
      aria-label={t("bots.covered")}
      onClick={uncover}
      onKeyDown={(event) => {
        if (!/^( |Enter)$/.test(event.key)) return;
        event.preventDefault();
        uncover();
      }}
    >
      {inner}
    </span>
  ) : (
    <span tabIndex={-1}>{inner}</span>
  );
}
