/** The bots: what each is, where it answers, how it does, and the token by which its program speaks. */
import { useSignal } from "@preact/signals";
import type { Bot, BotWithToken } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { EmptyState } from "@switchboard/ui/empty-state";
import { t } from "@switchboard/ui/i18n/channels";
import { Bot as BotIcon, Plus } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import { useDesk } from "../../../context";
import { Head, useAsked, Waiting } from "../parts";
import { NewBot } from "./bot-form";
import { BotThing } from "./bot-thing";
import { Example } from "./example";
import { InOrder } from "./in-order";
import "./bots.css";

export function Bots() {
  const { api, house } = useDesk();
  const asked = useAsked<readonly Bot[]>(async () => (await api("GET /api/bots")).bots);
  const adding = useSignal(false);
  const open = useSignal<string | null>(null);
  /** The token is shown once: with the bot that it is for. */
  const made = useSignal<BotWithToken | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const fresh = useRef(false);
  const bots = asked.value.value;
  const show = (with_token: BotWithToken): void => {
    made.value = with_token;
    open.value = with_token.bot.id;
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
    made.value = null;
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
                bots={bots}
                open={open.value === bot.id}
                toggle={() => toggle(bot.id)}
                token={made.value?.bot.id === bot.id ? made.value.token : undefined}
                renewed={show}
                changed={() => {
                  made.value = null;
                  void asked.again();
                }}
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
