/** The window: head, thread, composer, and what is said when the connection is gone. */

import { useSignal } from "@preact/signals";
import { language } from "@switchboard/ui/i18n";
import { t } from "@switchboard/ui/i18n/panel";
import { ticker } from "@switchboard/ui/ticker";
import { span } from "@switchboard/ui/time";
import { useEffect } from "preact/hooks";

import type { Chat } from "../chat";
import type { Draft } from "../draft";
import type { Host } from "../host";
import { Before } from "./before";
import { Bots } from "./bots";
import { Composer } from "./composer";
import { Icon } from "./icon";
import { Talk } from "./talk";
import { Thread } from "./thread";

const seconds = ticker(() => Date.now(), 1_000);

export function Panel({ chat, draft, host }: { chat: Chat; draft: Draft; host: Host }) {
  const dropping = useSignal(false);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented) host.tell({ t: "leave", value: true });
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [host]);

  if (chat.phase.value === "refused") {
    return (
      <main class="panel">
        <Head chat={chat} host={host} />
        <p class="notice" role="alert">
          {t("panel.refused")}
        </p>
      </main>
    );
  }
  const composer = <Composer chat={chat} draft={draft} host={host} />;
  return (
    <main
      class="panel"
      onDragOver={(event) => {
        if (!event.dataTransfer?.types.includes("Files")) return;
        event.preventDefault();
        dropping.value = true;
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) dropping.value = false;
      }}
      onDrop={(event) => {
        event.preventDefault();
        dropping.value = false;
        draft.add(event.dataTransfer?.files);
      }}
    >
      <Head chat={chat} host={host} />
      <Banner chat={chat} />
      <Thread chat={chat} host={host} />
      <Bots of="Told" chat={chat} host={host} />
      {chat.settings.value?.before ? (
        <Before of="Form" chat={chat}>
          {composer}
        </Before>
      ) : (
        composer
      )}
      {dropping.value && (
        <div class="drop">
          <Icon of="clip" size={24} />
          {t("attachment.drop")}
        </div>
      )}
    </main>
  );
}

function Head({ chat, host }: { chat: Chat; host: Host }) {
  const { says } = host.page.value ?? {};
  return (
    <header class="head">
      <div class="head-words">
        <h1>{chat.title.value || t("panel.title")}</h1>
        {chat.settings.value && chat.phase.value !== "refused" && (
          // Who is there is not known without a connection.
          <p
            class={
              says
                ? undefined
                : chat.connection.value.status !== "live"
                  ? "unknown"
                  : chat.teamOnline.value
                    ? "here"
                    : "away"
            }
          >
            {says ||
              (chat.teamOnline.value ? (
                t("panel.answersOnline")
              ) : chat.hours.value?.open === false ? (
                <Before of="Back" chat={chat}>
                  {t("panel.answersAway")}
                </Before>
              ) : (
                t("panel.answersAway")
              ))}
          </p>
        )}
      </div>
      {chat.conversation.value && <Talk of="Menu" chat={chat} host={host} />}
      <button
        type="button"
        class="round"
        aria-label={t("panel.minimise")}
        onClick={() => host.tell({ t: "leave", value: true })}
      >
        <Icon of="minimise" />
      </button>
    </header>
  );
}

/** A thin bar that says what is kept and when it tries next. There from the start, so that screen readers hear it come. */
function Banner({ chat }: { chat: Chat }) {
  const { status, retryAt } = chat.connection.value;
  return (
    <div class="bars" role="status">
      {chat.phase.value === "unreachable" && <p class="banner still">{t("panel.unreachable")}</p>}
      {chat.phase.value === "ready" && status !== "live" && (
        // Also while it tries: a bar that comes and goes with each attempt says nothing.
        <p class="banner">
          <span>
            {t("offline.body")} {retryAt && <Next at={retryAt} />}
          </span>
          <button type="button" onClick={chat.retry}>
            {t("offline.retry")}
          </button>
        </p>
      )}
    </div>
  );
}

/** Not for screen readers: it changes every second. */
function Next({ at }: { at: number }) {
  const time = span(at - seconds.value, language.value);
  return <span aria-hidden="true">{t("offline.next", { time })}</span>;
}
