/** What concerns the one who is signed in, and how they want to be told, as the hub in memory has it. */
import type {
  Notification,
  NotificationChoice,
  NotificationChoices,
  NotificationKind,
  ReadNotifications,
} from "@switchboard/protocol";
import type { Answer, FakeHub } from "./fake-hub";

const KINDS: readonly NotificationKind[] = ["assigned", "mention", "answered", "new_conversation", "reminder_due"];

export class FakeNotices {
  rows: Notification[] = [];
  choices: NotificationChoice[] = KINDS.map((kind) => {
    const on = kind !== "new_conversation";
    return { kind, app: on, sound: on, desktop: on };
  });

  constructor(private readonly hub: FakeHub) {}

  answer(method: string, what: string, body: unknown): Answer {
    if (method === "GET") {
      const at = { epoch: "fake", position: this.hub.position };
      return { status: 200, body: { rows: this.rows, choices: this.choices, at } };
    }
    if (what === "read") {
      const { conversation_id: of } = body as ReadNotifications;
      this.rows = this.rows.map((one) => ({
        ...one,
        read: one.read || of === undefined || of === one.conversation_id,
      }));
      this.hub.push({ event: "notifications_read", conversation_id: of ?? null });
      return { status: 204 };
    }
    for (const choice of (body as NotificationChoices).choices)
      this.choices = this.choices.map((one) => (one.kind === choice.kind ? choice : one));
    this.hub.push({ event: "notification_choices_changed", choices: this.choices });
    return { status: 200, body: { choices: this.choices } };
  }

  /** Of this conversation, now. */
  tells(kind: NotificationKind, id: string, by: Notification["by"]): void {
    const told = this.of(kind, id, by);
    this.rows = [told, ...this.rows.filter((one) => one.kind !== kind || one.conversation_id !== id)];
    this.hub.push({ event: "notified", notification: told });
  }

  of(kind: NotificationKind, id: string, by: Notification["by"]): Notification {
    const row = this.hub.rows.get(id);
    if (!row) throw new Error(`no conversation ${id}`);
    const { contact, case_number, subject, preview, last_number: number } = row;
    const at = this.hub.now();
    return { kind, conversation_id: id, number, at, by, read: false, contact, case_number, subject, preview };
  }
}
