/** The text of what was written with formatting, for where that cannot show: as people write lists, quotes and links plain. */

const BLOCKS: ReadonlySet<string> = new Set(["DIV", "P", "UL", "OL", "LI", "BLOCKQUOTE", "PRE"]);

export function plainOf(root: Node): string {
  const text = linesOf(root).join("\n");
  return text
    .replace(/\u200b/gu, "")
    .replace(/\u00a0/gu, " ")
    .trimEnd();
}

/** Each block begins a line; what stands between blocks is one. */
function linesOf(node: Node): string[] {
  const lines: string[] = [];
  let line: string | null = null;
  const end = (): void => {
    if (line !== null) lines.push(line);
    line = null;
  };
  for (const child of node.childNodes) {
    if (BLOCKS.has(child.nodeName)) {
      end();
      lines.push(...blockOf(child));
    } else if (child.nodeName === "BR") {
      lines.push(line ?? "");
      line = null;
    } else line = (line ?? "") + wordsOf(child);
  }
  end();
  return lines;
}

function blockOf(block: Node): string[] {
  if (block.nodeName === "BLOCKQUOTE") return linesOf(block).map((line) => `> ${line}`.trimEnd());
  if (block.nodeName !== "UL" && block.nodeName !== "OL") {
    const lines = linesOf(block);
    return lines.length > 0 ? lines : [""];
  }
  const items = [...block.childNodes].filter(({ nodeName }) => nodeName === "LI");
  return items.flatMap((item, place) => {
    const mark = block.nodeName === "OL" ? `${place + 1}. ` : "- ";
    return linesOf(item).map((line, at) => (at === 0 ? mark : " ".repeat(mark.length)) + line);
  });
}

function wordsOf(node: Node): string {
  const words = node.nodeType === Node.TEXT_NODE ? (node.nodeValue ?? "") : [...node.childNodes].map(wordsOf).join("");
  if (!(node instanceof HTMLAnchorElement)) return words;
  const address = node.getAttribute("href") ?? "";
  // One that says where it leads says it once.
  return address === "" || address.replace(/^mailto:|^tel:/u, "") === words ? words : `${words} (${address})`;
}
