/** One's own names, and the zone of one's times. The mail address is who one is here, and changed by nobody. */
import { Button } from "@switchboard/ui/button";
import { Select, TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/more";
import { locale, now } from "@switchboard/ui/ticker";
import { browserZone, clock } from "@switchboard/ui/time";
import { toast } from "@switchboard/ui/toast";
import { useMemo } from "preact/hooks";
import { useDesk } from "../../context";
import { Form, FormError, useSending } from "../../parts/form";
import { ownZone, undoSend } from "../../preferences";
import { Head, text } from "./parts";

export function Profile() {
  const { api, me } = useDesk();
  const sending = useSending();
  const { id, name, display_name, email } = me.value.agent;
  const send = async (form: FormData): Promise<void> => {
    const body = { name: text(form, "name"), display_name: text(form, "display_name") };
    await api("PATCH /api/agents/{id}", { id, body });
    toast({ text: t("settings.saved") });
  };
  return (
    <>
      <Head title={t("settings.profile")} body={t("settings.profileBody")} />
      <div class="dk-narrow">
        <Form onSend={(form) => void sending.send(() => send(form))}>
          <TextField
            label={t("settings.name")}
            name="name"
            autocomplete="name"
            required
            defaultValue={name}
            error={sending.fieldError("name")}
          />
          <TextField
            label={t("settings.displayName")}
            name="display_name"
            help={t("settings.displayNameHint")}
            defaultValue={display_name ?? ""}
            error={sending.fieldError("display_name")}
          />
          <TextField label={t("settings.email")} value={email} readOnly />
          <FormError sending={sending} />
          <div>
            <Button kind="primary" type="submit" busy={sending.busy}>
              {t("settings.save")}
            </Button>
          </div>
        </Form>
        <Zone />
        <UndoSend />
      </div>
    </>
  );
}

/** Kept in this browser, as the language and the colours are; it holds from the moment that it is chosen. */
function Zone() {
  const zones = useMemo(() => Intl.supportedValuesOf("timeZone"), []);
  const label = (name: string): string => name.replace(/_/gu, " ");
  return (
    <Select
      label={t("settings.zone")}
      help={t("settings.zoneHint", { time: clock(now.value, locale.value) })}
      value={ownZone.value}
      options={[
        { value: "", label: t("settings.zoneOfDevice", { zone: label(browserZone()) }) },
        // One that was chosen under another of its names stays there to be seen.
        ...(ownZone.value === "" || zones.includes(ownZone.value)
          ? []
          : [{ value: ownZone.value, label: label(ownZone.value) }]),
        ...zones.map((value) => ({ value, label: label(value) })),
      ]}
      onChange={(event) => {
        ownZone.value = event.currentTarget.value;
      }}
    />
  );
}

const HOLDS = ["0", "5", "10", "20", "30"] as const;

/** The hub does the holding; how long is this browser's, as the zone is. */
function UndoSend() {
  return (
    <Select
      label={t("settings.undoSend")}
      help={t("settings.undoSendHint")}
      value={undoSend.value}
      options={HOLDS.map((value) => ({
        value,
        label: value === "0" ? t("settings.undoSendOff") : t("settings.undoSendFor", { n: Number(value) }),
      }))}
      onChange={(event) => {
        undoSend.value = HOLDS.find((one) => one === event.currentTarget.value) ?? "0";
      }}
    />
  );
}
