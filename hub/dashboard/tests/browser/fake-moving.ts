/** What the hub does with messages that are moved by hand, as far as a page can tell. */
import type { CaseLink, ConversationPatch, ConversationRow, Message, SystemLine } from "@switchboard/protocol";
import { patched } from "../../src/state/model";
import type { Answer, FakeHub } from "./fake-hub";

export class FakeMoving {
  private made = 0;

  constructor(private readonly hub: FakeHub) {}

  answer(method: string, path: string, { number = 0, and_after = false }): Answer {
    const [, , , id = "", part, other = ""] = path.split("/");
    if (part === "split") return this.split(id, number, and_after);
    return method === "PUT" ? this.merge(id, other) : this.separate(id, other);
  }

  private split(id: string, number: number, after: boolean): Answer {
    const from = this.row(id);
    this.made += 1;
    const row: ConversationRow = { ...from, id: `S${this.made}`, number: 9100 + this.made, last_number: 0 };
    row.case_number = `SB-${row.number}`;
    this.hub.rows.set(row.id, row);
    this.hub.messages.set(row.id, []);
    this.hub.push({ event: "conversation_created", conversation: row, messages: [] });
    this.line(row.id, { kind: "split_from", from: link(from) });
    this.move(id, row.id, (one) => one.number === number || (after && one.number > number));
    return { status: 201, body: this.row(row.id) };
  }

  private merge(id: string, other: string): Answer {
    const into = this.row(id);
    this.line(id, { kind: "merged", from: link(this.row(other)), messages: 1 });
    this.move(other, id, () => true);
    this.line(other, { kind: "merged_into", into: link(into) }, { status: "closed", merged_into: link(into) });
    return { status: 200, body: this.row(id) };
  }

  private separate(id: string, other: string): Answer {
    const stood = this.of(other).flatMap(({ line }) => (line?.kind === "message_moved" ? [line.message_id] : []));
    this.move(id, other, (one) => stood.includes(one.id));
    this.line(other, { kind: "separated", from: link(this.row(id)) }, { status: "open", merged_into: null });
    return { status: 200, body: this.row(other) };
  }

  /** Those that come back take the places of their lines. */
  private move(from: string, to: string, which: (message: Message) => boolean): void {
    for (const message of this.of(from).filter((one) => one.kind !== "system" && which(one))) {
      const place = this.of(to).find(({ line }) => line?.kind === "message_moved" && line.message_id === message.id);
      const number = place?.number ?? this.row(to).last_number + 1;
      const there: Message = { ...message, conversation_id: to, number };
      const said: SystemLine = { kind: "message_moved", message_id: message.id, to: link(this.row(to)) };
      const line = this.lineOf(from, message.number, said);
      this.hub.messages.set(
        from,
        this.of(from).map((one) => (one === message ? line : one)),
      );
      const others = this.of(to).filter((one) => one !== place);
      this.hub.messages.set(
        to,
        [...others, there].sort((a, b) => a.number - b.number),
      );
      this.patch(to, { last_number: Math.max(number, this.row(to).last_number) });
      this.hub.push({ event: "message_moved", message: there, line });
    }
  }

  private line(id: string, said: SystemLine, patch: ConversationPatch = {}): void {
    const line = this.lineOf(id, this.row(id).last_number + 1, said);
    const whole = { ...patch, last_number: line.number };
    this.of(id).push(line);
    this.patch(id, whole);
    this.hub.push({ event: "conversation_changed", conversation_id: id, by: line.author, patch: whole, lines: [line] });
  }

  private lineOf(id: string, number: number, line: SystemLine): Message {
    this.made += 1;
    const author = { kind: "agent", id: this.hub.me.id } as const;
    const key = `line-${this.made}`;
    return { id: key, conversation_id: id, number, kind: "system", author, at: this.hub.now(), text: "", line };
  }

  private patch(id: string, patch: ConversationPatch): void {
    this.hub.rows.set(id, patched(this.row(id), patch));
  }

  private row(id: string): ConversationRow {
    return this.hub.rows.get(id) as ConversationRow;
  }

  private of(id: string): Message[] {
    return this.hub.messages.get(id) ?? [];
  }
}

function link({ id, case_number }: ConversationRow): CaseLink {
  return { id, case_number };
}
