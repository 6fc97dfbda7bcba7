/** After how long what is put away is deleted forever. */
import { RETENTION_DAYS, RETENTION_DEFAULT_DAYS, type Retention } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { Checkbox } from "@switchboard/ui/checkbox";
import { TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/more";
import { toast } from "@switchboard/ui/toast";
import { useState } from "preact/hooks";
import { useDesk } from "../../context";
import { Form, FormError, type Sending, useSending } from "../../parts/form";
import { Head, useAsked, Waiting } from "./parts";

type Which = keyof Retention;

export function RetentionSettings() {
  const desk = useDesk();
  const sending = useSending();
  const asked = useAsked(() => desk.api("GET /api/retention"));
  const now = asked.value.value;
  const save = (form: FormData): Promise<void> =>
    sending.send(async () => {
      // A field that is switched off says nothing.
      const days = (name: Which): number | null => (form.has(name) ? Number(form.get(name)) : null);
      const body = { archived_days: days("archived_days"), trash_days: days("trash_days") };
      asked.value.value = await desk.api("PUT /api/retention", { body });
      toast({ text: t("retention.saved") });
    });
  return (
    <>
      <Head title={t("settings.retention")} body={t("retention.body")} />
      {now === null ? (
        <Waiting asked={asked} />
      ) : (
        <div class="dk-narrow">
          <Form onSend={(form) => void save(form)}>
            <Days of="archived_days" label={t("folder.archived")} days={now.archived_days} sending={sending} />
            <Days of="trash_days" label={t("folder.trash")} days={now.trash_days} sending={sending} />
            <FormError sending={sending} />
            <div>
              <Button kind="primary" type="submit" busy={sending.busy}>
                {t("settings.save")}
              </Button>
            </div>
          </Form>
        </div>
      )}
    </>
  );
}

function Days({
  of,
  label,
  days,
  sending,
}: {
  readonly of: Which;
  readonly label: string;
  readonly days: number | null;
  readonly sending: Sending;
}) {
  const [on, setOn] = useState(days !== null);
  return (
    <fieldset class="dk-retention">
      <legend>{label}</legend>
      <Checkbox label={t("retention.empty")} checked={on} onChange={setOn} />
      {on && (
        <TextField
          label={t("retention.days")}
          name={of}
          type="number"
          required
          min={1}
          max={RETENTION_DAYS}
          defaultValue={String(days ?? RETENTION_DEFAULT_DAYS)}
          error={sending.fieldError(of)}
        />
      )}
    </fieldset>
  );
}
