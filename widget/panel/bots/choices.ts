/** Which answers a bot offers now. */

import type { Keyboard, VisitorConversation, VisitorMessage } from "@switchboard/protocol";

import type { Pending } from "../chat";

export type Choices = Extract<Keyboard, { kind: "choices" }>;

/**
 * The newest that a bot has offered, until it takes them away, a person or another bot answers, or one was chosen of those that are
 * offered once.
 */
export function choicesOf(
  messages: readonly VisitorMessage[],
  pending: readonly Pending[],
  conversation: VisitorConversation | undefined,
): Choices | undefined {
  let bot: string | undefined;
  const written = pending.filter(({ failed }) => !failed).map(({ text }) => text.trim());
  for (const message of messages.toReversed()) {
    const { author, rich, text } = message;
    if (message.conversation_id !== conversation?.id || message.deleted_at) continue;
    if (author.kind === "you") written.push(text.trim());
    const keyboard = rich?.keyboard;
    // Another bot answers now than the one that asked.
    if (author.kind === "bot" && author.name) {
      bot ??= author.name;
      if (author.name !== bot) return undefined;
    }
    if (author.kind === "agent" || keyboard?.kind === "remove") return undefined;
    if (keyboard?.kind !== "choices") continue;
    const { rows, once } = keyboard;
    // Where there is nothing to choose from, it is any answer that was asked for.
    const chosen =
      once && (rows.length ? rows.flat().some((choice) => written.includes(choice.trim())) : written.length > 0);
    return chosen ? undefined : keyboard;
  }
  return undefined;
}
