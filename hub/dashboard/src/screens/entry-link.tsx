/**
 * Behind a link that opens once: joining the team, or setting a new password. The hub is asked first what the link is good
 * for, so that nobody fills in a form for nothing.
 */
import type { ApiError, LinkShown } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/more";
import { Skeleton } from "@switchboard/ui/skeleton";
import { useEffect, useState } from "preact/hooks";
import { apiError } from "../net/errors";
import { Form, FormError, type Sending, useSending } from "../parts/form";
import { linkTo } from "../router";
import { call } from "../session";
import { errorText } from "../words";
import { Card, come, NewPassword, text } from "./door";

export function EntryLink({ token }: { readonly token: string }) {
  const [shown, setShown] = useState<LinkShown | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const sending = useSending();
  const ask = (): void => {
    setError(null);
    call("POST /api/links/show", { body: { token } }).then(setShown, (cause: unknown) => setError(apiError(cause)));
  };
  useEffect(ask, []);
  if ((error ?? sending.error)?.code === "not_found") return <Dead />;
  if (error) return <Unasked error={error} again={ask} />;
  if (!shown)
    return (
      <main class="dk-door">
        <Skeleton as="line" count={3} />
      </main>
    );
  return shown.purpose === "join" ? (
    <Join token={token} shown={shown} sending={sending} />
  ) : (
    <SetPassword token={token} shown={shown} sending={sending} />
  );
}

function Dead() {
  return (
    <Card title={t("link.dead")} body={t("link.deadBody")}>
      <a {...linkTo("/inbox")}>{t("sign.instead")}</a>
    </Card>
  );
}

function Unasked({ error, again }: { readonly error: ApiError; again(): void }) {
  return (
    <Card title={t("error.load")} body={errorText(error)}>
      <Button kind="primary" onClick={again}>
        {t("action.retry")}
      </Button>
    </Card>
  );
}

interface FormProps {
  readonly token: string;
  readonly shown: LinkShown;
  readonly sending: Sending;
}

function Join({ token, shown, sending }: FormProps) {
  const send = async (form: FormData): Promise<void> => {
    const name = text(form, "name").trim();
    const body = { token, password: text(form, "password"), ...(name === "" ? {} : { name }) };
    come(await call("POST /api/invitations/accept", { body }));
  };
  return (
    <Card title={t("invite.title")} body={t("invite.body", { email: shown.email })}>
      <Form onSend={(form) => void sending.send(() => send(form))}>
        <SignsInWith email={shown.email} />
        <TextField
          label={t("invite.name")}
          name="name"
          autocomplete="name"
          required
          defaultValue={shown.name}
          error={sending.fieldError("name")}
        />
        <NewPassword sending={sending} autofocus />
        <FormError sending={sending} />
        <Button kind="primary" type="submit" busy={sending.busy}>
          {t("invite.submit")}
        </Button>
      </Form>
    </Card>
  );
}

function SetPassword({ token, shown, sending }: FormProps) {
  const send = async (form: FormData): Promise<void> =>
    come(await call("POST /api/password/new", { body: { token, password: text(form, "password") } }));
  return (
    <Card title={t("forgotten.title")} body={t("forgotten.body", { email: shown.email })}>
      <Form onSend={(form) => void sending.send(() => send(form))}>
        <SignsInWith email={shown.email} />
        <NewPassword sending={sending} autofocus />
        <FormError sending={sending} />
        <Button kind="primary" type="submit" busy={sending.busy}>
          {t("forgotten.submit")}
        </Button>
      </Form>
    </Card>
  );
}

/** So that a password manager knows whose password it keeps. */
function SignsInWith({ email }: { readonly email: string }) {
  return <input type="text" name="username" autocomplete="username" value={email} hidden readOnly />;
}
