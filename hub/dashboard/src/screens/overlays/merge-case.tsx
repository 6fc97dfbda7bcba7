/** Into which other conversation of the same customer this one is merged. */
import type { ApiError, ConversationRow } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/more";
import { locale, now } from "@switchboard/ui/ticker";
import { ago } from "@switchboard/ui/time";
import { useEffect, useState } from "preact/hooks";
import { useDesk } from "../../context";
import { apiError } from "../../net/errors";
import { Picker, type PickerItem } from "../../parts/picker";
import { errorText } from "../../words";
import { merge } from "../moving";
import { closeOverlay } from "../overlay";

/** Conversations that are offered, the newest first. */
const OFFERED = 50;
/** Of the last words so many are shown, characters. */
const WORDS = 80;

export function MergeCase({ row }: { readonly row: ConversationRow }) {
  const desk = useDesk();
  const [found, setFound] = useState<readonly ConversationRow[] | null>(null);
  const [failed, setFailed] = useState<ApiError | null>(null);
  useEffect(() => {
    const query = { contact: row.contact.id, inbox: row.inbox_id, limit: OFFERED };
    desk.api("GET /api/conversations", { query }).then(
      (page) => setFound(page.rows.filter((one) => fits(row, one))),
      (cause) => setFailed(apiError(cause)),
    );
  }, [row.id]);
  const items = failed ? [only(errorText(failed))] : found?.length === 0 ? [only(t("moving.none"))] : found?.map(item);
  return (
    <Picker
      label={t("moving.mergeInto")}
      headed
      placeholder={t("moving.find")}
      items={items ?? []}
      close={closeOverlay}
      choose={(id) => {
        const into = found?.find((one) => one.id === id);
        if (into) void merge(desk, row, into);
      }}
    />
  );
}

/** As the hub decides it (`hub/domain/src/moving.rs`). */
function fits(row: ConversationRow, other: ConversationRow): boolean {
  const reached = row.channel === "email" || row.identity_id === other.identity_id;
  const seen = other.place !== "trash" && other.place !== "spam";
  return other.id !== row.id && other.merged_into === undefined && seen && reached;
}

function only(words: string): PickerItem {
  return { id: "", label: words, disabled: true };
}

function item(one: ConversationRow): PickerItem {
  const words = (one.preview?.text ?? "").slice(0, WORDS);
  const label = [one.case_number, one.subject, words].filter(Boolean).join(" · ");
  return { id: one.id, label, hint: ago(one.last_activity_at, now.value, locale.value, t("time.now")) };
}
