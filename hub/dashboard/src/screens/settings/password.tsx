/** One's own password. */
import { PASSWORD_MIN_CHARS } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/more";
import { toast } from "@switchboard/ui/toast";
import { useRef } from "preact/hooks";
import { useDesk } from "../../context";
import { Form, FormError, useSending } from "../../parts/form";
import { Head } from "./parts";

export function Password() {
  const desk = useDesk();
  const sending = useSending();
  const box = useRef<HTMLDivElement>(null);
  const send = (form: FormData): Promise<void> =>
    sending.send(async () => {
      await desk.api("POST /api/password", {
        body: { current: String(form.get("current")), new: String(form.get("new")) },
      });
      box.current?.querySelector("form")?.reset();
      toast({ text: t("settings.passwordChanged") });
    });
  const wrong = sending.error?.code === "unauthenticated" || sending.error?.code === "forbidden";
  return (
    <>
      <Head title={t("settings.password")} body={t("settings.passwordBody")} />
      <div ref={box} class="dk-narrow">
        <Form onSend={(form) => void send(form)}>
          <input
            type="text"
            name="username"
            autocomplete="username"
            value={desk.me.value.agent.email}
            hidden
            readOnly
          />
          <TextField
            label={t("settings.oldPassword")}
            name="current"
            type="password"
            autocomplete="current-password"
            required
            error={sending.fieldError("current")}
          />
          <TextField
            label={t("settings.newPassword")}
            name="new"
            type="password"
            autocomplete="new-password"
            required
            minLength={PASSWORD_MIN_CHARS}
            help={t("settings.passwordHint", { n: PASSWORD_MIN_CHARS })}
            error={sending.fieldError("new")}
          />
          <FormError sending={sending} text={wrong ? t("sign.failed") : undefined} />
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
