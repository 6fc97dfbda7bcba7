/**
 * Files of each conversation's draft, on their way up or waiting to go along. They stay when one looks at another
 * conversation meanwhile; a reload loses them, as the browser loses the files.
 */
import { type ReadonlySignal, signal } from "@preact/signals";
import { type ApiError, ATTACHMENT_BYTES, type Attachment, type ConversationId } from "@switchboard/protocol";
import { apiError } from "../net/errors";

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
  /** They have gone with their message. */
  clear(id: ConversationId): void;
  /** Nothing goes on after the desk is left. */
  stop(): void;
}

export function makeUploads(send: SendFile, newId: () => string): Uploads {
  const of = signal<ReadonlyMap<ConversationId, readonly Upload[]>>(new Map());
  const stops = new Map<string, AbortController>();

  function change(id: ConversationId, next: (list: readonly Upload[]) => readonly Upload[]): void {
    const list = next(of.value.get(id) ?? []);
    const all = new Map(of.value);
    if (list.length === 0) all.delete(id);
    else all.set(id, list);
    of.value = all;
  }

  function set(id: ConversationId, key: string, patch: Partial<Upload>): void {
    change(id, (list) => list.map((one) => (one.key === key ? { ...one, ...patch } : one)));
  }

  function begin(id: ConversationId, key: string, file: File): void {
    const stop = new AbortController();
    stops.set(key, stop);
    send(file, (share) => set(id, key, { share }), stop.signal)
      .then(
        (done) => set(id, key, { done, share: 1 }),
        (cause) => set(id, key, { failed: apiError(cause) }),
      )
      .finally(() => stops.delete(key));
  }

  function release({ key, preview }: Upload): void {
    stops.get(key)?.abort();
    if (preview !== undefined) URL.revokeObjectURL(preview);
  }

  return {
    of,
    add(id, file) {
      const key = newId();
      const refused: ApiError | null = file.size > ATTACHMENT_BYTES ? { code: "too_large", message: "" } : null;
      const preview = PICTURES.has(file.type) ? URL.createObjectURL(file) : undefined;
      change(id, (list) => [...list, { key, file, share: 0, done: null, failed: refused, preview }]);
      if (!refused) begin(id, key, file);
    },
    again(id, key) {
      const one = of.value.get(id)?.find((each) => each.key === key);
      if (!(one?.file instanceof File)) return;
      set(id, key, { failed: null, share: 0 });
      begin(id, key, one.file);
    },
    restore(id, attachments) {
      const restored = attachments.map((done) => ({
        key: newId(),
        file: { name: done.name, type: done.media_type, size: done.bytes },
        share: 1,
        done,
        failed: null,
        preview: undefined,
      }));
      change(id, (list) => [...list, ...restored]);
    },
    remove(id, key) {
      change(id, (list) => {
        for (const one of list) if (one.key === key) release(one);
        return list.filter((one) => one.key !== key);
      });
    },
    clear(id) {
      change(id, (list) => {
        list.forEach(release);
        return [];
      });
    },
    stop() {
      for (const list of of.value.values()) list.forEach(release);
      of.value = new Map();
    },
  };
}
