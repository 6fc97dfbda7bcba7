/** A file of a message. Its bytes are fetched with the visitor's token and shown by a blob's URL: no token in a URL. */

import { useSignal } from "@preact/signals";
import type { Attachment } from "@switchboard/protocol";
import { bytes as said } from "@switchboard/ui/i18n";
import { t } from "@switchboard/ui/i18n/panel";
import { useEffect, useRef } from "preact/hooks";

import { Icon } from "../parts/icon";

/** The browser reads what is saved after the click: so long it must be there, ms. */
const READ_MS = 60_000;

async function fetchBlob(id: string, token: string): Promise<string | undefined> {
  const response = await fetch(`/api/visitor/attachments/${id}`, { headers: { Authorization: `Bearer ${token}` } });
  return response.ok ? URL.createObjectURL(await response.blob()) : undefined;
}

export function File({ attachment, token }: { attachment: Attachment; token: () => string }) {
  return attachment.picture ? (
    <Picture attachment={attachment} token={token} />
  ) : (
    <Other attachment={attachment} token={token} />
  );
}

function Picture({ attachment, token }: { attachment: Attachment; token: () => string }) {
  const { id, name } = attachment;
  const url = useSignal<string | undefined>(undefined);
  const failed = useSignal(false);
  const whole = useRef<HTMLDialogElement>(null);

  useEffect(() => {
    let gone = false;
    void fetchBlob(id, token())
      .catch(() => undefined)
      .then((made) => {
        if (gone && made) URL.revokeObjectURL(made);
        else url.value = made;
        failed.value = !made;
      });
    return () => {
      gone = true;
      if (url.peek()) URL.revokeObjectURL(url.peek() ?? "");
    };
  }, [id]);

  // It cannot be shown; it can still be asked for.
  if (failed.value) return <Other attachment={attachment} token={token} />;
  return (
    <>
      <button
        type="button"
        class="picture"
        aria-label={t("attachment.open", { name })}
        onClick={() => whole.current?.showModal()}
      >
        {url.value && <img src={url.value} alt={name} />}
      </button>
      <dialog ref={whole} class="whole" aria-label={name} onKeyDown={(event) => event.stopPropagation()}>
        <button type="button" class="round" aria-label={t("action.close")} onClick={() => whole.current?.close()}>
          <Icon of="close" />
        </button>
        {url.value && <img src={url.value} alt={name} />}
      </dialog>
    </>
  );
}

function Other({ attachment, token }: { attachment: Attachment; token: () => string }) {
  const { id, name, bytes } = attachment;
  async function save() {
    const url = await fetchBlob(id, token()).catch(() => undefined);
    if (!url) return;
    const link = document.createElement("a");
    link.href = url;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), READ_MS);
  }
  return (
    <button type="button" class="tile" onClick={save}>
      <Icon of="save" />
      <span class="tile-words">
        <b>{name}</b>
        <small>{said(bytes)}</small>
      </span>
    </button>
  );
}
