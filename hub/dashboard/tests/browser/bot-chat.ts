/** A conversation by Telegram with all that comes there: an album, a sticker, a voice, a place, answers, an edit, a deletion. */
import type { Attachment, Message } from "@switchboard/protocol";
import { row } from "../events";
import { PICTURE_IN_MAIL } from "./fake-channels";
import type { FakeHub } from "./fake-hub";

export const BOT_CHAT = "T102";
/** What the messages stand at, so that a test can name them. */
export const NUMBERS = { question: 1, album: 2, gone: 3, answer: 4, sticker: 5, voice: 6 } as const;
const NOOR = { id: "contact-telegram", name: "Noor de Vries" };
const MINUTE = 60_000;

const file = (name: string, media_type: string, bytes: number): Attachment => ({
  id: media_type.startsWith("image/") ? PICTURE_IN_MAIL : `file-${name}`,
  name,
  media_type,
  bytes,
  picture: media_type.startsWith("image/"),
});

export function addBotChat(hub: FakeHub, now: number): void {
  const begun = now - 9 * 60 * MINUTE;
  const said: (Partial<Message> & Pick<Message, "kind" | "text">)[] = [
    {
      kind: "in",
      text: "Hello, which of the lamps fits outside? I have a porch that gets wet when it rains from the west.",
    },
    {
      kind: "in",
      text: "The porch from both sides\n[film.mp4: 45 MB; bots may fetch 20 MB at most]",
      attachments: [1, 2, 3].map((view) => file(`photo-${view}.jpg`, "image/jpeg", 182_000)),
    },
    { kind: "in", text: "", deleted_at: begun + 3 * MINUTE },
    { kind: "out", text: "The blue one. It is made for rain.", answers: NUMBERS.question, delivery: "sent" },
    { kind: "in", text: "👍", attachments: [file("sticker-5.webp", "image/webp", 21_000)] },
    { kind: "in", text: "", attachments: [file("voice-6.ogg", "audio/ogg", 48_000)], answers: NUMBERS.answer },
    {
      kind: "in",
      text: "59.9139, 10.7522\nhttps://www.openstreetmap.org/?mlat=59.9139&mlon=10.7522#map=17/59.9139/10.7522",
    },
    {
      kind: "in",
      text: "rain, really?",
      answers: NUMBERS.answer,
      quote: "made for rain",
      edited_at: begun + 9 * MINUTE,
    },
    { kind: "in", text: "And this one?", quote: "New in our shop: the lamp Fjord, for gardens and quays" },
    { kind: "in", text: "Forget the other one", answers: NUMBERS.gone },
    { kind: "note", text: "Ask the workshop about salt water." },
    { kind: "out", text: "Fjord too.", delivery: "failed", delivery_note: "Noor de Vries has blocked the bot" },
  ];
  const messages = said.map(
    (one, place): Message => ({
      id: `${BOT_CHAT}-${place + 1}`,
      conversation_id: BOT_CHAT,
      number: place + 1,
      author: one.kind === "in" ? { kind: "contact", id: NOOR.id } : { kind: "agent", id: "agent-an" },
      at: begun + place * MINUTE,
      ...one,
    }),
  );
  const last = messages[messages.length - 1] as Message;
  hub.add(
    row(BOT_CHAT, {
      number: 102,
      case_number: "SB-102",
      channel: "telegram",
      inbox_id: "inbox-telegram",
      contact: NOOR,
      source: { campaign: [["start", "spring-sale"]] },
      last_activity_at: last.at,
      last_number: last.number,
      last_in_number: 10,
      read_number: last.number,
      preview: { number: last.number, kind: "out", author: last.author, text: last.text, attachments: 0 },
    }),
    {
      id: NOOR.id,
      name: NOOR.name,
      email: null,
      phone: null,
      language: "nl",
      time_zone: null,
      notes: "",
      tags: [],
      identities: [
        {
          id: `identity-${BOT_CHAT}`,
          inbox_id: "inbox-telegram",
          channel: "telegram",
          address: "@noor",
          verified: false,
        },
      ],
      created_at: begun,
    },
    messages,
  );
}
