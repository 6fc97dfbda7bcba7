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
import { draftsOf, isSame, type Named, putDraft } from "./channels/draft";
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
export function holdInbox({ state, publish }: Core, inbox: Inbox, asked?: Held<Inbox>): void {
  if (takeAnswer(state, state.inboxes, inbox.id, asked, inbox)) publish({ ...nothingTouched(), house: true });
}

function fieldsOf(inbox: Inbox | undefined): Named {
  return {
    name: inbox?.name ?? "",
    case_prefix: inbox?.case_prefix ?? "",
    greeting: inbox?.web?.greeting ?? "",
    accent: inbox?.web?.accent ?? ACCENT,
    origins: inbox?.web?.origins.join("\n") ?? "",
  };
}

interface Field {
  readonly name: string;
  readonly value: string;
  onInput(event: Event): void;
}

/** What is typed stays, whatever else of the inbox is saved or looked at meanwhile; of a new one as long as its form does. */
function useNamed(inbox: Inbox | undefined) {
  const drafts = draftsOf(useDesk()).named;
  const fresh = useSignal(fieldsOf(undefined));
  const base = fieldsOf(inbox);
  const typed = inbox && drafts.value.get(inbox.id);
  const values = inbox ? (typed ?? base) : fresh.value;
  const now = (): Named => (inbox ? (drafts.peek().get(inbox.id) ?? base) : fresh.peek());
  const put = (next: Named): void => {
    if (inbox) putDraft(drafts, inbox.id, isSame(next, base) ? undefined : next);
    else fresh.value = next;
  };
  return {
    values,
    unsaved: typed !== undefined,
    field: (name: keyof Named): Field => ({
      name,
      value: values[name],
      onInput: (event) => put({ ...now(), [name]: (event.currentTarget as HTMLInputElement).value }),
    }),
    /** What was typed since is not in it. */
    saved(those: Named): void {
      if (inbox && isSame(now(), those)) putDraft(drafts, inbox.id, undefined);
    },
  };
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
  const named = useNamed(inbox);
  const sending = useSending();
  const save = async (form: FormData): Promise<void> => {
    const web: SaveWebSettings = {
      accent: text(form, "accent"),
      greeting: text(form, "greeting"),
      origins: text(form, "origins").split(/\s+/).filter(Boolean),
    };
    const said = { name: text(form, "name"), case_prefix: text(form, "case_prefix") };
    const body = channel === "web" ? { ...said, web } : said;
    const { values } = named;
    const asked = inbox && core.state.inboxes.get(inbox.id);
    const saved = inbox
      ? await api("PATCH /api/inboxes/{id}", { id: inbox.id, body })
      : await api("POST /api/inboxes", { body: { ...body, channel } });
    holdInbox(core, saved, asked);
    named.saved(values);
    done?.(saved);
  };
  return (
    <Form onSend={(form) => void sending.send(() => save(form))}>
      <div class="dk-two">
        <TextField
          label={t("settings.name")}
          required
          autofocus={inbox === undefined}
          {...named.field("name")}
          error={sending.fieldError("name")}
        />
        <TextField
          label={t("settings.casePrefix")}
          help={t("settings.casePrefixHint")}
          {...named.field("case_prefix")}
          error={sending.fieldError("case_prefix")}
        />
      </div>
      {channel === "web" && <WebFields field={named.field} wrong={sending.fieldError} />}
      <FormError sending={sending} />
      <div class="dk-form__foot">
        <Button kind={inbox && channel !== "web" ? "plain" : "primary"} type="submit" busy={sending.busy}>
          {t(inbox || channel === "web" ? "settings.save" : "inbox.goOn")}
        </Button>
        {cancel && <Button onClick={cancel}>{t("inbox.back")}</Button>}
        {named.unsaved && <span class="dk-unsaved">{t("inbox.unsaved")}</span>}
      </div>
    </Form>
  );
}

interface WebFieldsProps {
  field(name: keyof Named): Field;
  wrong(field: string): string | undefined;
}

function WebFields({ field, wrong }: WebFieldsProps) {
  return (
    <>
      <TextField
        label={t("settings.greeting")}
        help={t("settings.greetingHint")}
        placeholder={t("settings.greetingDefault")}
        {...field("greeting")}
        error={wrong("web.greeting")}
      />
      <TextField label={t("settings.accent")} type="color" {...field("accent")} error={wrong("web.accent")} />
      <TextArea
        label={t("settings.allowedOrigins")}
        help={t("settings.allowedOriginsHint")}
        {...field("origins")}
        error={wrong("web.origins")}
      />
    </>
  );
}
