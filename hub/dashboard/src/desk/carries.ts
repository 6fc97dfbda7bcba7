/**
 * What a channel can carry, and what of a draft it cannot: said while one writes, for the hub would say it only when the
 * message has not gone out.
 */
import {
  ATTACHMENT_BYTES,
  type Channel,
  type ChannelCapabilities,
  type Inbox,
  MESSAGE_ATTACHMENTS,
  MESSAGE_TEXT_CHARS,
} from "@switchboard/protocol";
import type { Upload } from "./uploads";

/** The hub's own bounds: web chat, and notes whatever the channel is. */
export const CHAT: ChannelCapabilities = {
  rich_text: false,
  files: MESSAGE_ATTACHMENTS,
  file_bytes: MESSAGE_ATTACHMENTS * ATTACHMENT_BYTES,
  text_chars: MESSAGE_TEXT_CHARS,
  subject: false,
  typing: true,
  receipts: "read",
  threads: "person",
  writes_first: false,
  segments: false,
  answers: true,
};

/** Until a channel has said what it carries: a text, which all of them do. */
const TEXT: ChannelCapabilities = {
  ...CHAT,
  files: 0,
  file_bytes: 0,
  typing: false,
  receipts: "nothing",
  answers: false,
};

export function carriesOf(inbox: Pick<Inbox, "carries"> | undefined, channel: Channel): ChannelCapabilities {
  const carries = inbox?.carries;
  if (!carries) return channel === "web" ? CHAT : TEXT;
  return {
    ...carries,
    files: Math.min(carries.files, CHAT.files),
    file_bytes: Math.min(carries.file_bytes, CHAT.file_bytes),
    text_chars: Math.min(carries.text_chars, CHAT.text_chars),
  };
}

/** Why a draft cannot go as it is. */
export type Cannot =
  | { readonly why: "noFiles" }
  | { readonly why: "files"; readonly most: number }
  | { readonly why: "kind"; readonly name: string }
  | { readonly why: "bytes"; readonly most: number; readonly are: number }
  | { readonly why: "chars"; readonly most: number; readonly over: number };

/** What telephones take with a message (MMS), as the hub knows it (connectors/sms, `pictures.rs`). */
const BY_MMS: ReadonlySet<string> = new Set([
  "image/jpeg",
  "image/png",
  "image/gif",
  "application/pdf",
  "audio/mp4",
  "audio/mpeg",
  "audio/ogg",
  "text/vcard",
  "video/3gpp",
  "video/mp4",
  "video/quicktime",
]);

/** A file of a draft. `kind`: what the hub has found it to be, once it has it. */
export interface DraftFile {
  readonly name: string;
  readonly size: number;
  readonly kind: string | undefined;
}

export function draftFile({ file, done }: Pick<Upload, "file" | "done">): DraftFile {
  return { name: file.name, size: file.size, kind: done?.media_type };
}

export function cannot(
  carries: ChannelCapabilities,
  channel: Channel,
  { text, files }: { readonly text: string; readonly files: readonly DraftFile[] },
): Cannot | null {
  const { files: most, file_bytes, text_chars } = carries;
  if (files.length > 0 && most === 0) return { why: "noFiles" };
  if (files.length > most) return { why: "files", most };
  const strange = channel === "sms" && files.find(({ kind }) => kind !== undefined && !BY_MMS.has(kind));
  if (strange) return { why: "kind", name: strange.name };
  const are = files.reduce((sum, { size }) => sum + size, 0);
  if (are > file_bytes) return { why: "bytes", most: file_bytes, are };
  const over = charsIn(text) - text_chars;
  return over > 0 ? { why: "chars", most: text_chars, over } : null;
}

/** As the hub counts them: a sign of two halves is one. */
export function charsIn(text: string): number {
  let chars = text.length;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit >= 0xd800 && unit <= 0xdbff) chars -= 1;
  }
  return chars;
}
