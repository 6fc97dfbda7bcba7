/** What else the customer has asked. */
import { useSignal } from "@preact/signals";
import type { ApiError, ConversationRow } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/desk";
import { Moment } from "@switchboard/ui/moment";
import { useEffect } from "preact/hooks";
import { useDesk } from "../../context";
import { apiError } from "../../net/errors";
import { linkTo, listPath } from "../../router";
import { takePage } from "../../state/snapshots";
import { Missing, Section } from "./parts";

/** Other conversations that are shown, the newest first; the rest are found by a search. */
const PREVIOUS_ROWS = 10;

export function Previous({ row }: { readonly row: ConversationRow }) {
  const desk = useDesk();
  const found = useSignal<readonly ConversationRow[] | null>(null);
  const failed = useSignal<ApiError | null>(null);
  const tries = useSignal(0);
  const { id: contact } = row.contact;
  useEffect(() => {
    found.value = null;
    failed.value = null;
    let current = true;
    desk.api("GET /api/conversations", { query: { contact, limit: PREVIOUS_ROWS + 1 } }).then(
      (page) => {
        if (!current) return;
        const taken = takePage(desk.core.state, page);
        if (taken.kind === "current") desk.core.publish(taken.touched);
        found.value = page.rows.filter((one) => one.id !== row.id).slice(0, PREVIOUS_ROWS);
      },
      (cause) => {
        if (current) failed.value = apiError(cause);
      },
    );
    return () => {
      current = false;
    };
  }, [row.id, contact, tries.value]);
  const { status } = desk.connection.value;
  useEffect(() => {
    if (status === "live" && failed.value?.code === "unavailable") tries.value += 1;
  }, [status]);
  return (
    <Section title={t("panel.previous")}>
      {failed.value && <Missing error={failed.value} again={() => (tries.value += 1)} />}
      {found.value?.length === 0 && <p class="dk-muted">{t("panel.previousNone")}</p>}
      {found.value?.map((one) => (
        <a key={one.id} class="dk-previous" {...linkTo(listPath({ folder: "inbox", sort: "activity" }, one.id))}>
          <span class="dk-cut">{one.subject ?? one.preview?.text ?? one.case_number}</span>
          <span class="dk-muted">{t(`status.${one.status}`)}</span>
          <Moment at={one.last_activity_at} class="dk-muted sb-figures" />
        </a>
      ))}
    </Section>
  );
}
