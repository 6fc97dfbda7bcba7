// Finds the web and mail addresses in plain text. What comes back is pieces to draw, never HTML: text from outside has
// no way to become markup.

export type Piece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "link"; readonly text: string; readonly href: string };

// The bounds on an address (RFC 5321, section 4.5.3.1: 64 characters before the @, labels of 63) also keep a hostile
// line from being tried at every length.
const CANDIDATE =
  /\b(?:https?:\/\/|www\.)[^\s<>"'`]+|[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){0,8}\.\p{L}{2,24}/giu;

/** Sentence marks after an address are the sentence's, and so is a closing bracket that was not opened in it. */
function withoutSentence(text: string): string {
  let end = text.length;
  for (;;) {
    const last = text[end - 1] ?? "";
    const inside = text.slice(0, end);
    const unopened = last === ")" && inside.split("(").length < inside.split(")").length;
    if (end > 0 && (/[.,;:!?…،؟\]}*_]/u.test(last) || unopened)) end -= 1;
    else return inside;
  }
}

function hrefOf(text: string): string | undefined {
  const candidate = /^https?:/i.test(text) ? text : /^www\./i.test(text) ? `https://${text}` : `mailto:${text}`;
  return URL.canParse(candidate) ? candidate : undefined;
}

export function linkify(text: string): Piece[] {
  const pieces: Piece[] = [];
  let done = 0;
  for (const match of text.matchAll(CANDIDATE)) {
    const shown = withoutSentence(match[0]);
    const href = hrefOf(shown);
    if (href === undefined) continue;
    if (match.index > done) pieces.push({ kind: "text", text: text.slice(done, match.index) });
    pieces.push({ kind: "link", text: shown, href });
    done = match.index + shown.length;
  }
  if (done < text.length) pieces.push({ kind: "text", text: text.slice(done) });
  return pieces;
}
