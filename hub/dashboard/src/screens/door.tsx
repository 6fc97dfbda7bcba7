/** What the pages have in common through which one comes in. */
import { type Me, PASSWORD_MIN_CHARS } from "@switchboard/protocol";
import { TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/desk";
import type { ComponentChildren } from "preact";
import type { Sending } from "../parts/form";
import { Mark } from "../parts/mark";
import { go } from "../router";
import { enter } from "../session";

export function Card({
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

/** They are in, and see where work is. */
export function come(me: Me): void {
  go("/inbox", true);
  enter(me);
}

/** As it was typed: a password may begin with a blank. */
export function text(form: FormData, name: string): string {
  return String(form.get(name) ?? "");
}

export function NewPassword({
  sending,
  autofocus = false,
}: {
  readonly sending: Sending;
  readonly autofocus?: boolean;
}) {
  return (
    <TextField
      label={t("sign.password")}
      name="password"
      type="password"
      autocomplete="new-password"
      required
      autofocus={autofocus}
      minLength={PASSWORD_MIN_CHARS}
      help={t("settings.passwordHint", { n: PASSWORD_MIN_CHARS })}
      error={sending.fieldError("password")}
    />
  );
}
