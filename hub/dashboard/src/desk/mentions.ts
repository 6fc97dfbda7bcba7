/**
 * Colleagues who are named in a note. Their names stand in its text as "@Ben Visser", typed or picked, and those whose names
 * stand there when it is sent are told: nothing is kept beside the text that could differ from it.
 */
import type { Agent, AgentId } from "@switchboard/protocol";

type Named = Pick<Agent, "id" | "name">;

/** What is typed behind the "@" that begins a name at the caret; null: none does. Names have spaces in them. */
export function atWord(before: string): string | null {
  return /(?:^|[\s([{"'“«])@((?:[^\s@]{1,40} ){0,3}[^\s@]{0,40})$/u.exec(before)?.[1] ?? null;
}

/** Those whose name, or a part of it, begins with what is typed; whose whole name does stand first. */
export function offered<A extends Named>(people: readonly A[], typed: string): readonly A[] {
  const wanted = typed.toLocaleLowerCase();
  const low = ({ name }: Named): string => name.toLocaleLowerCase();
  const hits = people.filter((one) => ` ${low(one)}`.includes(` ${wanted}`));
  const later = (one: A): number => Number(!low(one).startsWith(wanted));
  return [...hits].sort((one, other) => later(one) - later(other) || one.name.localeCompare(other.name));
}

/** A part of a note's text; `names` are those whom it names. */
export interface Piece {
  readonly text: string;
  readonly names: readonly AgentId[];
}

/** The text in pieces. Of names that begin alike the longest counts; of two people of one name both are meant. */
export function pieces(text: string, people: readonly Named[]): readonly Piece[] {
  const byName = new Map<string, AgentId[]>();
  for (const { id, name } of people) if (name !== "") byName.set(name, [...(byName.get(name) ?? []), id]);
  const names = [...byName.keys()].sort((one, other) => other.length - one.length);
  const found: Piece[] = [];
  let plain = 0;
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    // An address of mail names nobody.
    if (/[\p{L}\p{N}._-]$/u.test(text.slice(0, at))) continue;
    const name = names.find((one) => text.startsWith(one, at + 1) && ends(text, at + 1 + one.length));
    if (name === undefined) continue;
    const end = at + 1 + name.length;
    if (at > plain) found.push({ text: text.slice(plain, at), names: [] });
    found.push({ text: text.slice(at, end), names: byName.get(name) ?? [] });
    plain = end;
  }
  if (plain < text.length) found.push({ text: text.slice(plain), names: [] });
  return found;
}

/** Whether a name may end here: "@Benedict" does not name Ben. */
function ends(text: string, at: number): boolean {
  return !/^[\p{L}\p{N}]/u.test(text.slice(at));
}

/** Who is told of this note. */
export function mentionedIn(text: string, people: readonly Named[]): readonly AgentId[] {
  return [...new Set(pieces(text, people).flatMap(({ names }) => names))];
}
