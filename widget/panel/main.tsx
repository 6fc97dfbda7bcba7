/**
 * The chat panel: the document in the loader's frame, on the hub's own origin.
 *
 * Data goes round one way: `chat` holds what is known (snapshot and events) and what the visitor has said, the parts draw
 * it, their actions go back into `chat`. Nothing is written anywhere before the visitor writes.
 */

import "@switchboard/ui/tokens.css";
import "./panel.css";

import { effect } from "@preact/signals";
import { applyTo, pickLanguage } from "@switchboard/ui/i18n";
import { loadLanguage, t } from "@switchboard/ui/i18n/panel";
import { render } from "preact";

import { wear } from "./accent";
import { makeChat } from "./chat";
import { makeDraft } from "./draft";
import { isBot } from "./entries";
import { listenToHost } from "./host";
import { openMemory } from "./memory";
import { loadBots } from "./parts/bots";
import { Panel } from "./parts/panel";

async function start() {
  const asked = new URLSearchParams(location.search);
  const inbox = asked.get("inbox") ?? "";
  const host = listenToHost();
  const memory = await openMemory(`switchboard.${inbox}.`, host, asked.has("lent"));
  const chat = makeChat(inbox, host, memory);
  const root = document.documentElement;

  effect(() => {
    const theme = host.page.value?.theme;
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  });

  effect(() => {
    const { accent } = chat.settings.value ?? {};
    if (accent) host.tell({ t: "look", ...wear(accent, root) });
  });

  effect(() => host.tell({ t: "unread", count: chat.unread.value }));

  effect(() => {
    if (chat.conversation.value) host.tell({ t: "talked" });
  });

  const { languages } = await host.known;
  await loadLanguage(pickLanguage(languages));
  applyTo(root);
  document.title = t("panel.title");
  // Not before: they come in the language that is shown.
  effect(() => {
    // Tried again with each new connection, should they not have come.
    if (chat.connection.value && chat.messages.value.some(({ author, rich }) => rich || isBot(author))) loadBots();
  });
  const place = document.getElementById("panel");
  if (place) render(<Panel chat={chat} draft={makeDraft(chat, memory)} host={host} />, place);
}

void start();
