/** What a bot has called and what was delivered to it, newest first: of one conversation, or of all. */
import { useSignal } from "@preact/signals";
import type { ApiError, BotId, BotLogLine, ConversationId } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/more";
import { IconButton } from "@switchboard/ui/icon-button";
import { Moment } from "@switchboard/ui/moment";
import { Skeleton } from "@switchboard/ui/skeleton";
import { locale, now } from "@switchboard/ui/ticker";
import { dayNumber } from "@switchboard/ui/time";
import { RefreshCw, X } from "lucide-preact";
import { useEffect } from "preact/hooks";
import { useDesk } from "../../context";
import { apiError } from "../../net/errors";
import { Drawer } from "../../parts/drawer";
import { linkTo, listPath } from "../../router";
import { Missing } from "../customer/parts";
import "./bots.css";

interface LogProps {
  readonly id: BotId;
  readonly name: string;
  /** None: of all of them. */
  readonly conversation?: ConversationId;
}

export function BotLogDrawer({ id, name, conversation, close }: LogProps & { close(): void }) {
  const { api } = useDesk();
  const lines = useSignal<readonly BotLogLine[] | null>(null);
  const failed = useSignal<ApiError | null>(null);
  const load = async (): Promise<void> => {
    failed.value = null;
    try {
      const query = conversation === undefined ? {} : { conversation_id: conversation };
      lines.value = (await api("GET /api/bots/{id}/log", { id, query })).lines;
    } catch (cause) {
      failed.value = apiError(cause);
    }
  };
  useEffect(() => void load(), []);
  const title = t("bots.log", { bot: name });
  return (
    <Drawer label={title} side="end" close={close}>
      <div class="dk-bot-log">
        <header class="dk-bot-log__head">
          <h2 class="dk-cut">{title}</h2>
          <IconButton icon={RefreshCw} label={t("bots.logAgain")} tooltip="none" onClick={() => void load()} />
          <IconButton icon={X} label={t("action.close")} tooltip="none" autofocus onClick={close} />
        </header>
        {failed.value && <Missing error={failed.value} again={() => void load()} />}
        {!lines.value && !failed.value && <Skeleton as="line" count={6} />}
        {lines.value?.length === 0 && <p class="dk-muted">{t("bots.logEmpty")}</p>}
        {lines.value && lines.value.length > 0 && (
          <ol class="dk-bot-log__lines">
            {lines.value.map((one, place) => (
              <LogLine key={place} of={one} leads={conversation === undefined} />
            ))}
          </ol>
        )}
      </div>
    </Drawer>
  );
}

export function LogLine({ of, leads }: { readonly of: BotLogLine; readonly leads: boolean }) {
  const { at, kind, what, status, note, took_ms: took, conversation_id: id } = of;
  const { zone } = locale.value;
  const today = dayNumber(at, zone) === dayNumber(now.value, zone);
  const failed = status < 200 || status >= 300;
  return (
    <li class="dk-bot-log__line" data-failed={failed || undefined}>
      <Moment at={at} as={today ? "clock" : "ago"} class="dk-muted sb-figures" />
      <span class="dk-bot-log__what">
        <code dir="ltr" class="dk-cut">
          {what}
        </code>
        <span class="dk-muted">{t(kind === "call" ? "bots.logCall" : "bots.logDelivery")}</span>
        {leads && id !== null && (
          <a {...linkTo(listPath({ folder: "inbox", sort: "activity" }, id))}>{t("bots.logOpen")}</a>
        )}
      </span>
      <span class="dk-bot-log__status sb-figures">{status === 0 ? t("bots.logNoAnswer") : status}</span>
      <span class="dk-muted sb-figures">{t("bots.logTook", { ms: took })}</span>
      {note !== null && <bdi class="dk-bot-log__note">{note}</bdi>}
    </li>
  );
}
