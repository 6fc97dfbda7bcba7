/** Tokens for programs. The secret is shown once. */
import { useSignal } from "@preact/signals";
import type { CreatedToken, Scope } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { EmptyState } from "@switchboard/ui/empty-state";
import { Select, TextField } from "@switchboard/ui/field";
import { list } from "@switchboard/ui/i18n";
import { t } from "@switchboard/ui/i18n/more";
import { locale, now } from "@switchboard/ui/ticker";
import { exact, longAgo } from "@switchboard/ui/time";
import { KeyRound, Plus } from "lucide-preact";
import { useDesk } from "../../context";
import { Dotted } from "../../parts/dotted";
import { Form, FormError, useSending } from "../../parts/form";
import { Checks, Copyable, doing, Head, Thing, text, toggled, useAsked, Waiting } from "./parts";

/** How long a token may be chosen to live, days. */
const LIVES = [30, 90, 365] as const;
const DAY_MS = 24 * 3_600_000;

export function Tokens() {
  const { api } = useDesk();
  const asked = useAsked(async () => (await api("GET /api/tokens")).tokens);
  const adding = useSignal(false);
  const made = useSignal<CreatedToken | null>(null);
  const tokens = asked.value.value;
  const revoke = (id: string): Promise<void> =>
    doing(() => api("DELETE /api/tokens/{id}", { id }), t("settings.revoked")).then(() => asked.again());
  return (
    <>
      <Head
        title={t("settings.tokens")}
        body={t("settings.tokensBody")}
        action={
          !adding.value && (
            <Button
              kind="primary"
              icon={Plus}
              onClick={() => {
                adding.value = true;
                made.value = null;
              }}
            >
              {t("settings.newToken")}
            </Button>
          )
        }
      />
      <a href="/api/docs" target="_blank" rel="noopener">
        {t("settings.apiPage")}
      </a>
      {adding.value && (
        <ul class="dk-things">
          <li class="dk-thing">
            <div class="dk-thing__more">
              <TokenForm
                done={(token) => {
                  made.value = token;
                  adding.value = false;
                  void asked.again();
                }}
                cancel={() => (adding.value = false)}
              />
            </div>
          </li>
        </ul>
      )}
      {made.value && (
        <ul class="dk-things">
          <li class="dk-thing">
            <div class="dk-thing__more" role="status">
              <p>{t("settings.secret")}</p>
              <Copyable text={made.value.secret} label={t("settings.copySecret")} />
            </div>
          </li>
        </ul>
      )}
      {!tokens && <Waiting asked={asked} />}
      {tokens?.length === 0 && !adding.value && (
        <EmptyState icon={KeyRound} title={t("settings.tokensEmpty")} body={t("settings.tokensEmptyBody")} />
      )}
      {tokens && tokens.length > 0 && (
        <ul class="dk-things">
          {tokens.map((one) => (
            <Thing
              key={one.id}
              title={one.name}
              actions={
                <Button aria-label={t("settings.endNamed", { name: one.name })} onClick={() => void revoke(one.id)}>
                  {t("settings.revoke")}
                </Button>
              }
              line={
                <Dotted
                  of={[
                    list(one.scopes.map((scope) => t(`settings.scope.${scope}`))),
                    one.last_used_at === null
                      ? t("settings.neverUsed")
                      : t("settings.lastUsed", {
                          time: longAgo(one.last_used_at, now.value, locale.value, t("time.now")),
                        }),
                    one.expires_at === null
                      ? undefined
                      : t("settings.expiresAt", { time: exact(one.expires_at, locale.value) }),
                  ]}
                />
              }
            />
          ))}
        </ul>
      )}
    </>
  );
}

function TokenForm({ done, cancel }: { done(token: CreatedToken): void; cancel(): void }) {
  const { api, me, clock } = useDesk();
  const sending = useSending();
  const { role } = me.value.agent;
  // A token does no more than its maker.
  const offered = me.value.scopes.filter(
    (one) => one === "read" || (one === "write" ? role !== "read_only" : role === "owner" || role === "admin"),
  );
  const send = async (form: FormData): Promise<void> => {
    const days = Number(text(form, "life"));
    const expires = days > 0 ? { expires_at: clock() + days * DAY_MS } : {};
    done(
      await api("POST /api/tokens", {
        body: { name: text(form, "name"), scopes: scopes.value as Scope[], ...expires },
      }),
    );
  };
  const scopes = useSignal<readonly string[]>(["read"]);
  return (
    <Form onSend={(form) => void sending.send(() => send(form))}>
      <TextField label={t("settings.name")} name="name" required autofocus error={sending.fieldError("name")} />
      <Checks
        legend={t("settings.scopes")}
        options={offered.map((id) => ({ id, label: t(`settings.scope.${id}`) }))}
        chosen={scopes.value}
        toggle={(id) => (scopes.value = toggled(scopes.value, id))}
      />
      <Select
        label={t("settings.expires")}
        name="life"
        value="365"
        options={[
          ...LIVES.map((days) => ({ value: String(days), label: t(`settings.expires.${days}`) })),
          { value: "0", label: t("settings.expires.never") },
        ]}
      />
      <FormError sending={sending} />
      <div class="dk-form__foot">
        <Button kind="primary" type="submit" busy={sending.busy} disabled={scopes.value.length === 0}>
          {t("settings.newToken")}
        </Button>
        <Button onClick={cancel}>{t("action.cancel")}</Button>
      </div>
    </Form>
  );
}
