/** The set-up of an inbox's channel: its settings, whether they are good, and how it does. */
import { type Signal, useSignal } from "@preact/signals";
import type { ChannelSetup, ChannelTried, Inbox } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { t } from "@switchboard/ui/i18n/channels";
import { Icon } from "@switchboard/ui/icon";
import { toast } from "@switchboard/ui/toast";
import { CircleCheck, TriangleAlert } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import { useDesk } from "../../../context";
import { apiError } from "../../../net/errors";
import { Form, FormError, useSending } from "../../../parts/form";
import { type Asked, Waiting } from "../parts";
import { bodyOf, type Draft, draftFrom, draftsOf, isSame, putDraft, type SetUpChannel } from "./draft";
import { EmailFields } from "./email";
import type { Secrets } from "./fields";
import { GatewayFields } from "./gateway";
import { Health, Webhook } from "./health";
import { SmsFields, TelegramFields } from "./keyed";
import "./channels.css";

/** How it does is asked again this often while one looks, milliseconds. */
const HEALTH_MS = 10_000;

interface ChannelProps {
  readonly inbox: Inbox;
  readonly kind: SetUpChannel;
  readonly asked: Asked<ChannelSetup>;
}

export function ChannelPart({ inbox, kind, asked }: ChannelProps) {
  const setup = asked.value.value;
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") void asked.again();
    }, HEALTH_MS);
    return () => clearInterval(timer);
  }, []);
  if (!setup) return <Waiting asked={asked} />;
  return (
    <>
      {setup.settings !== null && <Health of={setup.health} inbox={inbox.id} />}
      <ChannelForm inbox={inbox} kind={kind} setup={setup} saved={(next) => (asked.value.value = next)} />
      <Webhook setup={setup} kind={kind} />
    </>
  );
}

interface FormProps {
  readonly inbox: Inbox;
  readonly kind: SetUpChannel;
  readonly setup: ChannelSetup;
  saved(setup: ChannelSetup): void;
}

/** What is typed, by whoever typed it, until it is saved or thrown away. */
function useDraft({ inbox, kind, setup }: FormProps) {
  const drafts = draftsOf(useDesk()).channel;
  const base = draftFrom(setup, kind);
  const typed = drafts.value.get(inbox.id);
  const put = (draft: Draft): void => putDraft(drafts, inbox.id, isSame(draft, base) ? undefined : draft);
  /** Nothing has been typed since. */
  const isStill = (draft: Draft): boolean => isSame(drafts.peek().get(inbox.id) ?? base, draft);
  return { draft: typed ?? base, base, unsaved: typed !== undefined, put, isStill };
}

function ChannelForm(props: FormProps) {
  const { inbox, setup, saved } = props;
  const { api } = useDesk();
  const { draft, base, unsaved, put, isStill } = useDraft(props);
  const found = useSignal<ChannelTried | null>(null);
  const testing = useSending();
  const saving = useSending();
  // Fields that hold what was typed begin anew when something else is put in.
  const filled = useSignal(0);
  const box = useRef<HTMLDivElement>(null);
  const edit = (next: Draft): void => {
    found.value = null;
    put(next);
  };
  const fill = (next: Draft): void => {
    filled.value += 1;
    edit(next);
    // What was pressed may be gone with what stood there before.
    requestAnimationFrame(() => box.current?.querySelector("input")?.focus());
  };
  const test = (): void => {
    if (!box.current?.closest("form")?.reportValidity()) return;
    found.value = null;
    void testing.send(async () => {
      const body = bodyOf(draft, false);
      const tried = await api("POST /api/inboxes/{id}/channel/try", { id: inbox.id, body });
      if (isStill(draft)) found.value = tried;
    });
  };
  const save = (untested: boolean): void => {
    found.value = null;
    void saving.send(async () => {
      try {
        const body = bodyOf(draft, untested);
        const next = await api("PUT /api/inboxes/{id}/channel", { id: inbox.id, body });
        // What was typed meanwhile is not in it.
        if (isStill(draft)) put(base);
        saved(next);
        toast({ text: t("settings.saved") });
      } catch (cause) {
        const sentence = apiError(cause).fields?.find((one) => one.code === "not_working")?.message;
        if (sentence === undefined) throw cause;
        found.value = { ok: false, sentence };
      }
    });
  };
  return (
    <Form onSend={() => save(false)} class="dk-channel">
      <div ref={box} class="dk-form" key={filled.value}>
        <Fields
          draft={draft}
          setup={setup}
          sample={`${inbox.case_prefix}1234`}
          isWrong={(field) => [saving, testing].some((sending) => sending.fieldError(field) !== undefined)}
          edit={edit}
          fill={fill}
        />
      </div>
      <Found of={found} saveAnyway={() => save(true)} />
      <FormError sending={saving} />
      <FormError sending={testing} />
      <div class="dk-form__foot">
        <Button kind="primary" type="submit" busy={saving.busy}>
          {t("settings.save")}
        </Button>
        <Button onClick={test} busy={testing.busy}>
          {t("inbox.test")}
        </Button>
        {unsaved && (
          <>
            <Button kind="quiet" onClick={() => fill(base)}>
              {t("inbox.discard")}
            </Button>
            <span class="dk-unsaved">{t("inbox.unsaved")}</span>
          </>
        )}
      </div>
    </Form>
  );
}

/** What the test has found; what is not good may be saved all the same. */
function Found({ of, saveAnyway }: { readonly of: Signal<ChannelTried | null>; saveAnyway(): void }) {
  const found = of.value;
  return (
    <div role="status">
      {found && (
        <div class={`dk-found dk-found--${found.ok ? "good" : "bad"}`}>
          <Icon of={found.ok ? CircleCheck : TriangleAlert} />
          <div>
            <strong>{t(found.ok ? "inbox.works" : "inbox.worksNot")}</strong>
            <p dir="auto">{found.sentence}</p>
            {!found.ok && (
              <Button size="small" onClick={saveAnyway}>
                {t("inbox.saveUntested")}
              </Button>
            )}
          </div>
        </div>
      )}
    </div>
  );
}

interface FieldsProps {
  readonly draft: Draft;
  readonly setup: ChannelSetup;
  /** A case number as the inbox has them. */
  readonly sample: string;
  isWrong(field: string): boolean;
  edit(next: Draft): void;
  fill(next: Draft): void;
}

function Fields({ draft, setup, sample, isWrong, edit, fill }: FieldsProps) {
  const { settings } = draft;
  const secrets: Secrets = {
    kept: setup.secrets,
    typed: draft.secrets,
    type(name, value) {
      const { [name]: _before, ...rest } = draft.secrets;
      // An empty field means: as it is.
      edit({ ...draft, secrets: value === "" ? rest : { ...rest, [name]: value } });
    },
    remove: (name) => edit({ ...draft, secrets: { ...draft.secrets, [name]: "" } }),
    isForeign: (name) => isWrong(`secrets.${name}`),
  };
  const change = (next: Draft["settings"]): void => edit({ ...draft, settings: next });
  switch (settings.kind) {
    case "email":
      return <EmailFields of={settings} secrets={secrets} change={change} sample={sample} />;
    case "sms":
      return <SmsFields of={settings} secrets={secrets} change={change} />;
    case "telegram":
      return <TelegramFields of={settings} secrets={secrets} change={change} />;
    case "gateway":
      return (
        <GatewayFields
          of={settings}
          secrets={secrets}
          change={change}
          fill={(next) => fill({ ...draft, settings: next })}
        />
      );
  }
}
