/** The bots of a conversation, in the customer's column: how each stands, and the reins. */
import { useSignal } from "@preact/signals";
import type { Author, BotBlock, BotId, ConversationRow } from "@switchboard/protocol";
import { Avatar } from "@switchboard/ui/avatar";
import { Button } from "@switchboard/ui/button";
import { t } from "@switchboard/ui/i18n/desk";
import { loadMoreWords } from "@switchboard/ui/i18n/more";
import { IconButton } from "@switchboard/ui/icon-button";
import { Menu } from "@switchboard/ui/menu";
import { Moment } from "@switchboard/ui/moment";
import { locale, now } from "@switchboard/ui/ticker";
import { clock, coming } from "@switchboard/ui/time";
import { ChevronDown, Play, ScrollText } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import { useDesk } from "../../context";
import { Dotted } from "../../parts/dotted";
import { late } from "../../parts/late";
import { blockChoices, speaker } from "../../state/bots";
import { authorName } from "../../words";
import { Section } from "../customer/parts";
import { blockBots, freeBots, runBot } from "./actions";
import { type BotHere, botsHere } from "./here";
import "./bots.css";

const BotLogDrawer = late(async () => (await Promise.all([import("./log"), loadMoreWords()]))[0].BotLogDrawer);

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
      <Said bots={bots} />
      {log.value && (
        <BotLogDrawer id={log.value.id} name={log.value.name} conversation={row.id} close={() => (log.value = null)} />
      )}
    </Section>
  );
}

/** One voice for the panel: what has come to be otherwise. Who types is not read aloud, it comes and goes too often. */
function Said({ bots }: { readonly bots: readonly BotHere[] }) {
  const before = useRef<ReadonlyMap<string, string>>();
  const said = useSignal("");
  const now = new Map(bots.map((bot) => [bot.id, spoken(bot)]));
  useEffect(() => {
    const known = before.current;
    const kept = new Map([...now].map(([id, words]) => [id, words ?? known?.get(id) ?? ""]));
    before.current = kept;
    if (!known) return;
    const news = bots.filter(({ id }) => kept.get(id) !== known.get(id));
    if (news.length > 0) said.value = news.map(({ id, name }) => `${name}: ${kept.get(id)}`).join(". ");
  });
  return (
    <p class="sb-unseen" role="status">
      {said.value}
    </p>
  );
}

/** Undefined: it types, of which nothing is said. */
function spoken({ state }: BotHere): string | undefined {
  switch (state.kind) {
    case "typing":
      return undefined;
    case "blocked":
      return blockedWords(state.block);
    case "waiting":
      return t("bots.state.waiting", { time: clock(state.since, locale.value) });
    default:
      return t(`bots.state.${state.kind}`);
  }
}

function blockedWords({ until }: BotBlock): string {
  return until === null ? t("bots.blocked") : t("bots.blockedUntil", { time: coming(until, now.value, locale.value) });
}

interface OfBot {
  readonly bot: BotHere;
  readonly row: ConversationRow;
}

function Standing({ bot: { id, state, answers }, row, first }: OfBot & { readonly first: boolean }) {
  switch (state.kind) {
    case "blocked":
      return <Blocked block={state.block} bot={id} row={row} />;
    case "waiting":
      return (
        <span class="dk-bot__state" data-state="waiting">
          {t("bots.state.waiting", { time: clock(state.since, locale.value) })}
        </span>
      );
    case "answering":
      if (answers !== "always")
        return (
          <span class="dk-bot__state" data-state="next">
            {t(`bots.answers.${answers}`)}
          </span>
        );
      return (
        <span class="dk-bot__state" data-state={first ? "answering" : "next"}>
          {t(first ? "bots.state.answering" : "bots.state.next")}
        </span>
      );
    default:
      return (
        <span class="dk-bot__state" data-state={state.kind}>
          {t(`bots.state.${state.kind}`)}
        </span>
      );
  }
}

interface OfBlock {
  readonly block: BotBlock;
  readonly bot: BotId;
  readonly row: ConversationRow;
}

function Blocked({ block, bot, row }: OfBlock) {
  return (
    <>
      <span class="dk-bot__state" data-state="blocked">
        {blockedWords(block)}
      </span>
      <span class="dk-muted dk-bot__why">
        <Dotted of={[<Why key="why" block={block} bot={bot} row={row} />, <Moment key="at" at={block.at} />]} />
      </span>
      {block.why !== "agent" && block.until === null && (
        <span class="dk-muted dk-bot__why">{t("bots.untilClosed")}</span>
      )}
    </>
  );
}

function Why({ block: { why, by }, bot, row }: OfBlock) {
  const { house } = useDesk();
  const name = (who: Author): string => authorName(who, row, house.value);
  switch (why) {
    case "handed_over":
      // Whoever hands over does it for the others too.
      if (by.kind === "bot" && by.id !== bot) return t("bots.why.handedOver", { who: name(by) });
      return t("bots.why.handed_over");
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
  const blocked = bot.state.kind === "blocked";
  const blockFor = blockChoices(desk.clock(), locale.value.zone).map(({ id, until }) => ({
    label: t(`bots.blockFor.${id}`),
    onChoose: () => blockBots(desk, row.id, [bot.id], until),
  }));
  return (
    <>
      {blocked && (
        <Button
          size="small"
          aria-label={t("bots.freeNamed", { bot: bot.name })}
          onClick={() => freeBots(desk, row.id, [bot.id])}
        >
          {t("bots.free")}
        </Button>
      )}
      <Menu
        label={t(blocked ? "bots.blockOtherwise" : "bots.blockNamed", { bot: bot.name })}
        opener={(opener) =>
          blocked ? (
            <IconButton
              icon={ChevronDown}
              size="small"
              label={t("bots.blockOtherwise", { bot: bot.name })}
              {...opener}
            />
          ) : (
            <Button size="small" icon={ChevronDown} aria-label={t("bots.blockNamed", { bot: bot.name })} {...opener}>
              {t("bots.block")}
            </Button>
          )
        }
        entries={blockFor}
      />
      {run}
    </>
  );
}
