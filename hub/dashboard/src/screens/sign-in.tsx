/** Coming in with a password, and with the link of the first start. */
import { Button } from "@switchboard/ui/button";
import { TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/desk";
import { Form, FormError, type Sending, useSending } from "../parts/form";
import { linkTo } from "../router";
import { call, enter } from "../session";
import { Card, come, NewPassword, text } from "./door";

export function SignIn({ thrown }: { readonly thrown: boolean }) {
  const sending = useSending();
  const wrong = sending.error?.code === "unauthenticated" ? t("sign.failed") : undefined;
  return (
    <Card title={t("sign.title")} {...(thrown ? { body: t("sign.thrown") } : {})}>
      <Form
        onSend={(form) =>
          void sending.send(async () =>
            enter(
              await call("POST /api/session", {
                body: { email: text(form, "email"), password: text(form, "password") },
              }),
            ),
          )
        }
      >
        <TextField
          label={t("sign.email")}
          name="email"
          type="email"
          autocomplete="username"
          required
          autofocus
          error={sending.fieldError("email")}
        />
        <TextField
          label={t("sign.password")}
          name="password"
          type="password"
          autocomplete="current-password"
          required
          error={sending.fieldError("password")}
        />
        <FormError sending={sending} text={wrong} />
        <Button kind="primary" type="submit" busy={sending.busy}>
          {t("sign.in")}
        </Button>
      </Form>
      <details class="dk-door__help">
        <summary>{t("sign.forgotten")}</summary>
        <p>{t("sign.forgottenHelp")}</p>
      </details>
    </Card>
  );
}

export function SetUp({ token }: { readonly token: string }) {
  const sending = useSending();
  return (
    <Card title={t("setup.title")} body={t("setup.body")}>
      <Form
        onSend={(form) =>
          void sending.send(async () =>
            come(
              await call("POST /api/setup", {
                body: { token, name: text(form, "name"), email: text(form, "email"), password: text(form, "password") },
              }),
            ),
          )
        }
      >
        <TextField
          label={t("setup.name")}
          name="name"
          autocomplete="name"
          required
          autofocus
          error={sending.fieldError("name")}
        />
        <TextField
          label={t("sign.email")}
          name="email"
          type="email"
          autocomplete="username"
          required
          error={sending.fieldError("email")}
        />
        <NewPassword sending={sending} />
        <LinkError sending={sending} />
        <Button kind="primary" type="submit" busy={sending.busy}>
          {t("setup.submit")}
        </Button>
      </Form>
    </Card>
  );
}

function LinkError({ sending }: { readonly sending: Sending }) {
  const code = sending.error?.code;
  const used = code === "unauthenticated" || code === "not_found" || code === "forbidden";
  return (
    <>
      <FormError sending={sending} text={used ? t("sign.linkUsed") : undefined} />
      {used && <a {...linkTo("/inbox")}>{t("sign.instead")}</a>}
    </>
  );
}
