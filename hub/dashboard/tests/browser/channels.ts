/** A workspace with channels: each kind of inbox in a state of its own, and a conversation by mail. */
import type { ChannelHealth, ChannelSettings, Contact, HeldMessage, Inbox, Message } from "@switchboard/protocol";
import { CHAT } from "../../src/desk/carries";
import { row } from "../events";
import { addBotChat } from "./bot-chat";
import { PICTURE_IN_MAIL } from "./fake-channels";
import type { FakeHub } from "./fake-hub";

const HOUR = 3_600_000;
/** The conversation by mail. */
export const MAIL = "M100";
/** The one by SMS, and its customer. */
export const TEXTS = "S101";
const SAM = { id: "contact-sms", name: "Sam Lee" };

const framed = (
  pictures: boolean,
): string => `<!doctype html><html data-remote="${pictures ? "shown" : "waiting"}"><head><style>body{display:flow-root;margin:0}</style></head><body>
<table width="100%" style="border:1px solid #ccc"><tr><td><h1 style="color:#b00">Order 20417</h1>
<p style="height:700px">The <b>blue lamp</b> came broken. See <a href="https://shop.example/orders/20417" title="https://shop.example/orders/20417" target="_blank" rel="noopener noreferrer nofollow">my order</a>.</p>
<img ${pictures ? 'src="https://tracker.example/pixel.gif" ' : ""}alt="Signature"><img src="/api/attachments/${PICTURE_IN_MAIL}" alt="Photo">
<script>parent.document.title = "ran"</script></td></tr></table></body></html>`;

const WHOLE = `The blue lamp came broken. What now?

On Monday you wrote:
> Your lamp is on its way.
> It comes on Tuesday.`;

const SETTINGS: readonly [name: string, settings: ChannelSettings, secrets: string[], health: ChannelHealth][] = [
  [
    "Mail",
    {
      kind: "email",
      address: "help@shop.example",
      imap: { host: "imap.shop.example", port: 993, security: "tls", username: "help@shop.example", auth: "password" },
      smtp: {
        host: "smtp.shop.example",
        port: 587,
        security: "starttls",
        username: "help@shop.example",
        auth: "password",
      },
      folders: ["INBOX"],
      plus_addresses: true,
    },
    ["imap_password", "smtp_password"],
    { state: "working", waiting: 0, failed: 0 },
  ],
  [
    "Text messages",
    { kind: "sms", account_sid: "AC0123456789abcdef0123456789abcdef", from: "+31612345678" },
    ["auth_token"],
    { state: "broken", trouble: "Twilio does not know this Account SID or Auth token.", waiting: 3, failed: 1 },
  ],
  [
    "Telegram",
    { kind: "telegram", mode: "polling" },
    ["token"],
    { state: "away", trouble: "Telegram did not answer.", waiting: 1, failed: 0 },
  ],
];

export function withChannels(hub: FakeHub): void {
  const now = hub.now();
  hub.inboxes.push(inbox("inbox-gateway", "Gateway", "gateway"));
  for (const [name, settings, secrets, health] of SETTINGS) {
    const id = `inbox-${settings.kind}`;
    hub.inboxes.push({ ...inbox(id, name, settings.kind), ...carried(settings) });
    hub.channels.setups.set(id, {
      channel: settings.kind,
      settings,
      secrets,
      webhook: `https://support.example.com/hooks/${"k".repeat(40)}`,
      health: { ...health, since: now - 3 * HOUR, last_received_at: now - HOUR, last_sent_at: now - 2 * HOUR },
    });
  }
  hub.channels.held = { messages: [heldMail(now)], more: false };
  addMails(hub, now);
  addTexts(hub, now);
  addBotChat(hub, now);
}

/** What each connector says of itself. */
function carried(settings: ChannelSettings): Pick<Inbox, "carries" | "address"> {
  const plain = { ...CHAT, files: 0, file_bytes: 0, typing: false, receipts: "nothing", writes_first: true } as const;
  switch (settings.kind) {
    case "email":
      return {
        carries: {
          ...plain,
          rich_text: true,
          subject: true,
          answers: false,
          threads: "subject",
          files: 50,
          file_bytes: 25_000_000,
        },
        address: settings.address,
      };
    case "sms":
      return { carries: { ...plain, answers: false, text_chars: 1_600, segments: true }, address: settings.from };
    case "telegram":
      return { carries: { ...CHAT, answers: true, rich_text: true, files: 10, receipts: "nothing" } };
    case "gateway":
      return { carries: plain, address: settings.from };
  }
}

function inbox(id: string, name: string, channel: Inbox["channel"]): Inbox {
  return { id, name, channel, case_prefix: "SB-", web: null };
}

const MARIA = { name: "Maria Jansen", address: "maria@example.nl" };
const HELP = { address: "help@shop.example" };

/** What has not gone out, as an admin is shown it. */
function heldMail(now: number): HeldMessage {
  return {
    message_id: `${MAIL}-2`,
    conversation_id: MAIL,
    number: 2,
    case_number: "SB-100",
    contact: { id: "contact-mail", name: MARIA.name },
    delivery: "failed",
    note: "550 5.1.1 mailbox is full",
    at: now - 9 * HOUR,
  };
}

function addMails(hub: FakeHub, now: number): void {
  const contact = { kind: "contact", id: "contact-mail" } as const;
  const me = { kind: "agent", id: hub.me.id } as const;
  const mails: Omit<Message, "id" | "conversation_id" | "number" | "at">[] = [
    {
      kind: "in",
      author: contact,
      text: "Where is my lamp?",
      mail: { from: MARIA, to: [HELP], subject: "Blue lamp", html: false, folded: false, threaded: "nothing" },
    },
    {
      kind: "out",
      author: me,
      text: "Your lamp is on its way.",
      delivery: "failed",
      delivery_note: "550 5.1.1 mailbox is full",
      mail: { to: [MARIA], subject: "Re: Blue lamp [SB-100]", html: false, folded: false },
    },
    {
      kind: "out",
      author: me,
      text: "It comes on Tuesday.",
      delivery: "uncertain",
      delivery_note:
        "the server did not answer after the mail. It may or may not have arrived; ask the customer before you send it again.",
      mail: {
        to: [MARIA],
        cc: [{ address: "depot@shop.example" }],
        subject: "Re: Blue lamp",
        html: false,
        folded: false,
      },
    },
    {
      kind: "in",
      author: contact,
      text: "The blue lamp came broken. What now?",
      attachments: [
        { id: PICTURE_IN_MAIL, name: "photo.gif", media_type: "image/gif", bytes: 42, picture: true },
        { id: "file-bill", name: "bill.pdf", media_type: "application/pdf", bytes: 9_000, picture: false },
      ],
      mail: {
        from: MARIA,
        to: [HELP],
        cc: [{ name: "Jan", address: "jan@example.nl" }],
        subject: "Broken lamp",
        html: true,
        folded: true,
        threaded: "references",
      },
    },
    {
      kind: "in",
      author: contact,
      text: "I am away until Monday.",
      mail: {
        from: MARIA,
        to: [HELP],
        subject: "Automatic: Broken lamp",
        html: false,
        folded: false,
        automatic: "reply",
        threaded: "case_number",
      },
    },
  ];
  const messages = mails.map(
    (one, place): Message => ({
      ...one,
      id: `${MAIL}-${place + 1}`,
      conversation_id: MAIL,
      number: place + 1,
      at: now - (10 - place) * HOUR,
    }),
  );
  hub.channels.bodies.set(`${MAIL}-4`, { whole_text: WHOLE, html: "" });
  hub.channels.frames.set(`${MAIL}-4`, framed);
  const last = messages[messages.length - 1] as Message;
  hub.add(
    row(MAIL, {
      number: 100,
      case_number: "SB-100",
      channel: "email",
      inbox_id: "inbox-email",
      contact: { id: contact.id, name: MARIA.name },
      subject: "Blue lamp",
      last_activity_at: last.at,
      last_number: last.number,
      last_in_number: last.number,
      read_number: last.number,
      preview: { number: last.number, kind: "in", author: contact, text: last.text, attachments: 0 },
    }),
    {
      id: contact.id,
      name: MARIA.name,
      email: MARIA.address,
      phone: null,
      language: null,
      time_zone: null,
      notes: "",
      tags: [],
      identities: [
        {
          id: `identity-${MAIL}`,
          inbox_id: "inbox-email",
          channel: "email",
          address: MARIA.address,
          verified: false,
        },
      ],
      created_at: now - 90 * 24 * HOUR,
    },
    messages,
  );
}

function addTexts(hub: FakeHub, now: number): void {
  const author = { kind: "contact", id: SAM.id } as const;
  const text = "Is my lamp ready?";
  const at = now - 6.1 * HOUR;
  hub.add(
    row(TEXTS, {
      number: 101,
      case_number: "SB-101",
      channel: "sms",
      inbox_id: "inbox-sms",
      contact: SAM,
      last_activity_at: at,
      last_number: 1,
      last_in_number: 1,
      read_number: 1,
      preview: { number: 1, kind: "in", author, text, attachments: 0 },
    }),
    samNow(now),
    [{ id: `${TEXTS}-1`, conversation_id: TEXTS, number: 1, kind: "in", author, at, text }],
  );
}

function samNow(now: number, stopped?: number): Contact {
  return {
    id: SAM.id,
    name: SAM.name,
    email: null,
    phone: "+31611111111",
    language: null,
    time_zone: null,
    notes: "",
    tags: [],
    identities: [
      {
        id: `identity-${TEXTS}`,
        inbox_id: "inbox-sms",
        channel: "sms",
        address: "+31611111111",
        verified: false,
        ...(stopped === undefined ? {} : { stopped_at: stopped }),
      },
    ],
    created_at: now - 30 * 24 * HOUR,
  };
}

/** Sam writes STOP, or START. */
export function saysStop(hub: FakeHub, stop: boolean): void {
  const contact = samNow(hub.now(), stop ? hub.now() : undefined);
  hub.contacts.set(contact.id, contact);
  hub.push({ event: "contact_changed", contact });
}
