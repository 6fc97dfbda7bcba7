/** Somebody who has not written yet: one of name, mail address and number is enough. */
import { Button } from "@switchboard/ui/button";
import { TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/customers";
import { useDesk } from "../../context";
import { Form, FormError, useSending } from "../../parts/form";
import { customerPath, go } from "../../router";

export function NewCustomer({ close }: { close(): void }) {
  const desk = useDesk();
  const sending = useSending();
  const send = (form: FormData): void => {
    const given = (name: string): string => String(form.get(name) ?? "").trim();
    const body = Object.fromEntries(
      ["name", "email", "phone"].map((one) => [one, given(one)] as const).filter(([, value]) => value !== ""),
    );
    void sending.send(async () => {
      const made = await desk.api("POST /api/contacts", { body });
      go(customerPath(made.id));
    });
  };
  return (
    <Form class="dk-customers__new" onSend={send}>
      <TextField label={t("panel.name")} name="name" autofocus maxLength={120} error={sending.fieldError("name")} />
      <TextField
        label={t("panel.email")}
        name="email"
        type="email"
        inputMode="email"
        error={sending.fieldError("email")}
      />
      <TextField label={t("panel.phone")} name="phone" type="tel" error={sending.fieldError("phone")} />
      <FormError sending={sending} />
      <div class="dk-customers__buttons">
        <Button kind="primary" type="submit" busy={sending.busy}>
          {t("customers.add")}
        </Button>
        <Button onClick={close}>{t("action.cancel")}</Button>
      </div>
    </Form>
  );
}
