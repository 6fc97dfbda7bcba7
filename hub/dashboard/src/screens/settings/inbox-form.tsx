/** A new inbox, first by its kind; and what every inbox has: a name and a prefix, for web chat how it looks. */
import { useSignal } from "@preact/signals";
import type { Channel, Inbox, SaveWebSettings } from "@switchboard/protocol";
import { CHANNEL_ICONS } from "@switchboard/ui/avatar";
import { Button } from "@switchboard/ui/button";
import { TextArea, TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/channels";
import { Icon } from "@switchboard/ui/icon";
import { useEffect, useRef } from "preact/hooks";
import { useDesk } from "../../context";
import type { Core } from "../../desk/core";
import { Form, FormError, useSending } from "../../parts/form";
import { type Held, nothingTouched } from "../../state/model";
import { takeAnswer } from "../../state/snapshots";
import { text } from "./parts";
import "./channels/channels.css";

const ACCENT = "#5b4fd6";

type Kind = Exclude<Channel, "api">;

const KINDS: readonly Kind[] = ["web", "email", "sms", "telegram", "gateway"];

export function NewInbox({ done, cancel }: { done(inbox: Inbox): void; cancel(): void }) {
  const kind = useSignal<Kind | null>(null);
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (kind.value === null) first.current?.focus();
  }, [kind.value]);
  if (kind.value !== null)
    return (
      <>
        <h3>{t("inbox.newOf", { kind: t(`inbox.kind.${kind.value}`) })}</h3>
        {kind.value !== "web" && <p class="dk-muted">{t("inbox.newThen")}</p>}
        <InboxForm channel={kind.value} done={done} cancel={() => (kind.value = null)} />
      </>
    );
  return (
    <>
      <h3>{t("inbox.newKind")}</h3>
      <ul class="dk-kinds">
        {KINDS.map((one, place) => (
          <li key={one}>
            <button
              type="button"
              class="dk-kind"
              {...(place === 0 ? { ref: first } : {})}
              onClick={() => (kind.value = one)}
            >
              <Icon of={CHANNEL_ICONS[one]} size={20} />
              <span>
                <strong>{t(`inbox.kind.${one}`)}</strong>
                <span class="dk-muted">{t(`inbox.kindBody.${one}`)}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      <div class="dk-form__foot">
        <Button onClick={cancel}>{t("action.cancel")}</Button>
      </div>
    </>
  );
}

/** What the hub has answered shows now; its event brings the same with a position. */
function hold({ state, publish }: Core, inbox: Inbox, asked?: Held<Inbox>): void {
  if (takeAnswer(state, state.inboxes, inbox.id, asked, inbox)) publish({ ...nothingTouched(), house: true });
}

interface InboxFormProps {
  /** None: a new one. */
  readonly inbox?: Inbox;
  readonly channel: Channel;
  done?(inbox: Inbox): void;
  cancel?(): void;
}

export function InboxForm({ inbox, channel, done, cancel }: InboxFormProps) {
  const { api, core } = useDesk();
  const sending = useSending();
  const save = async (form: FormData): Promise<void> => {
    const web: SaveWebSettings = {
      accent: text(form, "accent"),
      greeting: text(form, "greeting"),
      origins: text(form, "origins").split(/\s+/).filter(Boolean),
    };
    const named = { name: text(form, "name"), case_prefix: text(form, "case_prefix") };
    const body = channel === "web" ? { ...named, web } : named;
    const asked = inbox && core.state.inboxes.get(inbox.id);
    const saved = inbox
      ? await api("PATCH /api/inboxes/{id}", { id: inbox.id, body })
      : await api("POST /api/inboxes", { body: { ...body, channel } });
    hold(core, saved, asked);
    done?.(saved);
  };
  return (
    <Form onSend={(form) => void sending.send(() => save(form))}>
      <div class="dk-two">
        <TextField
          label={t("settings.name")}
          name="name"
          required
          autofocus={inbox === undefined}
          defaultValue={inbox?.name ?? ""}
          error={sending.fieldError("name")}
        />
        <TextField
          label={t("settings.casePrefix")}
          name="case_prefix"
          help={t("settings.casePrefixHint")}
          defaultValue={inbox?.case_prefix ?? ""}
          error={sending.fieldError("case_prefix")}
        />
      </div>
      {channel === "web" && <WebFields inbox={inbox} wrong={sending.fieldError} />}
      <FormError sending={sending} />
      <div class="dk-form__foot">
        <Button kind={inbox && channel !== "web" ? "plain" : "primary"} type="submit" busy={sending.busy}>
          {t(inbox || channel === "web" ? "settings.save" : "inbox.goOn")}
        </Button>
        {cancel && <Button onClick={cancel}>{t("inbox.back")}</Button>}
      </div>
    </Form>
  );
}

interface WebFieldsProps {
  readonly inbox: Inbox | undefined;
  wrong(field: string): string | undefined;
}

function WebFields({ inbox, wrong }: WebFieldsProps) {
  return (
    <>
      <TextField
        label={t("settings.greeting")}
        name="greeting"
        help={t("settings.greetingHint")}
        placeholder={t("settings.greetingDefault")}
        defaultValue={inbox?.web?.greeting ?? ""}
        error={wrong("web.greeting")}
      />
      <TextField
        label={t("settings.accent")}
        name="accent"
        type="color"
        defaultValue={inbox?.web?.accent ?? ACCENT}
        error={wrong("web.accent")}
      />
      <TextArea
        label={t("settings.allowedOrigins")}
        name="origins"
        help={t("settings.allowedOriginsHint")}
        defaultValue={inbox?.web?.origins.join("\n") ?? ""}
        error={wrong("web.origins")}
      />
    </>
  );
}
