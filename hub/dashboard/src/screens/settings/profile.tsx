/** One's own names. The mail address is who one is here, and changed by nobody. */
import { Button } from "@switchboard/ui/button";
import { TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/desk";
import { toast } from "@switchboard/ui/toast";
import { useDesk } from "../../context";
import { Form, FormError, useSending } from "../../parts/form";
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
      </div>
    </>
  );
}
