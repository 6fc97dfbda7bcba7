/** The messages of a channel that have not gone out, with the way to each. Asked for when somebody wants to see them. */
import { useSignal } from "@preact/signals";
import type { ApiError, HeldMessage, HeldMessages, InboxId } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { t } from "@switchboard/ui/i18n/channels";
import { Moment } from "@switchboard/ui/moment";
import { useDesk } from "../../../context";
import { apiError } from "../../../net/errors";
import { linkTo, listPath } from "../../../router";
import { deliveryNote, errorText } from "../../../words";

export function Held({ inbox }: { readonly inbox: InboxId }) {
  const desk = useDesk();
  const found = useSignal<HeldMessages | null>(null);
  const failed = useSignal<ApiError | null>(null);
  const busy = useSignal(false);
  const show = async (): Promise<void> => {
    busy.value = true;
    failed.value = null;
    try {
      found.value = await desk.api("GET /api/inboxes/{id}/channel/held", { id: inbox });
    } catch (cause) {
      failed.value = apiError(cause);
    } finally {
      busy.value = false;
    }
  };
  if (found.value === null)
    return (
      <div>
        <Button size="small" busy={busy.value} onClick={() => void show()}>
          {t("inbox.showHeld")}
        </Button>
        {failed.value && <p role="alert">{errorText(failed.value)}</p>}
      </div>
    );
  const { messages, more } = found.value;
  return (
    <>
      {messages.length === 0 && <p class="dk-muted">{t("inbox.heldNone")}</p>}
      <ul class="dk-held">
        {messages.map((one) => (
          <One key={one.message_id} of={one} />
        ))}
      </ul>
      {more && <p class="dk-muted">{t("inbox.heldMore")}</p>}
    </>
  );
}

function One({ of }: { readonly of: HeldMessage }) {
  const path = listPath({ folder: "inbox", sort: "activity" }, of.conversation_id);
  const who = of.contact.name ?? of.contact.address;
  const note = deliveryNote(of.delivery, of.note);
  return (
    <li>
      <a {...linkTo(path)}>
        <bdi>{who ?? of.case_number}</bdi>
        {who !== undefined && (
          <>
            {" · "}
            <bdi>{of.case_number}</bdi>
          </>
        )}
      </a>{" "}
      <span class={of.delivery === "queued" ? "dk-muted" : "dk-health__wrong"}>
        {t(
          of.delivery === "queued"
            ? "inbox.heldWaits"
            : of.delivery === "failed"
              ? "inbox.heldFailed"
              : "inbox.heldUnsure",
        )}
      </span>
      <span class="dk-muted">
        {" · "}
        <Moment at={of.at} class="sb-figures" />
      </span>
      {note !== undefined && (
        <p class="dk-muted">
          <bdi>{note}</bdi>
        </p>
      )}
    </li>
  );
}
