/**
 * What concerns this person: the list behind the bell, and how they want to be told. It comes from the hub once and goes on by
 * events. Not here: what is heard and seen of it (parts/ring).
 */
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type {
  AgentEventFrame,
  ApiError,
  ConversationId,
  Notification,
  NotificationChoice,
} from "@switchboard/protocol";
import { apiError } from "../net/errors";
import type { Core } from "./core";

/** What is older when it comes is told in the list alone, milliseconds: a page that was offline does not ring for hours past. */
const FRESH_MS = 60_000;
/** As many as the hub lists. */
const LISTED = 100;

export interface Notices {
  /** Newest first; null: not known yet. */
  readonly list: ReadonlySignal<readonly Notification[] | null>;
  readonly unread: ReadonlySignal<number>;
  /** Of every kind, once known. */
  readonly choices: ReadonlySignal<readonly NotificationChoice[]>;
  /** Hears what has just happened, with how the person wants to be told. */
  onTold(listener: (told: Notification, choice: NotificationChoice) => void): () => void;
  /** Those of one conversation were seen, or all. Null when the hub has it, or why not. */
  seen(of: ConversationId | null): Promise<ApiError | null>;
  choose(choice: NotificationChoice): Promise<ApiError | null>;
  take(frame: AgentEventFrame): void;
  load(): Promise<void>;
  /** It may no longer be this person's to know. */
  forget(): void;
}

export function makeNotices(core: Core): Notices {
  const list = signal<readonly Notification[] | null>(null);
  const choices = signal<readonly NotificationChoice[]>([]);
  const listeners = new Set<(told: Notification, choice: NotificationChoice) => void>();
  /** What came while the hub was asked: newer than the answer, perhaps. */
  let meanwhile: AgentEventFrame[] | null = null;

  function choiceOf(kind: Notification["kind"]): NotificationChoice | undefined {
    return choices.value.find((one) => one.kind === kind);
  }

  function read(which: (one: Notification) => boolean): void {
    list.value = list.value?.map((one) => (one.read || !which(one) ? one : { ...one, read: true })) ?? null;
  }

  function apply(frame: AgentEventFrame): void {
    switch (frame.event) {
      case "notified": {
        const { notification: told } = frame;
        if (list.value === null || choiceOf(told.kind)?.app === false) return;
        const others = list.value.filter(
          (one) => one.kind !== told.kind || one.conversation_id !== told.conversation_id,
        );
        list.value = [told, ...others].slice(0, LISTED);
        return;
      }
      case "notifications_read":
        return read((one) => frame.conversation_id === null || one.conversation_id === frame.conversation_id);
      case "read_changed":
        return read((one) => one.conversation_id === frame.conversation_id && one.number <= frame.number);
      case "notification_choices_changed":
        choices.value = frame.choices;
        return;
      default:
        return;
    }
  }

  return {
    list,
    choices,
    unread: computed(() => list.value?.filter((one) => !one.read).length ?? 0),
    onTold(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    take(frame) {
      meanwhile?.push(frame);
      apply(frame);
      if (frame.event !== "notified" || core.clock() - frame.at > FRESH_MS) return;
      const choice = choiceOf(frame.notification.kind);
      if (choice) for (const listener of listeners) listener(frame.notification, choice);
    },
    async load() {
      meanwhile = [];
      try {
        const all = await core.api("GET /api/notifications");
        list.value = all.rows;
        choices.value = all.choices;
        for (const frame of meanwhile) if (frame.position > all.at.position) apply(frame);
      } catch {
        // The next connection asks again.
      }
      meanwhile = null;
    },
    forget() {
      list.value = null;
    },
    async seen(of) {
      const before = list.value;
      read((one) => of === null || one.conversation_id === of);
      try {
        await core.api("POST /api/notifications/read", { body: of === null ? {} : { conversation_id: of } });
        return null;
      } catch (cause) {
        list.value = before;
        return apiError(cause);
      }
    },
    async choose(choice) {
      const before = choices.value;
      choices.value = before.map((one) => (one.kind === choice.kind ? choice : one));
      try {
        const { choices: now } = await core.api("PUT /api/notifications/choices", { body: { choices: [choice] } });
        choices.value = now;
        return null;
      } catch (cause) {
        choices.value = before;
        return apiError(cause);
      }
    },
  };
}
