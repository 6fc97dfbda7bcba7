/** What else the customer has asked. */
import { useSignal } from "@preact/signals";
import type { ApiError, ConversationRow } from "@switchboard/protocol";
import { CHANNEL_ICONS } from "@switchboard/ui/avatar";
import { t } from "@switchboard/ui/i18n/desk";
import { Icon } from "@switchboard/ui/icon";
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
  // More of them, or fewer, when cards are merged or separated.
  const known = desk.contact(contact).value?.identities.length ?? 0;
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
  }, [row.id, contact, known, tries.value]);
  const { status } = desk.connection.value;
  useEffect(() => {
    if (status === "live" && failed.value?.code === "unavailable") tries.value += 1;
  }, [status]);
  return (
    <Section title={t("panel.previous")}>
      {failed.value && <Missing error={failed.value} again={() => (tries.value += 1)} />}
      {found.value?.length === 0 && <p class="dk-muted">{t("panel.previousNone")}</p>}
      {found.value?.map((one) => (
        <PreviousRow key={one.id} row={one} />
      ))}
    </Section>
  );
}

export function PreviousRow({ row }: { readonly row: ConversationRow }) {
  return (
    <a class="dk-previous" {...linkTo(listPath({ folder: "inbox", sort: "activity" }, row.id))}>
      <Icon of={CHANNEL_ICONS[row.channel]} label={t(`channel.${row.channel}`)} />
      <bdi class="dk-cut">{firstOf(row)}</bdi>
      <Moment at={row.last_activity_at} class="dk-muted sb-figures" />
      <span class="dk-previous__case dk-muted dk-cut">
        <bdi>{row.case_number}</bdi>
        {" · "}
        {t(`status.${row.status}`)}
      </span>
    </a>
  );
}

/** What it is about, or its last words; of files alone, how many they are. */
function firstOf({ subject, preview }: ConversationRow): string {
  const { text = "", attachments = 0 } = preview ?? {};
  if (subject || text) return subject || text;
  return attachments > 0 ? t("attachments", { n: attachments }) : t("row.noMessages");
}
