/** What the visitors of a web inbox are asked: how it was, when their conversation is closed, and what before it begins. */
import { useSignal } from "@preact/signals";
import {
  BEFORE_CHOICES,
  BEFORE_FIELDS,
  type BeforeChat,
  type BeforeField,
  type BeforeKind,
  type Inbox,
  type WebSettings,
} from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { Checkbox } from "@switchboard/ui/checkbox";
import { Select, TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/channels";
import { IconButton } from "@switchboard/ui/icon-button";
import { toast } from "@switchboard/ui/toast";
import { Plus, X } from "lucide-preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useDesk } from "../../../context";
import { Form, FormError, type Sending, useSending } from "../../../parts/form";
import { asIs, Group, Lines, Optional } from "../channels/fields";
import { holdInbox } from "../inbox-form";
import "./asking.css";

const KINDS: readonly BeforeKind[] = ["name", "email", "phone", "text", "choice"];
const FRESH: BeforeChat = {
  when: "always",
  fields: [
    { kind: "name", label: "", required: true },
    { kind: "email", label: "", required: true },
  ],
};

interface Asked {
  readonly ask_rating: boolean;
  readonly before: BeforeChat | null;
}

export function AskingPart({ inbox, web }: { readonly inbox: Inbox; readonly web: WebSettings }) {
  const { api, core } = useDesk();
  const sending = useSending();
  const typed = useSignal<Asked | undefined>(undefined);
  const kept: Asked = { ask_rating: web.ask_rating, before: web.before ?? null };
  const draft = typed.value ?? kept;
  const { before } = draft;
  const change = (part: Partial<Asked>): void => {
    typed.value = { ...(typed.peek() ?? kept), ...part };
  };
  const save = async (): Promise<void> => {
    const asked = core.state.inboxes.get(inbox.id);
    holdInbox(core, await api("PATCH /api/inboxes/{id}", { id: inbox.id, body: { web: draft } }), asked);
    // What was typed meanwhile is not in it.
    if (typed.peek() === draft) typed.value = undefined;
    toast({ text: t("settings.saved") });
  };
  return (
    <section class="dk-part dk-part--form" data-part="asking">
      <h3>{t("asking.title")}</h3>
      <Form onSend={() => void sending.send(save)}>
        <Checkbox
          label={t("asking.rating")}
          checked={draft.ask_rating}
          onChange={(ask_rating) => change({ ask_rating })}
        />
        <Optional
          label={t("asking.before")}
          help={t("asking.beforeHelp")}
          on={before !== null}
          turn={(on) => change({ before: on ? (kept.before ?? FRESH) : null })}
        >
          {before && <Fields before={before} sending={sending} change={(next) => change({ before: next })} />}
        </Optional>
        <FormError sending={sending} />
        <div class="dk-form__foot">
          <Button type="submit" busy={sending.busy}>
            {t("settings.save")}
          </Button>
          {typed.value && <span class="dk-unsaved">{t("inbox.unsaved")}</span>}
        </div>
      </Form>
    </section>
  );
}

interface FieldsProps {
  readonly before: BeforeChat;
  readonly sending: Sending;
  change(next: BeforeChat): void;
}

function Fields({ before, sending, change }: FieldsProps) {
  const box = useRef<HTMLDivElement>(null);
  const next = useRef<string | null>(null);
  // What has come or gone takes the focus along.
  useLayoutEffect(() => {
    if (next.current !== null) box.current?.querySelector<HTMLElement>(next.current)?.focus();
    next.current = null;
  });
  const { fields } = before;
  const set = (place: number, field: BeforeField): void =>
    change({ ...before, fields: fields.map((one, at) => (at === place ? field : one)) });
  const wrong = sending.error?.fields?.some(({ field }) => field === "web.before.fields");
  return (
    <div class="dk-asking" ref={box}>
      <Select
        label={t("asking.when")}
        value={before.when}
        options={[
          { value: "always", label: t("asking.always") },
          { value: "away", label: t("asking.away") },
        ]}
        onChange={(event) => change({ ...before, when: event.currentTarget.value === "away" ? "away" : "always" })}
      />
      {fields.map((field, place) => (
        <Field
          key={`${place} of ${fields.length}`}
          field={field}
          place={place}
          sending={sending}
          change={(one) => set(place, one)}
          remove={() => {
            next.current = ".dk-asking__add";
            change({ ...before, fields: fields.filter((_, at) => at !== place) });
          }}
        />
      ))}
      {wrong && (
        <p class="dk-form-error" role="alert">
          {sending.fieldError("web.before.fields")}
        </p>
      )}
      <Button
        class="dk-asking__add"
        icon={Plus}
        disabled={fields.length >= BEFORE_FIELDS}
        onClick={() => {
          next.current = "fieldset:last-of-type select";
          change({ ...before, fields: [...fields, { kind: "text", label: "", required: false }] });
        }}
      >
        {t("asking.add")}
      </Button>
    </div>
  );
}

interface FieldProps {
  readonly field: BeforeField;
  readonly place: number;
  readonly sending: Sending;
  change(field: BeforeField): void;
  remove(): void;
}

function Field({ field, place, sending, change, remove }: FieldProps) {
  const { kind, label, required, choices = [] } = field;
  const free = kind === "text" || kind === "choice";
  const at = `web.before.fields.${place}`;
  const wrongChoices = kind === "choice" ? sending.fieldError(`${at}.choices`) : undefined;
  return (
    <Group title={t("asking.field", { n: place + 1 })}>
      <div class="dk-two">
        <Select
          label={t("asking.kind")}
          value={kind}
          options={KINDS.map((one) => ({ value: one, label: t(`asking.kind.${one}`) }))}
          onChange={(event) => {
            const to = KINDS.find((one) => one === event.currentTarget.value) ?? "text";
            change({ kind: to, label, required, ...(to === "choice" ? { choices } : {}) });
          }}
        />
        <TextField
          label={t("asking.label")}
          help={free ? t("asking.labelFree") : t("asking.labelKnown")}
          required={free}
          value={label}
          error={sending.fieldError(`${at}.label`)}
          onInput={(event) => change({ ...field, label: event.currentTarget.value })}
        />
      </div>
      {kind === "choice" && (
        <Lines
          label={t("asking.choices")}
          help={t("asking.choicesHelp", { most: BEFORE_CHOICES })}
          value={choices}
          write={asIs}
          read={asIs}
          change={(lines) => change({ ...field, choices: lines })}
        />
      )}
      {wrongChoices && (
        <p class="dk-form-error" role="alert">
          {wrongChoices}
        </p>
      )}
      <div class="dk-asking__foot">
        <Checkbox
          label={t("asking.required")}
          checked={required}
          onChange={(needed) => change({ ...field, required: needed })}
        />
        <IconButton
          icon={X}
          size="small"
          tooltip="none"
          label={t("asking.remove", { n: place + 1 })}
          onClick={remove}
        />
      </div>
    </Group>
  );
}
