/** The bots: what each is, where it answers, how it does, and the token by which its program speaks. */
import { useSignal } from "@preact/signals";
import type { BotId, BotWithToken } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { EmptyState } from "@switchboard/ui/empty-state";
import { t } from "@switchboard/ui/i18n/channels";
import { Bot as BotIcon, Plus } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import { useDesk } from "../../../context";
import { Head, Waiting } from "../parts";
import { NewBot } from "./bot-form";
import { BotThing } from "./bot-thing";
import { Example } from "./example";
import { InOrder } from "./in-order";
import { useBots } from "./use-bots";
import "./bots.css";

export function Bots() {
  const { house } = useDesk();
  const asked = useBots();
  const adding = useSignal(false);
  const open = useSignal<string | null>(null);
  /** Tokens are shown once, each with the bot that it is for: until it was copied, or the page is left. */
  const made = useSignal<ReadonlyMap<BotId, string>>(new Map());
  const list = useRef<HTMLUListElement>(null);
  const fresh = useRef(false);
  const bots = asked.value.value;
  const show = ({ bot, token }: BotWithToken): void => {
    made.value = new Map([...made.value, [bot.id, token]]);
    open.value = bot.id;
    void asked.again();
  };
  // The form is gone: the focus goes on to what it has made, once that is there.
  useEffect(() => {
    const opened = fresh.current && list.current?.querySelector<HTMLElement>("[aria-expanded=true]");
    if (!opened) return;
    fresh.current = false;
    opened.focus();
  });
  const toggle = (id: string): void => {
    open.value = open.value === id ? null : id;
  };
  return (
    <>
      <Head
        title={t("bot.title")}
        body={t("bot.body")}
        action={
          !adding.value &&
          bots &&
          bots.length > 0 && (
            <Button kind="primary" icon={Plus} onClick={() => (adding.value = true)}>
              {t("bot.new")}
            </Button>
          )
        }
      />
      {adding.value && (
        <ul class="dk-things">
          <li class="dk-thing">
            <div class="dk-thing__more">
              <NewBot
                bots={bots ?? []}
                done={(one) => {
                  adding.value = false;
                  fresh.current = true;
                  show(one);
                }}
                cancel={() => (adding.value = false)}
              />
            </div>
          </li>
        </ul>
      )}
      {!bots && <Waiting asked={asked} />}
      {bots?.length === 0 && !adding.value && (
        <>
          <EmptyState
            icon={BotIcon}
            title={t("bot.empty")}
            body={t("bot.emptyBody")}
            action={
              <Button kind="primary" icon={Plus} onClick={() => (adding.value = true)}>
                {t("bot.new")}
              </Button>
            }
          />
          <Example />
        </>
      )}
      {bots && bots.length > 0 && (
        <>
          <ul class="dk-things" ref={list}>
            {bots.map((bot) => (
              <BotThing
                key={bot.id}
                bot={bot}
                open={open.value === bot.id}
                toggle={() => toggle(bot.id)}
                token={made.value.get(bot.id)}
                renewed={show}
                tokenDone={() => (made.value = new Map([...made.value].filter(([id]) => id !== bot.id)))}
                changed={() => void asked.again()}
              />
            ))}
          </ul>
          {[...house.value.inboxes.keys()].map((inbox) => (
            <InOrder key={inbox} inbox={inbox} asked={asked} />
          ))}
        </>
      )}
    </>
  );
}
