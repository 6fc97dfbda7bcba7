// People, conversations and messages that could be true. A bicycle shop's afternoon.

import type { ConversationRowProps } from "@switchboard/ui/conversation-row";
import type { MessageAuthor, MessageItemProps } from "@switchboard/ui/message-item";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** When the gallery was opened: everything in it happened before. */
export const OPENED = Date.now();
export const minutesAgo = (n: number) => OPENED - n * MINUTE_MS;
export const hoursAgo = (n: number) => OPENED - n * HOUR_MS;
export const daysAgo = (n: number) => OPENED - n * DAY_MS;
export const inHours = (n: number) => OPENED + n * HOUR_MS;

export const ANNA = { id: "agent-anna", name: "Anna de Vries" };
export const JONAS = { id: "agent-jonas", name: "Jonas Berg" };
export const SAMIRA = { id: "agent-samira", name: "Samira Haddad" };

export const MARIE = {
  kind: "contact",
  id: "contact-marie",
  name: "Marie Lefèvre",
  presence: "online",
} as const satisfies MessageAuthor;
export const OMAR = { kind: "contact", id: "contact-omar", name: "عمر الفاسي" } as const satisfies MessageAuthor;
export const ANNA_WRITES = { kind: "agent", ...ANNA } as const satisfies MessageAuthor;
export const JONAS_WRITES = { kind: "agent", ...JONAS } as const satisfies MessageAuthor;
export const BOT_WRITES = { kind: "bot", id: "bot-orders", name: "Order helper" } as const satisfies MessageAuthor;

export const ROWS: readonly ConversationRowProps[] = [
  {
    href: "#marie",
    contact: MARIE,
    channel: "web",
    at: minutesAgo(0),
    preview: "Perfect, then I will pick it up on Thursday after work.",
    status: "open",
    selected: true,
    assignee: ANNA,
    viewers: [JONAS],
    typing: ["Marie"],
  },
  {
    href: "#tom",
    contact: { id: "contact-tom", name: "Tom Okafor" },
    channel: "email",
    at: minutesAgo(4),
    subject: "Invoice 2026-1187 has the wrong address",
    preview: "Hello, could you put our new office on it? We moved in",
    status: "open",
    unread: true,
    files: 2,
    priority: "urgent",
    tags: ["billing"],
  },
  {
    href: "#omar",
    contact: OMAR,
    channel: "telegram",
    at: minutesAgo(22),
    preview: "هل يمكنني استبدال الخوذة بمقاس أكبر؟ اشتريتها يوم السبت",
    status: "open",
    unread: true,
    tags: ["exchange"],
  },
  {
    href: "#ingrid",
    contact: { id: "contact-ingrid", name: "Ingrid Solberg-Haugen van der Straten" },
    channel: "sms",
    at: hoursAgo(2),
    preview: "It is ready, you can come any time before six",
    previewBy: { me: true },
    status: "open",
    assignee: ANNA,
    draft: true,
    unsent: true,
    flagged: true,
  },
  {
    href: "#visitor",
    contact: { id: "contact-4711", name: "Visitor 4711", presence: null },
    channel: "web",
    at: daysAgo(1),
    preview: "Your order left our workshop this morning.",
    previewBy: { me: false, name: "Jonas" },
    status: "snoozed",
    snoozedUntil: inHours(18),
    assignee: JONAS,
    priority: "high",
    tags: ["delivery", "e-bike"],
  },
  {
    href: "#lucia",
    contact: { id: "contact-lucia", name: "Lucía Fernández" },
    channel: "email",
    at: daysAgo(12),
    subject: "Merci pour la réparation",
    preview: "",
    files: 1,
    status: "closed",
    assignee: SAMIRA,
  },
];

/** A quiet grey picture with a hill and a sun, so that the gallery needs no file. */
export const PICTURE = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" width="420" height="280"><rect width="420" height="280" fill="#b9c7d6"/><circle cx="320" cy="80" r="34" fill="#f3e3bd"/><path d="M0 220 120 120l90 80 70-60 140 110v30H0z" fill="#6c7f92"/><path d="M0 250 160 180l120 60 140-40v80H0z" fill="#4d5f70"/></svg>',
)}`;

type Said = Omit<MessageItemProps, "first">;

export const BEFORE_NOON: readonly Said[] = [
  {
    author: MARIE,
    at: hoursAgo(3),
    text: "Bonjour! I ordered a Gazelle Ultimate two weeks ago (order 88213) and the page says “in the workshop” since Monday. Is something wrong with it?",
  },
  {
    author: MARIE,
    at: hoursAgo(3) + 40_000,
    text: "I leave for holidays on Saturday, so I would love to have it by then.",
  },
  {
    author: BOT_WRITES,
    at: hoursAgo(3) + 55_000,
    text: "I found order 88213: Gazelle Ultimate C380, black, 57 cm. It is being assembled. I am asking a colleague to look at the date.",
  },
];

export const AFTER_NOON: readonly Said[] = [
  {
    author: ANNA_WRITES,
    at: minutesAgo(52),
    text: "Hello Marie, nothing is wrong with it. The front light was missing from the box and came in this morning.\n\nIt can be ready on Thursday. Here is how it looks now:",
    attachments: [
      { name: "gazelle-workshop.jpg", mediaType: "image/jpeg", bytes: 1_840_000, thumbnail: PICTURE, href: "#picture" },
    ],
  },
  {
    author: ANNA_WRITES,
    at: minutesAgo(51),
    text: "You find our hours on https://velo.example/shop#hours.",
    attachments: [{ name: "pick-up-note-88213.pdf", mediaType: "application/pdf", bytes: 84_300, href: "#file" }],
  },
  {
    author: JONAS_WRITES,
    at: minutesAgo(48),
    note: true,
    text: "Light is mounted. I keep the bike at the desk downstairs, second rack.",
  },
  { author: JONAS_WRITES, at: minutesAgo(47), note: true, text: "She paid for the lock too, do not forget it." },
  { author: MARIE, at: minutesAgo(3), text: "Perfect, then I will pick it up on Thursday after work." },
  {
    author: ANNA_WRITES,
    at: minutesAgo(1),
    text: "Very good. Until Thursday, and ask for Jonas if I am not there.",
    delivery: "read",
  },
];
