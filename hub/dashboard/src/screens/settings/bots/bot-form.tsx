/** What a bot is called, and in which inboxes it answers when. */
import { useSignal } from "@preact/signals";
import type { Bot, BotAnswers, BotWithToken, InboxId } from "@switchboard/protocol";
import { CHANNEL_ICONS } from "@switchboard/ui/avatar";
import { Button } from "@switchboard/ui/button";
import { Checkbox } from "@switchboard/ui/checkbox";
import { Select, TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/channels";
import { toast } from "@switchboard/ui/toast";
import { useRef } from "preact/hooks";
import { useDesk } from "../../../context";
import { Form, FormError, useSending } from "../../../parts/form";
import { NoHours } from "../hours/hours";
import { text } from "../parts";
import { lastRank } from "./order";
import { usernameOf } from "./username";
import "./bots.css";

const ANSWERS: readonly BotAnswers[] = ["always", "first_message", "nobody_online", "outside_hours"];

export function NewBot({
  bots,
  done,
  cancel,
}: {
  readonly bots: readonly Bot[];
  done(made: BotWithToken): void;
  cancel(): void;
}) {
  const { api } = useDesk();
  const sending = useSending();
  const chosen = useSignal<Places>(new Map());
  const name = useSignal("");
  /** Null: as the name has it, until it is written by hand. */
  const username = useSignal<string | null>(null);
  const send = async (form: FormData): Promise<void> => {
    const places = [...chosen.value].map(([inbox_id, answers]) => ({
      inbox_id,
      rank: lastRank(bots, inbox_id),
      answers,
    }));
    const body = { name: text(form, "name"), username: text(form, "username"), inboxes: places };
    done(await api("POST /api/bots", { body }));
  };
  return (
    <Form onSend={(form) => void sending.send(() => send(form))}>
      <div class="dk-two">
        <TextField
          label={t("settings.name")}
          name="name"
          required
          autofocus
          error={sending.fieldError("name")}
          onInput={({ currentTarget }) => (name.value = currentTarget.value)}
        />
        <TextField
          label={t("bot.username")}
          help={t("field.username")}
          name="username"
          required
          value={username.value ?? usernameOf(name.value)}
          onInput={({ currentTarget }) => (username.value = currentTarget.value)}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          dir="ltr"
          error={sending.fieldError("username")}
        />
      </div>
      <Where
        chosen={chosen.value}
        choose={(inbox, answers) => (chosen.value = withPlace(chosen.value, inbox, answers))}
      />
      <FormError sending={sending} />
      <div class="dk-form__foot">
        <Button kind="primary" type="submit" busy={sending.busy}>
          {t("bot.create")}
        </Button>
        <Button onClick={cancel}>{t("action.cancel")}</Button>
      </div>
    </Form>
  );
}

export function BotForm({ bot, done }: { readonly bot: Bot; done(): void }) {
  const { api } = useDesk();
  const sending = useSending();
  /** As it was called when this opened: only another name is one that was written here. */
  const called = useRef(bot.name);
  /** What was chosen here; the rest is as it is, whoever changes it meanwhile. */
  const changes = useSignal<ReadonlyMap<InboxId, BotAnswers | null>>(new Map());
  const save = async (form: FormData): Promise<void> => {
    const name = text(form, "name");
    const places = [...changes.value].map(([inbox_id, answers]) => ({ inbox_id, answers }));
    const renamed = name === called.current ? {} : { name };
    await api("PATCH /api/bots/{id}", { id: bot.id, body: { ...renamed, places } });
    called.current = name;
    changes.value = new Map();
    toast({ text: t("settings.saved") });
    done();
  };
  let chosen: Places = new Map(bot.inboxes.map(({ inbox_id, answers }) => [inbox_id, answers]));
  for (const [inbox, answers] of changes.value) chosen = withPlace(chosen, inbox, answers);
  return (
    <Form onSend={(form) => void sending.send(() => save(form))}>
      <TextField
        label={t("settings.name")}
        name="name"
        required
        defaultValue={bot.name}
        error={sending.fieldError("name")}
      />
      <Where
        chosen={chosen}
        choose={(inbox, answers) => (changes.value = new Map([...changes.value, [inbox, answers]]))}
      />
      <FormError sending={sending} />
      <div class="dk-form__foot">
        <Button kind="primary" type="submit" busy={sending.busy}>
          {t("settings.save")}
        </Button>
      </div>
    </Form>
  );
}

/** Where it is asked, and when. */
type Places = ReadonlyMap<InboxId, BotAnswers>;

/** Null: it is not asked there. */
function withPlace(places: Places, inbox: InboxId, answers: BotAnswers | null): Places {
  const next = new Map(places);
  if (answers === null) next.delete(inbox);
  else next.set(inbox, answers);
  return next;
}

interface WhereProps {
  readonly chosen: Places;
  choose(inbox: InboxId, answers: BotAnswers | null): void;
}

function Where({ chosen, choose }: WhereProps) {
  const { inboxes } = useDesk().house.value;
  return (
    <fieldset class="dk-checks">
      <legend>{t("bot.inboxes")}</legend>
      {[...inboxes.values()].map(({ id, name, channel }) => {
        const here = chosen.get(id);
        return (
          <div key={id} class="dk-bot-where">
            <Checkbox
              icon={CHANNEL_ICONS[channel]}
              label={name}
              checked={here !== undefined}
              onChange={(yes) => choose(id, yes ? "always" : null)}
            />
            {here && (
              <Select
                label={t("bot.answersIn", { inbox: name })}
                bare
                value={here}
                options={ANSWERS.map((value) => ({ value, label: t(`bot.answers.${value}`) }))}
                onChange={(event) => choose(id, event.currentTarget.value as BotAnswers)}
              />
            )}
            {here === "outside_hours" && <NoHours inbox={{ id, name }} />}
          </div>
        );
      })}
    </fieldset>
  );
}
