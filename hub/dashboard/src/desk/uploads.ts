/**
 * Files of each conversation's draft, on their way up or waiting to go along. They stay when one looks at another
 * conversation meanwhile. What has gone up outlives the page, as long as the hub keeps it; a reload loses what is on its
 * way, as the browser loses the file.
 */
import { type ReadonlySignal, signal } from "@preact/signals";
import {
  type ApiError,
  ATTACHMENT_BYTES,
  type Attachment,
  type ConversationId,
  type ErrorCode,
} from "@switchboard/protocol";
import { apiError } from "../net/errors";
import type { Shelf } from "./shelf";

/** The hub keeps a file that goes along with no message for a day; a little less, so that none is offered in vain, milliseconds. */
const WAITS_MS = 23 * 3_600_000;

export interface Upload {
  readonly key: string;
  /** What is shown of it; the file itself, unless it went up for a message that was not sent. */
  readonly file: Pick<File, "name" | "type" | "size">;
  /** How much has gone up, 0 to 1. */
  readonly share: number;
  readonly done: Attachment | null;
  readonly failed: ApiError | null;
  /** Address of a picture to show while it is here. */
  readonly preview: string | undefined;
}

/** Kinds of pictures that run nothing when they are shown. */
const PICTURES: ReadonlySet<string> = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

export type SendFile = (file: File, progress: (share: number) => void, signal: AbortSignal) => Promise<Attachment>;

export interface Uploads {
  readonly of: ReadonlySignal<ReadonlyMap<ConversationId, readonly Upload[]>>;
  add(id: ConversationId, file: File): void;
  again(id: ConversationId, key: string): void;
  remove(id: ConversationId, key: string): void;
  /** They went up with a message that is written anew. */
  restore(id: ConversationId, attachments: readonly Attachment[]): void;
  /** Puts those there that an earlier page left with the draft. */
  recall(id: ConversationId): void;
  /** Tries again what has failed for want of a connection. */
  connected(): void;
  /** They have gone with their message. */
  clear(id: ConversationId): void;
  /** Nothing goes on after the desk is left. */
  stop(): void;
}

/** A file that has gone up and waits to go along. */
export interface Waiting {
  /** When it went up, unix milliseconds. */
  readonly at: number;
  readonly file: Attachment;
}

export interface UploadsOptions {
  readonly send: SendFile;
  newId(): string;
  /** Unix milliseconds. */
  clock(): number;
  readonly kept: Shelf<readonly Waiting[]>;
  /** There is a connection: what fails by then may go better in a moment. */
  live(): boolean;
  later(work: () => void, ms: number): void;
}

/** Refusals that say nothing of the file: too many at a time, too much to do. */
const PASSING: ReadonlySet<ErrorCode> = new Set(["rate_limited", "overloaded", "unavailable"]);
/** Such a file is tried again this long after, unless the hub says when, then twice as long …, milliseconds. */
const AGAIN_MS = 1_000;
/** … and after so many tries it waits for the person, or for the next connection. */
const TRIES = 6;

export function makeUploads({ send, newId, clock, kept, live, later }: UploadsOptions): Uploads {
  const of = signal<ReadonlyMap<ConversationId, readonly Upload[]>>(new Map());
  const stops = new Map<string, AbortController>();
  /** When each went up, by the hub's name of it. */
  const upAt = new Map<string, number>();
  const recalled = new Set<ConversationId>();

  function keep(id: ConversationId, list: readonly Upload[]): void {
    const waiting = list.flatMap(({ done }) => (done ? [{ at: upAt.get(done.id) ?? clock(), file: done }] : []));
    if (waiting.length === 0) kept.remove(id);
    else kept.put(id, waiting);
  }

  function recall(id: ConversationId): void {
    if (recalled.has(id)) return;
    recalled.add(id);
    const good = (kept.get(id) ?? []).filter(({ at }) => clock() - at < WAITS_MS);
    for (const { at, file } of good) upAt.set(file.id, at);
    restore(
      id,
      good.map(({ file }) => file),
    );
  }

  function restore(id: ConversationId, attachments: readonly Attachment[]): void {
    if (attachments.length > 0) change(id, (list) => [...list, ...attachments.map(uploaded)]);
  }

  function uploaded(done: Attachment): Upload {
    return {
      key: newId(),
      file: { name: done.name, type: done.media_type, size: done.bytes },
      share: 1,
      done,
      failed: null,
      preview: done.picture ? `/api/attachments/${done.id}` : undefined,
    };
  }

  /** Another tab has sent some, taken some out, or has some more. */
  function follow(id: ConversationId, before: readonly Waiting[] = [], after: readonly Waiting[] = []): void {
    // Never looked at here: it is read when it is.
    if (!recalled.has(id)) return;
    const left = new Set(after.map(({ file }) => file.id));
    const gone = new Set(before.map(({ file }) => file.id).filter((one) => !left.has(one)));
    const here = new Set((of.value.get(id) ?? []).map(({ done }) => done?.id));
    const come = after.filter(({ file }) => !here.has(file.id));
    if (gone.size === 0 && come.length === 0) return;
    for (const { at, file } of come) upAt.set(file.id, at);
    change(id, (list) => [
      ...list.filter(({ done }) => !done || !gone.has(done.id)),
      ...come.map(({ file }) => uploaded(file)),
    ]);
  }
  const stopFollowing = kept.elsewhere(follow);

  function again(id: ConversationId, key: string): void {
    const one = of.value.get(id)?.find((each) => each.key === key);
    if (!(one?.file instanceof File)) return;
    set(id, key, { failed: null, share: 0 });
    void begin(id, key, one.file);
  }

  function change(id: ConversationId, next: (list: readonly Upload[]) => readonly Upload[]): void {
    const list = next(of.value.get(id) ?? []);
    const all = new Map(of.value);
    if (list.length === 0) all.delete(id);
    else all.set(id, list);
    of.value = all;
    keep(id, list);
  }

  function set(id: ConversationId, key: string, patch: Partial<Upload>): void {
    // Taken out meanwhile, or the desk was left.
    if (!of.value.get(id)?.some((one) => one.key === key)) return;
    change(id, (list) => list.map((one) => (one.key === key ? { ...one, ...patch } : one)));
  }

  async function begin(id: ConversationId, key: string, file: File, tried = 1): Promise<void> {
    const stop = new AbortController();
    stops.set(key, stop);
    try {
      const done = await send(file, (share) => set(id, key, { share }), stop.signal);
      upAt.set(done.id, clock());
      set(id, key, { done, share: 1 });
    } catch (cause) {
      const failed = apiError(cause);
      if (stop.signal.aborted || tried >= TRIES || !live() || !PASSING.has(failed.code))
        return set(id, key, { failed });
      set(id, key, { share: 0 });
      const wait = failed.retry_after_ms ?? AGAIN_MS * 2 ** (tried - 1);
      later(() => void (stop.signal.aborted || begin(id, key, file, tried + 1)), wait);
    }
  }

  function release({ key, preview }: Upload): void {
    stops.get(key)?.abort();
    stops.delete(key);
    if (preview !== undefined) URL.revokeObjectURL(preview);
  }

  return {
    of,
    add(id, file) {
      recall(id);
      const key = newId();
      const refused: ApiError | null = file.size > ATTACHMENT_BYTES ? { code: "too_large", message: "" } : null;
      const preview = PICTURES.has(file.type) ? URL.createObjectURL(file) : undefined;
      change(id, (list) => [...list, { key, file, share: 0, done: null, failed: refused, preview }]);
      if (!refused) void begin(id, key, file);
    },
    again,
    restore(id, attachments) {
      recall(id);
      restore(id, attachments);
    },
    recall,
    connected() {
      for (const [id, list] of of.value)
        for (const { key, failed } of list) if (failed?.code === "unavailable") again(id, key);
    },
    remove(id, key) {
      change(id, (list) => {
        for (const one of list) if (one.key === key) release(one);
        return list.filter((one) => one.key !== key);
      });
    },
    clear(id) {
      recalled.add(id);
      change(id, (list) => {
        list.forEach(release);
        return [];
      });
    },
    stop() {
      stopFollowing();
      for (const list of of.value.values()) list.forEach(release);
      of.value = new Map();
    },
  };
}
