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
  /** Why they are not known, or not anew. */
  readonly error: ReadonlySignal<ApiError | null>;
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
  /** Asks, if what is known is nothing, or older than what was last asked for. */
  want(): void;
  /** It may no longer be this person's to know. */
  forget(): void;
}

export function makeNotices(core: Core): Notices {
  const list = signal<readonly Notification[] | null>(null);
  const choices = signal<readonly NotificationChoice[]>([]);
  const listeners = new Set<(told: Notification, choice: NotificationChoice) => void>();
  const error = signal<ApiError | null>(null);
  /** What came while the hub was asked, for each time that it is asked: newer than the answer, perhaps. */
  const meanwhile = new Set<AgentEventFrame[]>();
  /** The last time that it was asked; only that answer counts. */
  let latest = 0;
  let known = false;

  async function load(): Promise<void> {
    latest += 1;
    const mine = latest;
    const came: AgentEventFrame[] = [];
    meanwhile.add(came);
    known = false;
    error.value = null;
    try {
      const all = await core.api("GET /api/notifications");
      if (mine !== latest) return;
      known = true;
      list.value = all.rows;
      choices.value = all.choices;
      for (const frame of came) if (frame.position > all.at.position) apply(frame);
    } catch (cause) {
      // The next connection asks again, and whoever looks.
      if (mine === latest) error.value = apiError(cause);
    } finally {
      meanwhile.delete(came);
    }
  }

  function choiceOf(kind: Notification["kind"]): NotificationChoice | undefined {
    return choices.value.find((one) => one.kind === kind);
  }

  function mark(read: boolean, which: (one: Notification) => boolean): void {
    list.value = list.value?.map((one) => (one.read === read || !which(one) ? one : { ...one, read })) ?? null;
  }

  function put(choice: NotificationChoice): void {
    choices.value = choices.value.map((one) => (one.kind === choice.kind ? choice : one));
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
        return mark(true, (one) => frame.conversation_id === null || one.conversation_id === frame.conversation_id);
      case "read_changed":
        return mark(true, (one) => one.conversation_id === frame.conversation_id && one.number <= frame.number);
      case "conversation_removed":
        list.value = list.value?.filter((one) => one.conversation_id !== frame.conversation_id) ?? null;
        return;
      case "notification_choices_changed":
        choices.value = frame.choices;
        return;
      default:
        return;
    }
  }

  return {
    list,
    error,
    choices,
    unread: computed(() => list.value?.filter((one) => !one.read).length ?? 0),
    onTold(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    take(frame) {
      for (const came of meanwhile) came.push(frame);
      apply(frame);
      if (frame.event !== "notified" || core.clock() - frame.at > FRESH_MS) return;
      const choice = choiceOf(frame.notification.kind);
      if (choice) for (const listener of listeners) listener(frame.notification, choice);
    },
    load,
    want() {
      if (!known && meanwhile.size === 0) void load();
    },
    forget() {
      list.value = null;
    },
    async seen(of) {
      const marked = new Set(
        list.value?.filter((one) => !one.read && (of === null || one.conversation_id === of)).map(nameOf),
      );
      mark(true, (one) => marked.has(nameOf(one)));
      try {
        await core.api("POST /api/notifications/read", { body: of === null ? {} : { conversation_id: of } });
        return null;
      } catch (cause) {
        // Those and no others: what has come meanwhile stays.
        mark(false, (one) => marked.has(nameOf(one)));
        return apiError(cause);
      }
    },
    async choose(choice) {
      const before = choiceOf(choice.kind);
      put(choice);
      try {
        const { choices: now } = await core.api("PUT /api/notifications/choices", { body: { choices: [choice] } });
        const kept = now.find((one) => one.kind === choice.kind);
        if (kept) put(kept);
        return null;
      } catch (cause) {
        if (before) put(before);
        return apiError(cause);
      }
    },
  };
}

/** One time that one was told: told anew of the same is another. */
function nameOf({ conversation_id, kind, at }: Notification): string {
  return `${conversation_id} ${kind} ${at}`;
}
