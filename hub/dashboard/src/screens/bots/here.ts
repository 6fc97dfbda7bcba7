/** The bots of a conversation as its screen shows them: who they are and how they stand. */
import type { BotAnswers, BotId, ConversationBot, ConversationId } from "@switchboard/protocol";
import { now } from "@switchboard/ui/ticker";
import type { Desk } from "../../desk/desk";
import { answersOf, type BotState, botState } from "../../state/bots";
import { shownBots } from "../../state/model";
import { botName } from "../../words";

export interface BotHere {
  readonly id: BotId;
  readonly name: string;
  readonly state: BotState;
  readonly answers: BotAnswers;
}

/** In the order in which they are asked; of whoever may not know, or of an inbox without bots, none. */
export function botsHere(desk: Desk, id: ConversationId): readonly BotHere[] {
  const { house } = desk;
  const typing = desk.now.value.typing.get(id) ?? [];
  return (desk.botsIn(id).value ?? []).map((bot) => {
    const writes = typing.some(({ who }) => who.kind === "bot" && who.id === bot.bot_id);
    return {
      id: bot.bot_id,
      name: botName(house.value, bot.bot_id),
      state: botState(bot, house.value.bots.get(bot.bot_id), writes, now.value),
      answers: answersOf(bot),
    };
  });
}

/** Those that can be blocked, let free or asked, at this moment: without listening to them. */
export function botsNow(desk: Desk, id: ConversationId): readonly ConversationBot[] {
  const { bots } = desk.core.state;
  return (shownBots(desk.core.state, id) ?? []).filter((one) => bots.get(one.bot_id)?.thing.off === false);
}
