/** A believable workspace for the browser runs: several languages, a long thread, notes, files, every state of a row. */
import type { ConversationRow, Message, MessageKind, Priority } from "@switchboard/protocol";
import { row } from "../events";
import { FakeHub } from "./fake-hub";

const MINUTE = 60_000;

type Said = readonly [who: "in" | "out" | "note" | "ben", text: string, minutesAgo: number];

interface Story {
  readonly name: string | null;
  readonly email?: string;
  readonly subject?: string;
  readonly said: readonly Said[];
  readonly read?: number;
  readonly over?: Partial<ConversationRow>;
}

const STORIES: readonly Story[] = [
  {
    name: "Maria Jansen",
    email: "maria@example.nl",
    said: [
      [
        "in",
        "Hi, I ordered the blue lamp on Tuesday (order 20417). The tracking page says it was handed over, but nothing has come yet.",
        1500,
      ],
      ["out", "Hello Maria, thank you for writing. Let me look at your parcel.", 1490],
      ["note", "Carrier says depot Utrecht, scanned twice. @Ben did we have this with 20398 as well?", 1488],
      ["ben", "Yes, same depot. They promise delivery tomorrow before noon.", 1480],
      [
        "out",
        "It is at the depot in Utrecht and comes tomorrow before noon. If it does not, we send a new one the same day.\n\nYou can follow it here: https://track.example/20417",
        1470,
      ],
      ["in", "Great, thank you", 1465],
      ["in", "It is noon now and still nothing. Could you send the new one?", 6],
      ["in", "My address is unchanged.", 5],
    ],
    read: 6,
    over: { assignees: ["agent-an"], team_id: "team-orders", priority: "high", tags: ["delivery", "order"] },
  },
  {
    name: "Thomas Weber",
    email: "t.weber@example.de",
    subject: "Rechnung mit falscher Adresse",
    said: [["in", "Guten Tag, auf meiner Rechnung steht noch die alte Adresse. Können Sie das bitte ändern?", 14]],
    over: { channel: "email", inbox_id: "inbox-help" },
  },
  {
    name: "ليلى حداد",
    email: "layla@example.com",
    said: [["in", "مرحبا، هل يمكنني تغيير موعد التسليم إلى يوم الخميس؟", 22]],
    over: { tags: ["delivery"] },
  },
  {
    name: null,
    said: [
      ["in", "do you ship to norway?", 31],
      ["out", "Yes, in three to five working days.", 30],
      ["in", "perfect", 29],
    ],
    read: 3,
  },
  {
    name: "Camille Laurent",
    email: "camille@example.fr",
    said: [
      ["in", "Bonjour, le code promo ne fonctionne pas dans le panier.", 48],
      ["out", "Bonjour Camille, quel code utilisez-vous ?", 44],
    ],
    read: 2,
    over: { assignees: ["agent-chloe"] },
  },
  {
    name: "Ingrid Solberg",
    said: [["in", "Kan jeg få kvitteringen på nytt?", 75]],
    read: 1,
    over: { flagged: true, assignees: ["agent-an", "agent-ben"] },
  },
  {
    name: "Jonas Berg",
    said: [
      ["in", "The app closes when I open the scanner. Android 15, Pixel 8.", 130],
      ["note", "Reproduced. Ticket with the app team.", 120],
    ],
    read: 2,
    over: { priority: "urgent", tags: ["bug", "android"], team_id: "team-tech" },
  },
  { name: "Priya Raman", said: [["in", "Thanks, that solved it!", 200]], read: 1, over: { assignees: ["agent-dina"] } },
];

const WORDS = [
  "Where is my parcel?",
  "Can I return this?",
  "The discount is missing",
  "I cannot sign in",
  "Which size fits me?",
  "Is this in stock in Oslo?",
  "Please cancel my order",
  "Thank you for the quick help",
];
const NAMES = [
  "Emma Visser",
  "Lucas Moreau",
  "Sofie Hansen",
  "Omar Farouk",
  "Hannah Fischer",
  "Noah Smit",
  "Léa Bernard",
  "Yusuf Ali",
  "Nora Dahl",
  "Daniel Costa",
];

export function workspace(now: () => number, more = 60): FakeHub {
  const hub = new FakeHub(now);
  for (const [place, story] of STORIES.entries()) add(hub, `C${900 - place}`, 4700 - place, story, now());
  for (let place = 0; place < more; place += 1) {
    const story: Story = {
      name: NAMES[place % NAMES.length] as string,
      said: [["in", WORDS[place % WORDS.length] as string, 240 + place * 17]],
      read: place % 3 === 0 ? 0 : 1,
      over: place % 5 === 0 ? { assignees: ["agent-ben"] } : place % 7 === 0 ? { status: "closed" } : {},
    };
    add(hub, `C${String(800 - place).padStart(3, "0")}`, 4600 - place, story, now());
  }
  return hub;
}

function add(
  hub: FakeHub,
  id: string,
  number: number,
  { name, email, subject, said, read = 0, over = {} }: Story,
  now: number,
): void {
  const contactId = `contact-${id}`;
  const messages: Message[] = said.map(([who, text, ago], place) => ({
    id: `${id}-${place + 1}`,
    conversation_id: id,
    number: place + 1,
    at: now - ago * MINUTE,
    text,
    kind: (who === "ben" ? "note" : who) as MessageKind,
    author:
      who === "in"
        ? { kind: "contact", id: contactId }
        : { kind: "agent", id: who === "ben" ? "agent-ben" : "agent-an" },
    ...(who === "out" ? { delivery: "sent" as const } : {}),
  }));
  const last = messages[messages.length - 1] as Message;
  const lastIn = messages.findLast((one) => one.kind === "in")?.number ?? 0;
  const answered = last.kind === "out";
  hub.add(
    row(id, {
      number,
      case_number: `SB-${number}`,
      inbox_id: "inbox-shop",
      contact: { id: contactId, name },
      subject: subject ?? null,
      created_at: messages[0]?.at ?? now,
      last_activity_at: last.at,
      last_number: messages.length,
      last_in_number: lastIn,
      read_number: read,
      waiting_since: answered ? null : last.at,
      delivered_number: messages.length,
      contact_read_number: answered ? messages.length : 0,
      preview: { number: last.number, kind: last.kind, author: last.author, text: last.text, attachments: 0 },
      priority: "none" as Priority,
      source: {
        url: "https://shop.example/lamps/blue?utm_source=newsletter",
        title: "Blue lamp",
        referrer: "https://search.example/",
        campaign: [["utm_source", "newsletter"]],
      },
      ...over,
    }),
    {
      id: contactId,
      name,
      email: email ?? null,
      phone: null,
      language: null,
      time_zone: null,
      notes: "",
      tags: [],
      identities: [],
      created_at: now - 90 * 24 * 60 * MINUTE,
    },
    messages,
  );
}
