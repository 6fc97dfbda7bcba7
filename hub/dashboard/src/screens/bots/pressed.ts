/** Which buttons under which message a customer has pressed. Pure. */
import type { Message } from "@switchboard/protocol";
import { placeOf } from "@switchboard/ui/message-keyboard";

/** Only where there still stands what was pressed: bots change their buttons with every press. */
export function pressedIn(messages: readonly Message[]): ReadonlyMap<number, ReadonlySet<string>> {
  const pressed = new Map<number, Set<string>>();
  const byNumber = new Map(messages.map((message) => [message.number, message]));
  for (const { line } of messages) {
    if (line?.kind !== "pressed") continue;
    const keyboard = byNumber.get(line.number)?.rich?.keyboard;
    const stands = keyboard?.kind === "inline" ? keyboard.rows[line.row]?.[line.column]?.text : undefined;
    if (stands !== line.text) continue;
    const places = pressed.get(line.number) ?? new Set();
    pressed.set(line.number, places.add(placeOf(line.row, line.column)));
  }
  return pressed;
}
