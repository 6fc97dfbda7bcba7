/** The bots of a conversation, in the customer's column: how each stands, and the reins. */
import { useSignal } from "@preact/signals";
import type { Author, BotBlock, ConversationRow } from "@switchboard/protocol";
import { Avatar } from "@switchboard/ui/avatar";
import { Button } from "@switchboard/ui/button";
import { t } from "@switchboard/ui/i18n/desk";
import { IconButton } from "@switchboard/ui/icon-button";
import { Menu } from "@switchboard/ui/menu";
import { Moment } from "@switchboard/ui/moment";
import { locale, now } from "@switchboard/ui/ticker";
import { clock, coming } from "@switchboard/ui/time";
import { ChevronDown, Play, ScrollText } from "lucide-preact";
import { useDesk } from "../../context";
import { Dotted } from "../../parts/dotted";
import { blockChoices, speaker } from "../../state/bots";
import { authorName } from "../../words";
import { Section } from "../customer/parts";
import { blockBots, freeBots, runBot } from "./actions";
import { type BotHere, botsHere } from "./here";
import { BotLogDrawer } from "./log";
import "./bots.css";

export function BotsPanel({ row }: { readonly row: ConversationRow }) {
  const desk = useDesk();
  const bots = botsHere(desk, row.id);
  const log = useSignal<BotHere | null>(null);
  if (bots.length === 0) return null;
  const first = speaker(bots);
  const readOnly = desk.me.value.agent.role === "read_only";
  return (
    <Section title={t("bots.here")}>
      <ul class="dk-bots">
        {bots.map((bot) => (
          <li key={bot.id} class="dk-bot">
            <Avatar id={bot.id} name={bot.name} bot size={28} />
            <div class="dk-bot__words">
              <strong class="dk-cut">
                <bdi>{bot.name}</bdi>
              </strong>
              <Standing bot={bot} row={row} first={bot === first} />
            </div>
            <div class="dk-bot__reins">
              {!readOnly && bot.state.kind !== "off" && <Reins bot={bot} row={row} />}
              <IconButton
                icon={ScrollText}
                size="small"
                label={t("bots.log", { bot: bot.name })}
                onClick={() => (log.value = bot)}
              />
            </div>
          </li>
        ))}
      </ul>
      {log.value && (
        <BotLogDrawer id={log.value.id} name={log.value.name} conversation={row.id} close={() => (log.value = null)} />
      )}
    </Section>
  );
}

interface OfBot {
  readonly bot: BotHere;
  readonly row: ConversationRow;
}

function Standing({ bot: { state }, row, first }: OfBot & { readonly first: boolean }) {
  switch (state.kind) {
    case "blocked":
      return <Blocked block={state.block} row={row} />;
    case "waiting":
      return (
        <span class="dk-bot__state" data-state="waiting" role="status">
          {t("bots.state.waiting", { time: clock(state.since, locale.value) })}
        </span>
      );
    case "answering":
      return (
        <span class="dk-bot__state" data-state={first ? "answering" : "next"} role="status">
          {t(first ? "bots.state.answering" : "bots.state.next")}
        </span>
      );
    default:
      return (
        <span class="dk-bot__state" data-state={state.kind} role="status">
          {t(`bots.state.${state.kind}`)}
        </span>
      );
  }
}

function Blocked({ block, row }: { readonly block: BotBlock; readonly row: ConversationRow }) {
  const until = block.until === null ? undefined : coming(block.until, now.value, locale.value);
  return (
    <>
      <span class="dk-bot__state" data-state="blocked" role="status">
        {until === undefined ? t("bots.blocked") : t("bots.blockedUntil", { time: until })}
      </span>
      <span class="dk-muted dk-bot__why">
        <Dotted of={[<Why key="why" block={block} row={row} />, <Moment key="at" at={block.at} />]} />
      </span>
    </>
  );
}

function Why({ block: { why, by }, row }: { readonly block: BotBlock; readonly row: ConversationRow }) {
  const { house } = useDesk();
  const name = (who: Author): string => authorName(who, row, house.value);
  switch (why) {
    case "handed_over":
    case "silent":
    case "failing":
      return t(`bots.why.${why}`);
    case "answered":
    case "asked":
      return t(`bots.why.${why}`, { who: name(by) });
    // And whatever a newer hub may say.
    default:
      return t("bots.why.agent", { who: name(by) });
  }
}

function Reins({ bot, row }: OfBot) {
  const desk = useDesk();
  const run = (
    <IconButton
      icon={Play}
      size="small"
      mirrored
      label={t("bots.runNamed", { bot: bot.name })}
      onClick={() => void runBot(desk, row.id, bot.id)}
    />
  );
  if (bot.state.kind === "blocked")
    return (
      <>
        <Button
          size="small"
          aria-label={t("bots.freeNamed", { bot: bot.name })}
          onClick={() => freeBots(desk, row.id, [bot.id])}
        >
          {t("bots.free")}
        </Button>
        {run}
      </>
    );
  return (
    <>
      <Menu
        label={t("bots.blockNamed", { bot: bot.name })}
        opener={(opener) => (
          <Button size="small" icon={ChevronDown} aria-label={t("bots.blockNamed", { bot: bot.name })} {...opener}>
            {t("bots.block")}
          </Button>
        )}
        entries={blockChoices(desk.clock()).map(({ id, until }) => ({
          label: t(`bots.blockFor.${id}`),
          onChoose: () => blockBots(desk, row.id, [bot.id], until),
        }))}
      />
      {run}
    </>
  );
}
