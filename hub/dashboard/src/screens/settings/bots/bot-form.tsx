/** What a bot is called, and in which inboxes it answers when. */
import { useSignal } from "@preact/signals";
import type { Bot, BotAnswers, BotInbox, BotWithToken, InboxId } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { Checkbox } from "@switchboard/ui/checkbox";
import { Select, TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/channels";
import { useDesk } from "../../../context";
import { Form, FormError, useSending } from "../../../parts/form";
import { NoHours } from "../hours/hours";
import { text } from "../parts";
import { lastRank } from "./order";
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
  const inboxes = useSignal<readonly BotInbox[]>([]);
  const send = async (form: FormData): Promise<void> => {
    const body = { name: text(form, "name"), username: text(form, "username"), inboxes: [...inboxes.value] };
    done(await api("POST /api/bots", { body }));
  };
  return (
    <Form onSend={(form) => void sending.send(() => send(form))}>
      <div class="dk-two">
        <TextField label={t("settings.name")} name="name" required autofocus error={sending.fieldError("name")} />
        <TextField
          label={t("bot.username")}
          help={t("field.username")}
          name="username"
          required
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          dir="ltr"
          error={sending.fieldError("username")}
        />
      </div>
      <Where bots={bots} chosen={inboxes.value} choose={(next) => (inboxes.value = next)} />
      <FormError sending={sending} />
      <div class="dk-form__foot">
        <Button kind="primary" type="submit" busy={sending.busy}>
          {t("bot.new")}
        </Button>
        <Button onClick={cancel}>{t("action.cancel")}</Button>
      </div>
    </Form>
  );
}

export function BotForm({ bot, bots, done }: { readonly bot: Bot; readonly bots: readonly Bot[]; done(): void }) {
  const { api } = useDesk();
  const sending = useSending();
  // Of what was chosen here; none: as it is, also where its order is changed meanwhile.
  const chosen = useSignal<readonly BotInbox[] | null>(null);
  const save = async (form: FormData): Promise<void> => {
    const inboxes = chosen.value === null ? {} : { inboxes: [...chosen.value] };
    await api("PATCH /api/bots/{id}", { id: bot.id, body: { name: text(form, "name"), ...inboxes } });
    chosen.value = null;
    done();
  };
  return (
    <Form onSend={(form) => void sending.send(() => save(form))}>
      <TextField
        label={t("settings.name")}
        name="name"
        required
        defaultValue={bot.name}
        error={sending.fieldError("name")}
      />
      <Where bots={bots} chosen={chosen.value ?? bot.inboxes} choose={(next) => (chosen.value = next)} />
      <FormError sending={sending} />
      <div class="dk-form__foot">
        <Button kind="primary" type="submit" busy={sending.busy}>
          {t("settings.save")}
        </Button>
      </div>
    </Form>
  );
}

interface WhereProps {
  readonly bots: readonly Bot[];
  readonly chosen: readonly BotInbox[];
  choose(inboxes: readonly BotInbox[]): void;
}

function Where({ bots, chosen, choose }: WhereProps) {
  const { inboxes } = useDesk().house.value;
  const put = (inbox_id: InboxId, answers: BotAnswers): void => {
    const rank = chosen.find((one) => one.inbox_id === inbox_id)?.rank ?? lastRank(bots, inbox_id);
    choose([...chosen.filter((one) => one.inbox_id !== inbox_id), { inbox_id, rank, answers }]);
  };
  return (
    <fieldset class="dk-checks">
      <legend>{t("bot.inboxes")}</legend>
      {[...inboxes.values()].map(({ id, name }) => {
        const here = chosen.find((one) => one.inbox_id === id);
        return (
          <div key={id} class="dk-bot-where">
            <Checkbox
              label={name}
              checked={here !== undefined}
              onChange={(yes) => (yes ? put(id, "always") : choose(chosen.filter((one) => one.inbox_id !== id)))}
            />
            {here && (
              <Select
                label={t("bot.answersIn", { inbox: name })}
                bare
                value={here.answers}
                options={ANSWERS.map((value) => ({ value, label: t(`bot.answers.${value}`) }))}
                onChange={(event) => put(id, event.currentTarget.value as BotAnswers)}
              />
            )}
            {here?.answers === "outside_hours" && <NoHours inbox={{ id, name }} />}
          </div>
        );
      })}
    </fieldset>
  );
}
