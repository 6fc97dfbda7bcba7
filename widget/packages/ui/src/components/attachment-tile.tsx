// A file: a picture shown small, a voice or a film with what plays it, anything else by name and size; while it goes up, how far; if it failed, again.

import {
  File,
  FileArchive,
  FileAudio,
  FileSpreadsheet,
  FileText,
  FileVideo,
  type LucideIcon,
  RotateCw,
  X,
} from "lucide-preact";

import { classes } from "../classes";
import { bytes, t } from "../i18n/index";
import { Icon } from "./icon";
import { IconButton } from "./icon-button";
import "./attachment-tile.css";

export type UploadState =
  | { readonly kind: "done" }
  | { readonly kind: "running" /** 0 to 1. */; readonly part: number }
  /** It goes up by itself later. */
  | { readonly kind: "waiting"; readonly why: string }
  | { readonly kind: "failed"; readonly why?: string };

export interface AttachmentTileProps {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  /** Where it opens; absent while there is nothing to open. */
  readonly href?: string | undefined;
  /** A picture to show; given only for kinds that run nothing. */
  readonly thumbnail?: string | undefined;
  readonly state?: UploadState;
  readonly onRemove?: (() => void) | undefined;
  readonly onRetry?: (() => void) | undefined;
}

function iconOf(mediaType: string): LucideIcon {
  const [family, kind = ""] = mediaType.split("/");
  if (family === "audio") return FileAudio;
  if (family === "video") return FileVideo;
  if (/zip|tar|rar|7z|gzip/.test(kind)) return FileArchive;
  if (/sheet|excel|csv/.test(kind)) return FileSpreadsheet;
  return family === "text" || /pdf|word|document/.test(kind) ? FileText : File;
}

function secondLine(size: number, state: UploadState): string {
  if (state.kind === "running") return t("attachment.uploading", { percent: Math.round(state.part * 100) });
  if (state.kind === "waiting") return state.why;
  if (state.kind === "failed") return state.why ?? t("attachment.failed");
  return bytes(size);
}

export function AttachmentTile(props: AttachmentTileProps) {
  const { name, mediaType, bytes: size, href, thumbnail, state = { kind: "done" }, onRemove, onRetry } = props;
  const picture = thumbnail !== undefined && !onRemove;
  const plays = href !== undefined && !onRemove && /^(audio|video)\//.exec(mediaType)?.[1];
  const inner = picture ? (
    <img class="sb-tile__picture" src={thumbnail} alt={name} loading="lazy" decoding="async" />
  ) : (
    <>
      {thumbnail ? (
        <img class="sb-tile__small" src={thumbnail} alt="" />
      ) : (
        <span class="sb-tile__icon">
          <Icon of={iconOf(mediaType)} size={20} />
        </span>
      )}
      <span class="sb-tile__words">
        <bdi class="sb-tile__name">{name}</bdi>
        <span class="sb-tile__meta">{secondLine(size, state)}</span>
      </span>
    </>
  );
  return (
    <span
      class={classes(
        "sb-tile",
        picture && "sb-tile--picture",
        plays && "sb-tile--plays",
        state.kind === "failed" && "sb-tile--failed",
      )}
    >
      {href ? (
        <a class="sb-tile__body" href={href} target="_blank" rel="noopener">
          {inner}
        </a>
      ) : (
        <span class="sb-tile__body">{inner}</span>
      )}
      {state.kind === "failed" && onRetry && (
        <IconButton icon={RotateCw} size="small" label={t("action.retry")} onClick={onRetry} />
      )}
      {onRemove && (
        <IconButton icon={X} size="small" iconSize={14} label={t("attachment.remove", { name })} onClick={onRemove} />
      )}
      {plays === "audio" && (
        // biome-ignore lint/a11y/useMediaCaption: a customer's voice has no captions that we could show.
        <audio class="sb-tile__plays" controls preload="none" src={href} aria-label={name} />
      )}
      {plays === "video" && (
        // biome-ignore lint/a11y/useMediaCaption: a customer's film has no captions that we could show.
        <video class="sb-tile__plays" controls preload="metadata" src={href} aria-label={name} />
      )}
      {state.kind === "running" && <span class="sb-tile__bar" style={{ transform: `scaleX(${state.part})` }} />}
    </span>
  );
}
