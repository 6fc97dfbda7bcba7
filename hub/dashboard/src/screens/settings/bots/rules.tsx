/** What the bots of an inbox do when people answer, and who of them is asked first. */
import { useSignal } from "@preact/signals";
import type { BotRules, Inbox } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { Checkbox } from "@switchboard/ui/checkbox";
import { Select, TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/channels";
import { locale } from "@switchboard/ui/ticker";
import { span } from "@switchboard/ui/time";
import { toast } from "@switchboard/ui/toast";
import { useDesk } from "../../../context";
import { Form, FormError, useSending } from "../../../parts/form";
import { text, useAsked, Waiting } from "../parts";
import { InOrder } from "./in-order";
import { useBots } from "./use-bots";
import "./bots.css";

/** For how long somebody's answer may keep them out, minutes; 0: not at all. */
const QUIET = [0, 15, 60, 480, 1_440] as const;
/** Seconds (`BOT_PATIENCE_SECONDS` of the hub). */
const PATIENCE = 30;
const UNDONE = "undone";

/** Nothing where there is no bot at all. */
export function BotRulesPart({ inbox }: { readonly inbox: Inbox }) {
  return useDesk().house.value.bots.size > 0 ? <Rules inbox={inbox} /> : null;
}

function Rules({ inbox }: { readonly inbox: Inbox }) {
  const { api } = useDesk();
  const asked = useAsked<BotRules>(() => api("GET /api/inboxes/{id}/bot-rules", { id: inbox.id }));
  const bots = useBots();
  const rules = asked.value.value;
  return (
    <section class="dk-part dk-part--form">
      <h3>{t("bot.rules")}</h3>
      {rules ? (
        <RulesForm inbox={inbox} rules={rules} saved={(next) => (asked.value.value = next)} />
      ) : (
        <Waiting asked={asked} />
      )}
      <InOrder inbox={inbox.id} asked={bots} />
    </section>
  );
}

interface RulesFormProps {
  readonly inbox: Inbox;
  readonly rules: BotRules;
  saved(rules: BotRules): void;
}

function RulesForm({ inbox, rules, saved }: RulesFormProps) {
  const { api } = useDesk();
  const sending = useSending();
  const quiet = useSignal(rules.quiet_minutes);
  const back = useSignal(rules.back_on_close);
  const save = async (form: FormData): Promise<void> => {
    const body: BotRules = {
      quiet_minutes: quiet.value,
      back_on_close: back.value,
      patience_seconds: Number(text(form, "patience")),
    };
    saved(await api("PUT /api/inboxes/{id}/bot-rules", { id: inbox.id, body }));
    toast({ text: t("settings.saved") });
  };
  // What was set elsewhere is offered too.
  const offered = [...new Set([...QUIET, ...(rules.quiet_minutes === null ? [] : [rules.quiet_minutes])])];
  return (
    <Form onSend={(form) => void sending.send(() => save(form))}>
      <Select
        label={t("bot.quiet")}
        value={quiet.value === null ? UNDONE : String(quiet.value)}
        options={[
          ...offered.sort((a, b) => a - b).map((minutes) => ({ value: String(minutes), label: quietFor(minutes) })),
          { value: UNDONE, label: t("bot.quietUndone") },
        ]}
        error={sending.fieldError("quiet_minutes")}
        onChange={({ currentTarget: { value } }) => (quiet.value = value === UNDONE ? null : Number(value))}
      />
      <Checkbox label={t("bot.backOnClose")} checked={back.value} onChange={(yes) => (back.value = yes)} />
      <TextField
        label={t("bot.patience")}
        help={t("bot.patienceHelp", { n: PATIENCE })}
        name="patience"
        type="number"
        min={1}
        max={PATIENCE}
        required
        defaultValue={String(rules.patience_seconds)}
        error={sending.fieldError("patience_seconds")}
      />
      <FormError sending={sending} />
      <div class="dk-form__foot">
        <Button type="submit" busy={sending.busy}>
          {t("settings.save")}
        </Button>
      </div>
    </Form>
  );
}

function quietFor(minutes: number): string {
  return minutes === 0 ? t("bot.quietNot") : t("bot.quietFor", { time: span(minutes * 60_000, locale.value.language) });
}
