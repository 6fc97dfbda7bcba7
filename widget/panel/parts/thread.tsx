/** The messages, oldest first. Holds its place while the reader is elsewhere, keeps to the end when they are at it. */

import { t } from "@switchboard/ui/i18n/panel";
import { linkify } from "@switchboard/ui/linkify";
import { locale, now, zone } from "@switchboard/ui/ticker";
import { clock, dayLine, dayNumber, exact } from "@switchboard/ui/time";
import { useLayoutEffect, useRef } from "preact/hooks";

import type { Chat } from "../chat";
import { type Entry, entriesOf } from "../entries";
import type { Host } from "../host";
import { Bots } from "./bots";
import { Files } from "./files";
import { Icon } from "./icon";
import { Out } from "./out";
import { Talk } from "./talk";

/** This near to the end is at the end, px. */
const END_PX = 48;

export function Thread({ chat, host }: { chat: Chat; host: Host }) {
  const log = useRef<HTMLDivElement>(null);
  const before = useRef({ height: 0, first: "", top: 0 });
  const entries = entriesOf({
    messages: chat.messages.value,
    pending: chat.pending.value,
    conversation: chat.conversation.value,
    live: chat.connection.value.status === "live",
    dayOf: (at) => dayNumber(at, zone.value),
  });
  const first = entries[0]?.key ?? "";

  useLayoutEffect(() => {
    const box = log.current;
    if (!box) return;
    if (chat.atEnd.peek()) box.scrollTop = box.scrollHeight;
    // Older ones came in above: what was read stays where it was.
    else if (before.current.first !== first) box.scrollTop += box.scrollHeight - before.current.height;
    Object.assign(before.current, { height: box.scrollHeight, first });
  });

  useLayoutEffect(() => {
    const box = log.current;
    if (!box) return;
    // The keyboard, the window or a picture changed the height.
    const observer = new ResizeObserver(() => {
      if (chat.atEnd.peek()) box.scrollTop = box.scrollHeight;
    });
    observer.observe(box);
    for (const child of box.children) observer.observe(child);
    return () => observer.disconnect();
  }, [chat]);

  return (
    <div class="thread">
      <div
        ref={log}
        class="log"
        role="log"
        aria-label={t("panel.conversation")}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
        tabIndex={0}
        onScroll={({ currentTarget: box }) => {
          const { top } = before.current;
          before.current.top = box.scrollTop;
          // Who was at the end leaves it by scrolling up alone: choices below take height from it while it is scrolled there.
          if (box.scrollHeight - box.scrollTop - box.clientHeight < END_PX) chat.atEnd.value = true;
          else if (box.scrollTop < top) chat.atEnd.value = false;
        }}
      >
        <div class="messages">
          {chat.more.value ? (
            <button type="button" class="older" onClick={chat.older}>
              {t("panel.older")}
            </button>
          ) : (
            !host.page.value?.says && <Greeting chat={chat} />
          )}
          {entries.map((entry) => (
            <Message key={entry.key} entry={entry} chat={chat} />
          ))}
          {chat.conversation.value?.closed && <p class="line">{t("panel.closed")}</p>}
          {chat.conversation.value && <Talk of="Rating" chat={chat} />}
          <Typing chat={chat} />
          <Bots of="Person" chat={chat} />
        </div>
      </div>
      {!chat.atEnd.value && chat.unread.value > 0 && (
        <button
          type="button"
          class="new"
          onClick={() => {
            chat.atEnd.value = true;
            log.current?.scrollTo({ top: log.current.scrollHeight });
          }}
        >
          <Icon of="down" size={14} />
          {t("panel.new", { n: chat.unread.value })}
        </button>
      )}
    </div>
  );
}

function Greeting({ chat }: { chat: Chat }) {
  if (!chat.settings.value) return null;
  return (
    <p class="greeting" dir="auto">
      {chat.settings.value.greeting || t("panel.greeting")}
    </p>
  );
}

function Message({ entry, chat }: { entry: Entry; chat: Chat }) {
  const { name, bot, at, attachments, deleted } = entry;
  const side = name === undefined ? "own" : "theirs";
  return (
    <>
      {entry.opensDay && <p class="line">{dayLine(at, now.value, locale.value)}</p>}
      <div class={`message ${side}${entry.opensGroup ? " opens" : ""}${entry.closesGroup ? " closes" : ""}`}>
        <span class={entry.opensGroup && name ? "name" : "unseen"}>
          {name ?? t("author.you")}
          {bot && <Bots of="Tag" />}
        </span>
        {name && entry.closesGroup && <Face name={name} bot={bot} />}
        {deleted ? (
          <p class="bubble deleted">{t("message.deleted")}</p>
        ) : (
          entry.text && (
            <div class="bubble" dir="auto">
              {entry.quote && <q>{entry.quote}</q>}
              <Bots of="Formatted" entry={entry}>
                <Words text={entry.text} />
              </Bots>
            </div>
          )
        )}
        {!deleted &&
          attachments.map((each) => (
            <Files key={each.id} of="File" attachment={each} token={chat.token}>
              <p class="bubble">{each.name}</p>
            </Files>
          ))}
        <Bots of="Buttons" chat={chat} entry={entry} />
        {(entry.closesGroup || entry.mark) && <Meta entry={entry} chat={chat} />}
      </div>
    </>
  );
}

function Face({ name, bot }: { name: string; bot: boolean }) {
  const letter = [...name][0]?.toLocaleUpperCase();
  return (
    <span class="face" aria-hidden="true">
      {bot ? <Bots of="Robot">{letter}</Bots> : letter}
    </span>
  );
}

/** Text is text: links are cut out of it, and nothing in it can become markup. */
export function Words({ text }: { text: string }) {
  return (
    <>{linkify(text).map((piece) => (piece.kind === "link" ? <Out url={piece.href}>{piece.text}</Out> : piece.text))}</>
  );
}

function Meta({ entry, chat }: { entry: Entry; chat: Chat }) {
  const { mark, pending, at } = entry;
  if (mark === "panel.failed" && pending) {
    return (
      <div class="meta failed">
        <p>
          <Icon of="alert" size={14} />
          {t(mark)}
        </p>
        <button type="button" onClick={() => chat.again(pending.id)}>
          {t("action.retry")}
        </button>
        <button type="button" onClick={() => chat.discard(pending.id)}>
          {t("action.delete")}
        </button>
      </div>
    );
  }
  return (
    <p class="meta">
      {mark !== "delivery.waiting" && (
        <time dateTime={new Date(at).toISOString()} title={exact(at, locale.value)}>
          {clock(at, locale.value)}
        </time>
      )}
      {entry.edited && <span>{t("message.edited")}</span>}
      {mark && <span class={mark}>{t(mark)}</span>}
    </p>
  );
}

function Typing({ chat }: { chat: Chat }) {
  const who = chat.typing.value;
  if (!who?.name) return null;
  return (
    <div class="message theirs opens closes">
      <Face name={who.name} bot={who.kind === "bot"} />
      <p class="bubble typing">
        <span class="unseen">{t("typing.one", { who: who.name })}</span>
        <i />
        <i />
        <i />
      </p>
    </div>
  );
}
