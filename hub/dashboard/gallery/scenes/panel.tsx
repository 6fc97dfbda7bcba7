// The chat panel in each of its states. It is a document of its own on other people's sites; here each stands in a shadow
// tree, so that its styles and the gallery's do not meet.

import type { BeforeChat } from "@switchboard/protocol";
import { direction } from "@switchboard/ui/i18n";
import { t } from "@switchboard/ui/i18n/panel";
import { render } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { wear } from "../../../../widget/panel/accent";
import { parts as before, styles as beforeStyles } from "../../../../widget/panel/before/before";
import bots from "../../../../widget/panel/bots/bots.css?inline";
import { parts } from "../../../../widget/panel/bots/parts";
import type { Pending } from "../../../../widget/panel/chat";
import { parts as files, styles as filesStyles } from "../../../../widget/panel/files/files";
import styles from "../../../../widget/panel/panel.css?inline";
import { parts as beforeShown } from "../../../../widget/panel/parts/before";
import { parts as shown } from "../../../../widget/panel/parts/bots";
import { parts as filesShown } from "../../../../widget/panel/parts/files";
import { Panel } from "../../../../widget/panel/parts/panel";
import { parts as talkShown } from "../../../../widget/panel/parts/talk";
import { parts as talk, styles as talkStyles } from "../../../../widget/panel/talk/talk";
import { minutesAgo } from "../fixtures";
import { chatOf, draftOf, HOST, type PanelState, robo, said, upload } from "../panel-fixtures";

/** What the panel's own document is to it. */
const DOCUMENT = `
.document { position: relative; block-size: 100%; background: var(--sb-surface); color: var(--sb-text);
  font: var(--sb-type-widget); overflow: hidden; }
`;
// The panel fetches these where they are needed.
shown.value = parts;
filesShown.value = files;
talkShown.value = talk;
beforeShown.value = before;

/** Where somebody stands who reads older messages, px. */
const FURTHER_UP = 120;
const ACCENT = "#0f766e";

const ASKED = said(1, "you", "Hello, do you have the Gazelle Ultimate in a 53 frame?", 9);
const TALK = [
  ASKED,
  said(2, "them", "Good afternoon. Yes, one in blue and one in grey.", 7),
  said(3, "them", "You can try both until five: https://shop.example/visit", 7),
  said(4, "you", "Great, then I will come by on Thursday.", 3),
];
const FILES = [
  { id: "f1", name: "invoice-2026-1187.pdf", media_type: "application/pdf", bytes: 184_000, picture: false },
];

const ASKED_BEFORE: BeforeChat = {
  when: "always",
  fields: [
    { kind: "name", label: "", required: true },
    { kind: "email", label: "", required: true },
    {
      kind: "choice",
      label: "What is it about?",
      required: false,
      choices: ["An order", "A repair", "Something else"],
    },
  ],
};

const OFFER = "Yes: blue or grey, both in size 53. Hold one with the code GZ-53. Your discount is ten per cent.";
const at = (words: string) => ({ offset: OFFER.indexOf(words), length: words.length });
const BOT_TALK = [
  ASKED,
  robo(2, OFFER, 8, {
    formats: [
      { kind: "bold", ...at("blue or grey, both in size 53") },
      { kind: "code", ...at("GZ-53") },
      { kind: "spoiler", ...at("ten per cent") },
    ],
    keyboard: {
      kind: "inline",
      rows: [
        [{ text: "Hold the blue one" }, { text: "The grey one" }],
        [{ text: "See both", url: "https://shop.example" }],
      ],
    },
  }),
];
const CHOICES = robo(3, "When would you like to come?", 7, {
  keyboard: {
    kind: "choices",
    rows: [["Today", "Tomorrow"], ["Another day"]],
    once: true,
    placeholder: "Or name a day",
  },
});

function waiting(text: string, failed?: Pending["failed"]): Pending {
  return { id: text, at: minutesAgo(0), text, attachments: [], ...(failed ? { failed } : {}) };
}

const states = (): readonly (readonly [name: string, state: PanelState])[] => [
  ["First opened", {}],
  ["Nobody here", { away: true }],
  ["Closed until tomorrow", { away: true, backAt: minutesAgo(-16 * 60) }],
  ["Asked before the first message", { before: ASKED_BEFORE }],
  ["First message on its way", { pending: [waiting(ASKED.text)] }],
  ["A conversation, read", { messages: TALK, read: 4 }],
  ["Somebody types", { messages: TALK.slice(0, 1), read: 1, typing: true }],
  ["Without a connection", { messages: TALK, offline: true, pending: [waiting("Until when are you open?")] }],
  ["Not sent", { messages: TALK, pending: [waiting("Until when are you open?", "too_large")] }],
  [
    "Files",
    {
      messages: [ASKED, said(2, "them", "Here is the invoice.", 5, FILES)],
      text: "Mine, for comparison",
      problem: t("panel.removeFailed"),
      uploads: [
        upload("receipt.pdf", 92_000, 100),
        upload("holiday.mp4", 21_000, 43),
        upload("setup.exe", 1_200, 0, t("panel.fileKind")),
      ],
    },
  ],
  ["New below, older above", { messages: [...TALK, ...later()], unread: 2, more: true }],
  ["A bot answers", { messages: BOT_TALK, read: 1 }],
  ["A bot offers choices", { messages: [...BOT_TALK, CHOICES], read: 1 }],
  ["A bot has heard a press", { messages: BOT_TALK, read: 1, told: "The blue one is held until Thursday." }],
  ["A bot types", { messages: BOT_TALK.slice(0, 1), read: 1, typing: "bot" }],
  ["A person was asked for", { messages: BOT_TALK, read: 1, asked: true }],
  ["Closed", { messages: TALK, read: 4, closed: true }],
  ["Closed, and asked how it was", { messages: TALK, read: 4, closed: true, asksRating: true }],
  ["The hub is away", { phase: "unreachable", offline: true }],
  ["Not for this page", { phase: "refused" }],
];

/** More than the window is high. */
function later() {
  return Array.from({ length: 14 }, (_, place) =>
    said(5 + place, place % 3 === 0 ? "you" : "them", "And the saddle is the one that you asked for in May.", 2),
  );
}

export function PanelStates() {
  return (
    <div class="panels">
      {states().map(([name, state]) => (
        <figure key={name}>
          <figcaption>{name}</figcaption>
          <Window state={state} />
        </figure>
      ))}
    </div>
  );
}

function Window({ state }: { readonly state: PanelState }) {
  const host = useRef<HTMLDivElement>(null);
  const { value: dir } = direction;
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const shadow = element.shadowRoot ?? element.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles + bots + filesStyles + talkStyles + beforeStyles + DOCUMENT);
    shadow.adoptedStyleSheets = [sheet];
    wear(ACCENT, element);
    const chat = chatOf(state);
    render(
      <div class="document" dir={dir}>
        <Panel chat={chat} draft={draftOf(state)} host={HOST} />
      </div>,
      shadow,
    );
    if (state.unread !== undefined) shadow.querySelector(".log")?.scrollTo({ top: FURTHER_UP });
    return () => render(null, shadow);
  }, [dir, state]);
  return <div class="panels__window" ref={host} />;
}
