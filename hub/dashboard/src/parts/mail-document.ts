/**
 * The document of a mail, looked at from the page around its frame: whether it says more than its text does, where what it
 * quotes begins, and how it fits into the width that there is. The hub has made it harmless; nothing here makes it safe.
 */

/** What a text cannot say: order by rows and lists, pictures, weight. */
const MORE = "table, img, ul, ol, hr, h1, h2, h3, h4, h5, h6, b, strong, i, em, u, s, a, code, pre, font[size]";
/** Elements that are looked at for their colours; a mail that has more is hardly plain. */
const LOOKED_AT = 600;
/** So far apart are a colour's strongest and weakest part before it is no grey, of 255. */
const COLOURED = 48;
/** Less than this no picture is, px: it is there to be counted. */
const PIXEL = 3;
/** The line over what is quoted is no longer than this, characters. */
const LINE_OVER_QUOTE = 250;
/** A mail that is wider than its place is made smaller, but not below this part of itself: then it scrolls sideways. */
const SMALLEST = 0.6;

/** The head that Outlook writes over what is quoted. */
const HEAD =
  /^\s*(?:from|von|van|de|fra|من)\s*:[\s\S]{1,300}?(?:sent|date|datum|gesendet|verzonden|envoyé|sendt|dato)\s*:/iu;

export function saysMore(document: Document): boolean {
  const shown = (element: Element): boolean => element.getClientRects().length > 0;
  const all = [...document.body.querySelectorAll(MORE)];
  return all.some((element) => says(element) && shown(element)) || isColoured(document);
}

function says(element: Element): boolean {
  if (element.nodeName === "IMG") return !isPixel(element);
  if (element.nodeName !== "A") return element.nodeName === "HR" || wordsOf(element) !== "" || hasPicture(element);
  // A link that reads as its address is one in the text as well.
  const address = bare(element.getAttribute("href") ?? "");
  return address !== "" && wordsOf(element) !== "" && bare(wordsOf(element)) !== address;
}

function isPixel(picture: Element): boolean {
  const sides = ["width", "height"].map((side) => Number.parseInt(picture.getAttribute(side) ?? "", 10));
  return sides.some((side) => side < PIXEL);
}

function hasPicture(element: Element): boolean {
  return [...element.querySelectorAll("img")].some((one) => !isPixel(one));
}

function bare(address: string): string {
  return address
    .trim()
    .toLowerCase()
    .replace(/^(?:mailto:|tel:|https?:\/\/)/u, "")
    .replace(/\/$/u, "");
}

function isColoured(document: Document): boolean {
  const view = document.defaultView;
  if (!view) return false;
  return [...document.body.querySelectorAll("*")].slice(0, LOOKED_AT).some((element) => {
    const { color, backgroundColor } = view.getComputedStyle(element);
    const [, , , alpha = 1] = partsOf(backgroundColor);
    const ground =
      alpha > 0 &&
      partsOf(backgroundColor)
        .slice(0, 3)
        .some((part) => part < 250);
    return wordsOf(element) !== "" && (ground || (hasOwnWords(element) && element.nodeName !== "A" && isColour(color)));
  });
}

function hasOwnWords(element: Element): boolean {
  return [...element.childNodes].some((node) => node.nodeType === 3 && (node.nodeValue ?? "").trim() !== "");
}

function partsOf(colour: string): number[] {
  return (colour.match(/[\d.]+/gu) ?? []).map(Number);
}

function isColour(colour: string): boolean {
  const parts = partsOf(colour).slice(0, 3);
  return Math.max(...parts) - Math.min(...parts) > COLOURED;
}

function wordsOf(node: Node): string {
  return (node.textContent ?? "").trim();
}

/** What stands from there on, where the mail quotes what came before it. Nothing: it quotes nothing, or writes on below it. */
export interface Quoted {
  show(yes: boolean): void;
}

export function quotedIn(document: Document): Quoted | null {
  const begin = outlookHead(document) ?? lastQuote(document);
  if (!begin) return null;
  const over = lineOver(begin);
  const parts = [...(over ? [over] : []), ...fromOn(begin, document.body)].map(asElement);
  const were = parts.map(({ style }) => style.display);
  return {
    show(yes) {
      for (const [place, { style }] of parts.entries())
        if (yes) style.display = were[place] ?? "";
        else style.setProperty("display", "none", "important");
    },
  };
}

function lastQuote(document: Document): Element | null {
  const outer = [...document.body.querySelectorAll("blockquote")].filter(
    (one) => !one.parentElement?.closest("blockquote"),
  );
  const last = outer.at(-1);
  return last && isAtEnd(last, document) && isAfterWords(last, document) ? last : null;
}

function outlookHead(document: Document): Element | null {
  const heads = [...document.body.querySelectorAll("div, p")].filter((one) => HEAD.test(one.textContent ?? ""));
  return heads.find((one) => isAfterWords(one, document)) ?? null;
}

function textBetween(document: Document, set: (range: Range) => void): string {
  const range = document.createRange();
  range.selectNodeContents(document.body);
  set(range);
  return range.toString().trim();
}

function isAtEnd(element: Element, document: Document): boolean {
  return textBetween(document, (range) => range.setStartAfter(element)) === "";
}

/** A mail that is nothing but what it quotes is not folded away whole. */
function isAfterWords(element: Element, document: Document): boolean {
  const before = textBetween(document, (range) => range.setEndBefore(element));
  const over = lineOver(element);
  return before !== "" && before !== (over ? wordsOf(over) : "");
}

function lineOver(element: Element): Node | null {
  let before = element.previousSibling;
  while (before && wordsOf(before) === "" && before.nodeName !== "HR") before = before.previousSibling;
  if (!before) return null;
  const words = wordsOf(before);
  const leads = words.length < LINE_OVER_QUOTE && words.endsWith(":");
  return leads || before.nodeName === "HR" ? before : null;
}

/** The node and all that stands after it. */
function fromOn(begin: Node, body: HTMLElement): Node[] {
  const parts: Node[] = [begin];
  for (let at: Node | null = begin; at && at !== body; at = at.parentNode)
    for (let next = at.nextSibling; next; next = next.nextSibling) parts.push(next);
  return parts.filter((node) => node.nodeType === 1 || wordsOf(node) !== "");
}

function asElement(node: Node): HTMLElement {
  if (node.nodeType === 1) return node as HTMLElement;
  const around = (node.ownerDocument as Document).createElement("span");
  node.parentNode?.replaceChild(around, node);
  around.append(node);
  return around;
}

/** Makes a mail that is wider than its frame smaller, and says how high it is then, px. */
export function fit(document: Document, bar: number): number {
  const { body, documentElement: root } = document;
  // The frame is as high as it: it has no bar of its own there.
  root.style.overflowY = "hidden";
  body.style.setProperty("zoom", "1");
  const part = root.clientWidth / Math.max(1, root.scrollWidth);
  if (part < 1) body.style.setProperty("zoom", String(Math.max(SMALLEST, part)));
  const scrolls = root.scrollWidth > root.clientWidth;
  return Math.ceil(body.getBoundingClientRect().height) + (scrolls ? bar : 0);
}
