/** The tags of the hub in memory: those that its conversations have, and the colours that some of them were given. */
import type { ConversationRow, RenameTag, SaveTag, TagColour, TagRow } from "@switchboard/protocol";
import { type Answer, type FakeHub, ok } from "./fake-hub";

export class FakeTags {
  readonly colours = new Map<string, TagColour>();
  /** Conversations that one request changes. */
  atOnce = 200;

  constructor(private readonly hub: FakeHub) {}

  answer(method: string, what: string, body: unknown): Answer {
    if (method === "GET") return ok({ tags: this.list() });
    if (method === "PUT") {
      const { name, colour } = body as SaveTag;
      if (colour === null) this.colours.delete(name);
      else this.colours.set(name, colour);
      this.hub.push({ event: "tags_changed" });
      return ok(this.list().find((one) => one.name === name));
    }
    const { from, to } = what === "renamed" ? (body as RenameTag) : { from: (body as { name: string }).name, to: null };
    const having = [...this.hub.rows.values()].filter((one) => one.tags.includes(from));
    for (const row of having.slice(0, this.atOnce)) this.replace(row, from, to);
    const more = having.length > this.atOnce;
    if (!more) {
      const colour = this.colours.get(from);
      this.colours.delete(from);
      if (to !== null && colour !== undefined) this.colours.set(to, colour);
      this.hub.push({ event: "tags_changed" });
    }
    return ok({ conversations: Math.min(having.length, this.atOnce), ...(more ? { more } : {}) });
  }

  private replace(row: ConversationRow, from: string, to: string | null): void {
    const tags = [...new Set(row.tags.flatMap((one) => (one !== from ? [one] : to === null ? [] : [to])))];
    this.hub.rows.set(row.id, { ...row, tags });
    this.hub.push({
      event: "conversation_changed",
      conversation_id: row.id,
      by: { kind: "agent", id: this.hub.me.id },
      patch: { tags },
      lines: [],
    });
  }

  private list(): TagRow[] {
    const used = [...this.hub.rows.values()].flatMap((one) => one.tags);
    return [...new Set([...used, ...this.colours.keys()])].sort().map((name) => {
      const colour = this.colours.get(name);
      return { name, conversations: used.filter((one) => one === name).length, ...(colour ? { colour } : {}) };
    });
  }
}
