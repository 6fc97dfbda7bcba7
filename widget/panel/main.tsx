/**
 * The chat panel: the document in the loader's frame, on the hub's own origin.
 *
 * Data goes round one way: `chat` holds what is known (snapshot and events) and what the visitor has said, the parts draw
 * it, their actions go back into `chat`. Nothing is written anywhere before the visitor writes.
 */

import "@switchboard/ui/tokens.css";
import "./panel.css";

import { effect } from "@preact/signals";
import { applyTo, language, pickLanguage } from "@switchboard/ui/i18n";
import { loadLanguage, t } from "@switchboard/ui/i18n/panel";
import { render } from "preact";

import { wear } from "./accent";
import { makeChat } from "./chat";
import { makeDraft } from "./draft";
import { isBot } from "./entries";
import { listenToHost } from "./host";
import { openMemory, openStorage } from "./memory";
import { loadBots } from "./parts/bots";
import { Panel } from "./parts/panel";
import type { Person } from "./site/site";

async function start() {
  const asked = new URLSearchParams(location.search);
  const inbox = asked.get("inbox") ?? "";
  const host = listenToHost();
  const storage = await openStorage(host, asked.has("lent"));
  const prefix = `switchboard.${inbox}.`;
  const { languages, wishes = {} } = await host.known;
  const saysNothing = (said: object) => !Object.keys(said).length;
  const person: Person = saysNothing(wishes)
    ? { prefix }
    : (await import("./site/site")).personOf(storage, prefix, wishes);
  const memory = openMemory(storage, person.prefix);
  const chat = makeChat(inbox, host, memory, person);
  let following = false;
  const root = document.documentElement;

  effect(() => {
    const theme = host.page.value?.theme;
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  });

  effect(() => {
    const { accent } = chat.settings.value ?? {};
    if (accent) host.tell({ t: "look", value: wear(accent, root) });
  });

  effect(() => host.tell({ t: "unread", value: chat.unread.value }));

  effect(() => {
    if (chat.conversation.value) host.tell({ t: "talked", value: true });
  });

  async function speak(wished: string[]) {
    await loadLanguage(pickLanguage(wished));
    applyTo(root);
    document.title = t("panel.title");
  }
  await speak(languages);
  effect(() => {
    const { languages, wishes: said = {} } = host.page.value ?? {};
    if (languages && pickLanguage(languages) !== language.peek()) void speak(languages);
    if (following || saysNothing(said)) return;
    following = true;
    import("./site/site").then(({ follow }) => follow(effect, { storage, prefix, chat, host, began: wishes }));
  });
  // Not before: they come in the language that is shown.
  effect(() => {
    // Tried again with each new connection, should they not have come.
    if (chat.connection.value && chat.messages.value.some(({ author, rich }) => rich || isBot(author))) loadBots();
  });
  const place = document.getElementById("panel");
  if (place) render(<Panel chat={chat} draft={makeDraft(chat, memory)} host={host} />, place);
}

void start();
