/** The files of what is being written. */

import { bytes } from "@switchboard/ui/i18n";
import { t } from "@switchboard/ui/i18n/panel";

import type { Draft } from "../draft";
import { Icon } from "../parts/icon";
import type { Upload } from "../uploads";

export function Uploads({ draft }: { draft: Draft }) {
  return (
    <ul class="uploads">
      {draft.uploads.value.map((upload) => (
        <Tile key={upload} upload={upload} draft={draft} />
      ))}
    </ul>
  );
}

function Tile({ upload, draft }: { upload: Upload; draft: Draft }) {
  const { name, preview, percent } = upload;
  const outcome = upload.outcome.value;
  const waits = draft.waits(upload);
  const failed = !waits && outcome?.failed;
  return (
    <li class={failed ? "tile failed" : "tile"}>
      {preview.value ? (
        // What only calls itself a picture cannot be drawn.
        <img src={preview.value} alt="" onError={() => (preview.value = undefined)} />
      ) : (
        <Icon of="file" />
      )}
      <span class="tile-words">
        <b>{name}</b>
        <small>
          {failed ||
            (waits
              ? t("delivery.waiting")
              : outcome
                ? bytes(upload.bytes)
                : t("attachment.uploading", { percent: percent.value }))}
        </small>
        {!outcome && <progress max={100} value={percent.value} aria-label={name} />}
      </span>
      {failed && outcome.passing && (
        <button type="button" class="retry" onClick={upload.again}>
          {t("action.retry")}
        </button>
      )}
      <button
        type="button"
        class="round small"
        aria-label={t("attachment.remove", { name })}
        onClick={() => draft.remove(upload)}
      >
        <Icon of="close" size={16} />
      </button>
    </li>
  );
}
