/** Files of a draft as the composer shows them, and what of a draft cannot go. */
import type { Channel } from "@switchboard/protocol";
import type { UploadState } from "@switchboard/ui/attachment-tile";
import { bytes } from "@switchboard/ui/i18n";
import { t } from "@switchboard/ui/i18n/desk";
import { toast } from "@switchboard/ui/toast";
import type { Cannot } from "../../desk/carries";
import type { Desk } from "../../desk/desk";
import type { Upload } from "../../desk/uploads";
import { errorText, mayPass } from "../../words";

/** `most`: files that one message takes. */
export function take(desk: Desk, id: string, files: readonly File[], most: number): void {
  const room = most - (desk.uploads.of.value.get(id)?.length ?? 0);
  if (files.length > room) toast({ text: t("composer.attachLimit", { n: most }), tone: "danger" });
  for (const file of files.slice(0, Math.max(0, room))) desk.uploads.add(id, file);
}

/** It failed for want of a connection, and goes up when there is one. */
export function waits({ failed }: Upload, live: boolean): boolean {
  return failed?.code === "unavailable" && !live;
}

/** Why what these go along with waits for its writer: one of them did not go up. */
export function heldByFiles(files: readonly Upload[], live: boolean): string | null {
  const refused = files.find((one) => one.failed !== null);
  if (!refused) return null;
  const { name } = refused.file;
  return waits(refused, live) ? t("composer.fileWaits", { name }) : t("composer.fileHolds", { name });
}

export function tileOf(desk: Desk, id: string, upload: Upload, live: boolean) {
  const { key, file, failed, preview } = upload;
  const state = stateOf(upload, live);
  return {
    key,
    name: file.name,
    mediaType: file.type,
    bytes: file.size,
    // What the hub does not take for a picture is none.
    thumbnail: failed && !mayPass(failed) ? undefined : preview,
    state,
    onRemove: () => desk.uploads.remove(id, key),
    ...(failed && mayPass(failed) && state.kind === "failed" ? { onRetry: () => desk.uploads.again(id, key) } : {}),
  };
}

function stateOf(upload: Upload, live: boolean): UploadState {
  const { file, share, done, failed } = upload;
  if (waits(upload, live)) return { kind: "waiting", why: t("composer.fileWaits", { name: file.name }) };
  if (failed) return { kind: "failed", why: errorText(failed) };
  return done ? { kind: "done" } : { kind: "running", part: share };
}

/** Why a draft cannot go by this channel as it is, and what to do. */
export function cannotText(what: Cannot | null, by: Channel): string | null {
  const channel = t(`channel.${by}`);
  switch (what?.why) {
    case undefined:
      return null;
    case "noFiles":
      return t("reply.noFiles", { channel });
    case "kind":
      return t("reply.notByMms", { name: what.name });
    case "files":
      return t("reply.fewerFiles", { n: what.most });
    case "bytes":
      return t("reply.smaller", { size: bytes(what.are), limit: bytes(what.most) });
    case "chars":
      return t("reply.tooLong", { n: what.over });
  }
}
