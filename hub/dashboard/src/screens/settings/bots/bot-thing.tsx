/** One bot among others: its line, and what opens below it. */
import { type Signal, useSignal } from "@preact/signals";
import type { Bot, BotWithToken } from "@switchboard/protocol";
import { Avatar } from "@switchboard/ui/avatar";
import { Button } from "@switchboard/ui/button";
import { Dialog } from "@switchboard/ui/dialog";
import { list } from "@switchboard/ui/i18n";
import { t } from "@switchboard/ui/i18n/channels";
import { IconButton } from "@switchboard/ui/icon-button";
import { locale, now } from "@switchboard/ui/ticker";
import { longAgo } from "@switchboard/ui/time";
import { Copy } from "lucide-preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { useDesk } from "../../../context";
import { Dotted } from "../../../parts/dotted";
import { BotLogDrawer } from "../../bots/log";
import { Copyable, copy, doing, Thing } from "../parts";
import { BotForm } from "./bot-form";
import { ConsoleDrawer } from "./console";
import { baseUrl, Example, fileUrl } from "./example";

interface BotThingProps {
  readonly bot: Bot;
  readonly open: boolean;
  toggle(): void;
  /** Just made: it is not shown again. */
  readonly token: string | undefined;
  renewed(made: BotWithToken): void;
  /** The token is in somebody's hands, or worth nothing any more. */
  tokenDone(): void;
  changed(): void;
}

export function BotThing(props: BotThingProps) {
  const { bot, open, toggle } = props;
  return (
    <Thing
      before={<Avatar id={bot.id} name={bot.name} bot size={32} />}
      title={bot.name}
      line={<Line bot={bot} />}
      actions={
        <Button
          aria-expanded={open}
          aria-label={t(open ? "settings.closeNamed" : "settings.editNamed", { name: bot.name })}
          onClick={toggle}
        >
          {t(open ? "action.close" : "action.edit")}
        </Button>
      }
    >
      {open && <Details {...props} />}
    </Thing>
  );
}

function Line({ bot }: { readonly bot: Bot }) {
  const { inboxes } = useDesk().house.value;
  const names = bot.inboxes.map(({ inbox_id: id }) => inboxes.get(id)?.name ?? "").filter(Boolean);
  const seen = bot.last_seen_at;
  return (
    <>
      <Dotted
        of={[
          bot.off ? t("bots.state.off") : undefined,
          names.length === 0 ? t("bot.noInbox") : list(names),
          bot.webhook === null ? t("bot.fetches") : hostOf(bot.webhook),
          bot.waiting > 0 ? t("bot.waiting", { n: bot.waiting }) : undefined,
          seen === null
            ? t("bot.neverSeen")
            : t("settings.lastSeen", { time: longAgo(seen, now.value, locale.value, t("time.now")) }),
        ]}
      />
      {bot.token_hint === null && <span class="dk-bot-trouble">{t("bot.noToken")}</span>}
      {bot.trouble !== null && (
        <span class="dk-bot-trouble">
          <bdi>{bot.trouble}</bdi>
        </span>
      )}
    </>
  );
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

/** It comes into sight, wherever on the page it was asked for. */
function Fresh({ token, copied }: { readonly token: string; copied(): void }) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => box.current?.scrollIntoView({ block: "center" }), []);
  return (
    <>
      <div class="dk-bot-token" role="status" ref={box}>
        <p>{t("bot.tokenNow")}</p>
        <Copyable text={token} label={t("bot.copyToken")} onCopied={copied} />
      </div>
      <Example token={token} copied={copied} />
    </>
  );
}

interface AddressProps {
  readonly of: string;
  readonly name: string;
  readonly copyIt: string;
}

function Address({ of, name, copyIt }: AddressProps) {
  return (
    <>
      <dt>{name}</dt>
      <dd class="dk-bot-address">
        <bdi dir="ltr">{of}</bdi>
        <IconButton icon={Copy} size="small" label={copyIt} onClick={() => void copy(of)} />
      </dd>
    </>
  );
}

type Question = "newToken" | "revoke" | "remove";

function Details({ bot, token, renewed, tokenDone, changed }: BotThingProps) {
  const { api } = useDesk();
  const asking = useSignal<Question | null>(null);
  const log = useSignal(false);
  const talking = useSignal(false);
  const { id, name, off } = bot;
  const copied = useRef(false);
  const then = (work: () => Promise<unknown>, said: string, next = changed): void =>
    void doing(work, said).then((done) => done && next());
  // Once it was copied it goes with what is closed.
  useEffect(() => () => void (copied.current && tokenDone()), []);
  const answers: Record<Question, () => void> = {
    newToken: () => void doing(async () => renewed(await api("POST /api/bots/{id}/token", { id }))),
    revoke: () =>
      then(
        () => api("DELETE /api/bots/{id}/token", { id }),
        t("bot.revoked", { bot: name }),
        () => {
          tokenDone();
          changed();
        },
      ),
    remove: () => then(() => api("DELETE /api/bots/{id}", { id }), t("settings.removed", { name })),
  };
  return (
    <>
      {token !== undefined && <Fresh key={token} token={token} copied={() => (copied.current = true)} />}
      <BotForm key={id} bot={bot} done={changed} />
      <section class="dk-part">
        <h3>{t("bot.token")}</h3>
        <dl class="dk-bot-facts">
          <dt>{t("bot.username")}</dt>
          <dd dir="ltr">@{bot.username}</dd>
          <Address of={baseUrl()} name={t("bot.baseUrl")} copyIt={t("bot.copyBaseUrl")} />
          <Address of={fileUrl()} name={t("bot.fileUrl")} copyIt={t("bot.copyFileUrl")} />
          {bot.webhook !== null && (
            <>
              <dt>{t("bot.delivered")}</dt>
              <dd dir="ltr">{bot.webhook}</dd>
            </>
          )}
        </dl>
        <p>{bot.token_hint === null ? t("bot.noToken") : t("bot.tokenEnds", { end: bot.token_hint })}</p>
        <div class="dk-form__foot">
          <Button onClick={() => (asking.value = "newToken")}>{t("bot.newToken")}</Button>
          {bot.token_hint !== null && <Button onClick={() => (asking.value = "revoke")}>{t("bot.revoke")}</Button>}
        </div>
      </section>
      <div class="dk-part">
        <div class="dk-form__foot">
          <Button onClick={() => (talking.value = true)}>{t("bot.talk")}</Button>
          <Button onClick={() => (log.value = true)}>{t("bot.log")}</Button>
          <Button
            onClick={() =>
              then(
                () => api("PATCH /api/bots/{id}", { id, body: { off: !off } }),
                t(off ? "bot.switchedOn" : "bot.switchedOff", { bot: name }),
              )
            }
          >
            {t(off ? "bot.switchOn" : "bot.switchOff")}
          </Button>
          <Button onClick={() => (asking.value = "remove")}>{t("bot.remove")}</Button>
        </div>
      </div>
      {asking.value && <Ask about={asking.value} bot={name} asking={asking} yes={answers[asking.value]} />}
      {talking.value && <ConsoleDrawer bot={bot} close={() => (talking.value = false)} />}
      {log.value && <BotLogDrawer id={id} name={name} close={() => (log.value = false)} />}
    </>
  );
}

interface AskProps {
  readonly about: Question;
  readonly bot: string;
  readonly asking: Signal<Question | null>;
  yes(): void;
}

/** What cannot be taken back is asked for. */
function Ask({ about, bot, asking, yes }: AskProps) {
  const close = (): void => {
    asking.value = null;
  };
  const no = t(about === "remove" ? "bot.keep" : "action.cancel");
  return (
    <Dialog
      title={t(`bot.${about}Title`, { bot })}
      onClose={close}
      actions={
        <>
          <Button onClick={close}>{no}</Button>
          <Button
            kind={about === "newToken" ? "primary" : "danger"}
            onClick={() => {
              close();
              yes();
            }}
          >
            {t(`bot.${about}`)}
          </Button>
        </>
      }
    >
      <p>{t(`bot.${about}Body`, { bot })}</p>
    </Dialog>
  );
}
