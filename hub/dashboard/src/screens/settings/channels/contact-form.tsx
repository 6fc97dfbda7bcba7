/** The contact form of a mail inbox: whether there is one, what it asks, where it may stand, the HTML for one's own page. */
import type { ContactForm, ContactFormSetup, FormField, Inbox } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { Checkbox } from "@switchboard/ui/checkbox";
import { Select } from "@switchboard/ui/field";
import { LANGUAGE_NAMES, LANGUAGES } from "@switchboard/ui/i18n";
import { t } from "@switchboard/ui/i18n/channels";
import { toast } from "@switchboard/ui/toast";
import { useDesk } from "../../../context";
import { Form, FormError, useSending } from "../../../parts/form";
import { Copyable, useAsked, Waiting } from "../parts";
import { draftsOf, isSame, putDraft } from "./draft";
import { asIs, Lines, Optional } from "./fields";

interface Props {
  readonly inbox: Inbox;
  /** The mailbox is set up: answers can go out. */
  readonly ready: boolean;
}

export function ContactFormPart({ inbox, ready }: Props) {
  const { api } = useDesk();
  const asked = useAsked<ContactFormSetup>(() => api("GET /api/inboxes/{id}/form", { id: inbox.id }));
  const setup = asked.value.value;
  return (
    <section class="dk-part">
      <h3>{t("form.title")}</h3>
      <p class="dk-muted">{t("form.body")}</p>
      {!setup && <Waiting asked={asked} />}
      {setup && !ready && !setup.form.on && <p>{t("form.needsMailbox")}</p>}
      {setup && (ready || setup.form.on) && (
        <Fields inbox={inbox} setup={setup} saved={(next) => (asked.value.value = next)} />
      )}
      {setup?.form.on && <ForYourPage setup={setup} />}
    </section>
  );
}

interface FieldsProps {
  readonly inbox: Inbox;
  readonly setup: ContactFormSetup;
  saved(setup: ContactFormSetup): void;
}

function Fields({ inbox, setup, saved }: FieldsProps) {
  const { api } = useDesk();
  const drafts = draftsOf(useDesk()).form;
  const sending = useSending();
  const typed = drafts.value.get(inbox.id);
  const form = typed ?? setup.form;
  const put = (next: ContactForm): void => putDraft(drafts, inbox.id, isSame(next, setup.form) ? undefined : next);
  const change = (part: Partial<ContactForm>): void => put({ ...(drafts.peek().get(inbox.id) ?? setup.form), ...part });
  const save = (): void => {
    void sending.send(async () => {
      const next = await api("PUT /api/inboxes/{id}/form", { id: inbox.id, body: form });
      // What was typed meanwhile is not in it.
      if (isSame(drafts.peek().get(inbox.id) ?? form, form)) putDraft(drafts, inbox.id, undefined);
      saved(next);
      toast({ text: t("settings.saved") });
    });
  };
  return (
    <Form onSend={save}>
      <Optional label={t("form.on")} on={form.on} turn={(on) => change({ on })}>
        <Lines
          label={t("form.origins")}
          help={t("form.originsHelp")}
          placeholder="https://shop.example"
          value={form.origins ?? []}
          write={asIs}
          read={asIs}
          change={(origins) => change({ origins })}
        />
        <div class="dk-two">
          <Asks label={t("form.name")} value={form.name} change={(name) => change({ name })} />
          <Asks label={t("form.subject")} value={form.subject} change={(subject) => change({ subject })} />
        </div>
        <Select
          label={t("form.language")}
          help={t("form.languageHelp")}
          value={form.language}
          options={LANGUAGES.map((one) => ({ value: one, label: LANGUAGE_NAMES[one] }))}
          onChange={(event) => change({ language: LANGUAGES.find((one) => one === event.currentTarget.value) ?? "en" })}
        />
        <Checkbox label={t("form.files")} checked={form.files} onChange={(files) => change({ files })} />
        <Checkbox label={t("form.confirm")} checked={form.confirm} onChange={(confirm) => change({ confirm })} />
        <p class="dk-muted">{t("form.confirmHelp")}</p>
      </Optional>
      <FormError sending={sending} />
      <div class="dk-form__foot">
        <Button type="submit" busy={sending.busy}>
          {t("settings.save")}
        </Button>
        {typed && <span class="dk-unsaved">{t("inbox.unsaved")}</span>}
      </div>
    </Form>
  );
}

const ASKS: readonly FormField[] = ["required", "optional", "off"];

interface AsksProps {
  readonly label: string;
  readonly value: FormField;
  change(value: FormField): void;
}

function Asks({ label, value, change }: AsksProps) {
  return (
    <Select
      label={label}
      value={value}
      options={ASKS.map((one) => ({ value: one, label: t(`form.field.${one}`) }))}
      onChange={(event) => change(ASKS.find((one) => one === event.currentTarget.value) ?? "optional")}
    />
  );
}

function ForYourPage({ setup }: { readonly setup: ContactFormSetup }) {
  return (
    <>
      <p>{t("form.snippet")}</p>
      <Copyable text={setup.snippet} label={t("form.copySnippet")} />
      <p>
        <a href={setup.address} target="_blank" rel="noreferrer">
          {t("form.preview")}
        </a>
      </p>
    </>
  );
}
