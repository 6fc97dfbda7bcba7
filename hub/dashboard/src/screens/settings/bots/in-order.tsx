/** The bots of an inbox in the order in which they are asked, each with its way up and down. */
import type { Bot, InboxId } from "@switchboard/protocol";
import { Avatar } from "@switchboard/ui/avatar";
import { t } from "@switchboard/ui/i18n/channels";
import { IconButton } from "@switchboard/ui/icon-button";
import { ArrowDown, ArrowUp } from "lucide-preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useDesk } from "../../../context";
import { type Asked, doing } from "../parts";
import { botsOf, moved } from "./order";
import "./bots.css";

/** One that is asked alone has no order. */
export function InOrder({ inbox, asked }: { readonly inbox: InboxId; readonly asked: Asked<readonly Bot[]> }) {
  const { api, house } = useDesk();
  const pressed = useRef<HTMLElement | null>(null);
  // What is moved in the page loses the focus.
  useLayoutEffect(() => {
    pressed.current?.focus();
    pressed.current = null;
  });
  const all = asked.value.value ?? [];
  const bots = botsOf(all, inbox);
  if (bots.length < 2) return null;
  const move = (id: string, step: 1 | -1, button: HTMLElement): void => {
    const changes = moved(all, inbox, id, step);
    if (changes.length === 0) return;
    pressed.current = button;
    asked.value.value = all.map((bot) => ({ ...bot, ...changes.find((one) => one.id === bot.id) }));
    const save = () =>
      Promise.all(changes.map(({ id, inboxes }) => api("PATCH /api/bots/{id}", { id, body: { inboxes } })));
    void doing(save).then(() => asked.again());
  };
  return (
    <section class="dk-order">
      <h3>{t("bot.order", { inbox: house.value.inboxes.get(inbox)?.name ?? "" })}</h3>
      <p class="dk-muted">{t("bot.orderBody")}</p>
      <ol>
        {bots.map((bot, place) => (
          <li key={bot.id}>
            <Avatar id={bot.id} name={bot.name} bot size={24} />
            <bdi class="dk-cut">{bot.name}</bdi>
            {([-1, 1] as const).map((step) => (
              <IconButton
                key={step}
                icon={step < 0 ? ArrowUp : ArrowDown}
                size="small"
                tooltip="none"
                label={t(step < 0 ? "bot.moveUp" : "bot.moveDown", { bot: bot.name })}
                aria-disabled={place + step < 0 || place + step >= bots.length || undefined}
                onClick={(event) => move(bot.id, step, event.currentTarget)}
              />
            ))}
          </li>
        ))}
      </ol>
    </section>
  );
}
