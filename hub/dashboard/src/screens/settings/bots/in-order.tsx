/** The bots of an inbox in the order in which they are asked, each with its way up and down. */
import { useSignal } from "@preact/signals";
import type { Bot, BotId, InboxId } from "@switchboard/protocol";
import { Avatar } from "@switchboard/ui/avatar";
import { t } from "@switchboard/ui/i18n/channels";
import { IconButton } from "@switchboard/ui/icon-button";
import { ArrowDown, ArrowUp } from "lucide-preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useDesk } from "../../../context";
import { type Asked, doing } from "../parts";
import { botsOf, inOrder, stepped } from "./order";
import "./bots.css";

/** One that is asked alone has no order. */
export function InOrder({ inbox, asked }: { readonly inbox: InboxId; readonly asked: Asked<readonly Bot[]> }) {
  const { api, house } = useDesk();
  /** As it is put here, until the hub has it. */
  const wanted = useSignal<readonly BotId[] | null>(null);
  /** One goes at a time: of those that are put while one is under way, the last. */
  const unsent = useRef<readonly BotId[] | null>(null);
  const saving = useRef(false);
  const pressed = useRef<HTMLElement | null>(null);
  // What is moved in the page loses the focus.
  useLayoutEffect(() => {
    pressed.current?.focus();
    pressed.current = null;
  });
  const bots = inOrder(botsOf(asked.value.value ?? [], inbox), wanted.value);
  if (bots.length < 2) return null;
  const save = async (): Promise<void> => {
    for (let order = unsent.current; order; order = unsent.current) {
      unsent.current = null;
      const body = { bots: [...order] };
      if (!(await doing(() => api("PUT /api/inboxes/{id}/bots", { id: inbox, body })))) unsent.current = null;
    }
    await asked.again();
    // Moved again meanwhile: that goes on.
    if (unsent.current) return save();
    saving.current = false;
    wanted.value = null;
  };
  const move = (id: string, step: 1 | -1, button: HTMLElement): void => {
    const next = stepped(
      bots.map((bot) => bot.id),
      id,
      step,
    );
    if (!next) return;
    pressed.current = button;
    wanted.value = next;
    unsent.current = next;
    if (saving.current) return;
    saving.current = true;
    void save();
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
