/** The three ways in: with a password, with the link of the first start, with an invitation. */
import { type Me, PASSWORD_MIN_CHARS } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/desk";
import type { ComponentChildren } from "preact";
import { Form, FormError, type Sending, useSending } from "../parts/form";
import { Mark } from "../parts/mark";
import { go, linkTo } from "../router";
import { call, enter } from "../session";

function Card({
  title,
  body,
  children,
}: {
  readonly title: string;
  readonly body?: string;
  readonly children: ComponentChildren;
}) {
  return (
    <main class="dk-door">
      <div class="dk-door__card">
        <Mark size={40} />
        <h1>{title}</h1>
        {body !== undefined && <p class="dk-door__body">{body}</p>}
        {children}
      </div>
    </main>
  );
}

function come(me: Me): void {
  go("/inbox", true);
  enter(me);
}

function text(form: FormData, name: string): string {
  return String(form.get(name) ?? "");
}

function NewPassword({ sending }: { readonly sending: Sending }) {
  return (
    <TextField
      label={t("sign.password")}
      name="password"
      type="password"
      autocomplete="new-password"
      required
      minLength={PASSWORD_MIN_CHARS}
      help={t("settings.passwordHint", { n: PASSWORD_MIN_CHARS })}
      error={sending.fieldError("password")}
    />
  );
}

export function SignIn() {
  const sending = useSending();
  const wrong = sending.error?.code === "unauthenticated" ? t("sign.failed") : undefined;
  return (
    <Card title={t("sign.title")}>
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

export function AcceptInvitation({ token }: { readonly token: string }) {
  const sending = useSending();
  return (
    <Card title={t("invite.title")} body={t("invite.body")}>
      <Form
        onSend={(form) =>
          void sending.send(async () => {
            const name = text(form, "name").trim();
            come(
              await call("POST /api/invitations/accept", {
                body: { token, password: text(form, "password"), ...(name === "" ? {} : { name }) },
              }),
            );
          })
        }
      >
        <TextField
          label={t("invite.name")}
          name="name"
          autocomplete="name"
          autofocus
          error={sending.fieldError("name")}
        />
        <NewPassword sending={sending} />
        <LinkError sending={sending} />
        <Button kind="primary" type="submit" busy={sending.busy}>
          {t("invite.submit")}
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
