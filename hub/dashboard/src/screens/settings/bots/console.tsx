/**
 * The console: whoever sets a bot up talks to it as a customer would. What they write in is the widget's own panel, which
 * gets its visitor's token from here and keeps nothing; beside it stands what the bot makes of it.
 */
import { useSignal } from "@preact/signals";
import type { ApiError, Bot, BotConsole, BotConsoleNow } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { t } from "@switchboard/ui/i18n/channels";
import { IconButton } from "@switchboard/ui/icon-button";
import { Skeleton } from "@switchboard/ui/skeleton";
import { locale, now } from "@switchboard/ui/ticker";
import { longAgo } from "@switchboard/ui/time";
import { X } from "lucide-preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { HANDSHAKE, type ToLoader, type ToPanel } from "../../../../../../widget/shared/frame";
import { useDesk } from "../../../context";
import { apiError } from "../../../net/errors";
import { Drawer } from "../../../parts/drawer";
import { errorText } from "../../../words";
import { LogLine } from "../../bots/log";
import { Copyable } from "../parts";
import { baseUrl } from "./example";
import { keepTalk, lastTalk } from "./talks";
import "./console.css";

/** How often it is asked how the bot does, ms. */
const LOOK_MS = 2_000;
/** And how often, for how long after something was said, ms. */
const LOOK_SOON_MS = 300;
const LOOK_SOON_FOR_MS = 4_000;
/** Where the log has room beside the panel; as in the styles. */
const ROOMY = "(min-width: 1000px)";
/** A program that fetches and was not heard of for so long does not run, ms: it asks once a minute at least, and that is noted to
 * the minute. */
const GONE_MS = 180_000;

export function ConsoleDrawer({ bot, close }: { readonly bot: Bot; close(): void }) {
  const desk = useDesk();
  const { api } = desk;
  const { id } = bot;
  const talk = useSignal<BotConsole | null>(null);
  const failed = useSignal<ApiError | null>(null);
  const seen = useSignal<BotConsoleNow | null>(null);
  const happened = useRef(() => {});
  const begin = async (): Promise<void> => {
    failed.value = null;
    try {
      const begun = await api("POST /api/bots/{id}/console", { id });
      keepTalk(desk, id, begun);
      seen.value = null;
      talk.value = begun;
    } catch (cause) {
      failed.value = apiError(cause);
    }
  };
  const goOn = async (): Promise<void> => {
    const last = lastTalk(desk, id);
    const query = { identity_id: last?.identity_id ?? "" };
    const found = last && (await api("GET /api/bots/{id}/console", { id, query }).catch(() => null));
    // The hub keeps the newest ones alone.
    if (!last || !found) return begin();
    seen.value = found;
    talk.value = last;
  };
  useEffect(() => {
    if (!bot.off) void goOn();
  }, []);
  useEffect(() => {
    const begun = talk.value;
    if (!begun) return;
    let over = false;
    let next: ReturnType<typeof setTimeout> | undefined;
    let soonUntil = 0;
    let looks = false;
    const look = async (): Promise<void> => {
      looks = true;
      if (document.visibilityState === "visible") {
        const query = { identity_id: begun.identity_id };
        // What is known stays; the panel says by itself that there is no connection.
        const found = await api("GET /api/bots/{id}/console", { id, query }).catch(() => null);
        if (over) return;
        if (found) seen.value = found;
      }
      looks = false;
      next = setTimeout(look, performance.now() < soonUntil ? LOOK_SOON_MS : LOOK_MS);
    };
    happened.current = () => {
      soonUntil = performance.now() + LOOK_SOON_FOR_MS;
      if (looks) return;
      clearTimeout(next);
      next = setTimeout(look, LOOK_SOON_MS);
    };
    void look();
    return () => {
      over = true;
      clearTimeout(next);
    };
  }, [talk.value]);
  const title = t("bot.console", { bot: bot.name });
  return (
    <Drawer label={title} side="end" close={close}>
      <div class="dk-console">
        <header class="dk-console__head">
          <h2 class="dk-cut">{title}</h2>
          {talk.value && <Button onClick={() => void begin()}>{t("bot.consoleAnew")}</Button>}
          <IconButton icon={X} label={t("action.close")} tooltip="none" onClick={close} />
        </header>
        <div class="dk-console__says" role="status">
          <Says bot={seen.value?.bot ?? bot} stands={seen.value?.stands ?? null} />
        </div>
        {failed.value && (
          <div class="dk-console__says" role="alert">
            <p>{errorText(failed.value)}</p>
            <Button onClick={() => void begin()}>{t("action.retry")}</Button>
          </div>
        )}
        {!talk.value && !failed.value && !bot.off && <Skeleton as="line" count={3} />}
        {talk.value && (
          <div class="dk-console__both">
            <Panel
              key={talk.value.token}
              talk={talk.value}
              title={title}
              happened={() => happened.current()}
              close={close}
            />
            <Log lines={seen.value?.lines ?? []} webhook={(seen.value?.bot ?? bot).webhook} />
          </div>
        )}
      </div>
    </Drawer>
  );
}

/** What the person has to know of the bot, the most important alone. */
function Says({ bot, stands }: Pick<BotConsoleNow, "bot" | "stands">) {
  if (bot.off) return <p>{t("bot.consoleOff")}</p>;
  if (bot.token_hint === null) return <p>{t("bot.noToken")}</p>;
  const why = stands?.blocked?.why;
  if (why === "silent") return <p>{t("bot.consoleSilent")}</p>;
  if (why === "failing") return <p>{t("bot.consoleFailing")}</p>;
  if (why) return <p>{t("bot.consoleOut")}</p>;
  const last = bot.last_seen_at;
  if (bot.webhook === null && (last === null || now.value - last > GONE_MS)) {
    const time = last === null ? "" : longAgo(last, now.value, locale.value, t("time.now"));
    return (
      <>
        <p>{last === null ? t("bot.consoleNever") : t("bot.consoleSeen", { time })}</p>
        <Copyable text={baseUrl()} label={t("bot.copyBaseUrl")} />
      </>
    );
  }
  if (stands?.asked_at != null) return <p>{t("bot.consoleWaits")}</p>;
  return <p class="dk-muted">{t("bot.consoleBody")}</p>;
}

/** The panel, with this page as its loader. */
interface PanelProps {
  readonly talk: BotConsole;
  readonly title: string;
  /** Something was said, or came: the panel told of it or keeps it. */
  happened(): void;
  close(): void;
}

function Panel({ talk, title, happened, close }: PanelProps) {
  const port = useRef<MessagePort>();
  useEffect(() => () => port.current?.close(), []);
  const handOver = (frame: HTMLIFrameElement): void => {
    const channel = new MessageChannel();
    port.current?.close();
    port.current = channel.port1;
    channel.port1.onmessage = ({ data }: MessageEvent<ToLoader>) => (data.t === "leave" ? close() : happened());
    frame.contentWindow?.postMessage(HANDSHAKE, window.location.origin, [channel.port2]);
    const { lang, dataset } = document.documentElement;
    const first: ToPanel = {
      host: {
        page: { url: window.location.href, title: document.title },
        referrer: "",
        landing: "",
        languages: [lang, ...navigator.languages],
        pages: [],
        theme: dataset.theme,
        says: t("bot.consoleHere"),
        lent: { [`switchboard.${talk.widget_key}.token`]: talk.token },
      },
      open: true,
      focus: true,
    };
    channel.port1.postMessage(first);
  };
  return (
    <iframe
      class="dk-console__panel"
      title={title}
      src={`/widget/panel?inbox=${encodeURIComponent(talk.widget_key)}&lent`}
      onLoad={({ currentTarget }) => handOver(currentTarget)}
    />
  );
}

/** What a bot fetches is not in it. */
function Log({ lines, webhook }: Pick<BotConsoleNow, "lines"> & Pick<Bot, "webhook">) {
  const delivered = webhook !== null || lines.some(({ kind }) => kind === "delivery");
  const roomy = useMemo(() => matchMedia(ROOMY).matches, []);
  return (
    <details class="dk-console__log" open={roomy}>
      <summary>{t(delivered ? "bot.consoleLogBoth" : "bot.consoleLog")}</summary>
      {lines.length === 0 && <p class="dk-muted">{t("bot.consoleEmpty")}</p>}
      <ol class="dk-bot-log__lines">
        {lines.map((one, place) => (
          <LogLine key={place} of={one} leads={false} />
        ))}
      </ol>
    </details>
  );
}
