/**
 * A mail's HTML as the document of its frame. The hub has made it harmless; this is the second fence: nothing may run in
 * the frame, nothing loads in it but what a person has asked for, and its links leave it.
 */

/** Where a link in a mail may lead. */
const LINKS: ReadonlySet<string> = new Set(["http:", "https:", "mailto:", "tel:"]);

/** What the hub has put aside because it would load from elsewhere, and where it belongs. */
const ASIDE = ["src", "background", "style"] as const;

/** What the hub lets through to nobody, and what could lead the frame elsewhere if it did. */
const NEVER = "script, style, link, meta, base, iframe, object, embed, form";

/** Mails are written for white paper. No style sheet: the page's own policy lets none into its frames. */
const PAPER =
  "margin:0;padding:12px;background:#fff;color:#1d1d22;font:14px/1.5 system-ui,sans-serif;overflow-wrap:break-word";

/** Whether there are pictures that would load from other sites. */
export function hasRemote(html: string): boolean {
  return /\sdata-remote-(?:src|background|style)=/.test(html);
}

/** The frame's whole document. */
export function framed(html: string, withPictures: boolean): string {
  // A document made so runs nothing and loads nothing.
  const { body } = new DOMParser().parseFromString(html, "text/html");
  for (const one of body.querySelectorAll(NEVER)) one.remove();
  for (const link of body.querySelectorAll<HTMLAnchorElement>("a[href]")) lead(link);
  for (const picture of body.querySelectorAll("img[src^='cid:' i]")) picture.removeAttribute("src");
  if (withPictures) for (const name of ASIDE) putBack(body, name);
  const sources = withPictures ? "data: https:" : "data:";
  const policy = `default-src 'none'; img-src ${sources}; style-src 'unsafe-inline'${
    withPictures ? "; upgrade-insecure-requests" : ""
  }`;
  return `<!doctype html><html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><meta name="referrer" content="no-referrer"></head><body style="${PAPER}">${body.innerHTML}</body></html>`;
}

function lead(link: HTMLAnchorElement): void {
  if (!LINKS.has(link.protocol)) return link.removeAttribute("href");
  link.target = "_blank";
  link.rel = "noopener noreferrer nofollow";
}

function putBack(body: HTMLElement, name: (typeof ASIDE)[number]): void {
  const aside = `data-remote-${name}`;
  for (const element of body.querySelectorAll(`[${aside}]`)) {
    const value = element.getAttribute(aside) ?? "";
    const before = name === "style" ? (element.getAttribute("style") ?? "") : "";
    element.setAttribute(name, `${before}${value}`);
    element.removeAttribute(aside);
  }
}
