/** Files of a draft as the composer shows them. */
import type { UploadState } from "@switchboard/ui/attachment-tile";
import { t } from "@switchboard/ui/i18n/desk";
import { toast } from "@switchboard/ui/toast";
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
