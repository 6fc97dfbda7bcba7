/**
 * Telegram, as far as a bot that sends and gets texts sees it: `getUpdates` and `sendMessage`, after the Bot API's
 * documentation. That our connector and Telegram's clients agree is shown in `connectors/telegram/tests`.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

const TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";
/** Longest that a request for updates is held open (core.telegram.org/bots/api#getupdates), seconds. */
const HELD_OPEN = 50;

interface Asked {
  offset?: number;
  timeout?: number;
  chat_id?: number;
  text?: string;
}

export class Telegram {
  /** What the hub sent, in order. */
  readonly sent: { chat: number; text: string }[] = [];
  #server: Server;
  #url = "";
  #updates: { update_id: number; message?: object; edited_message?: object }[] = [];
  #numbers = 0;
  /** Looks again whether there are updates for the request that waits. */
  #look = () => {};

  constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.writeHead(500).end());
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("no port in the address");
    this.#url = `http://127.0.0.1:${address.port}`;
  }

  /** What an admin fills in. */
  get channel(): object {
    return { settings: { kind: "telegram", mode: "polling", base_url: this.#url }, secrets: { token: TOKEN } };
  }

  /** A person writes to the bot; the number of their message. */
  writes(person: number, text: string): number {
    const message = this.#message(person, customer(person), text);
    this.#happens({ message });
    return message.message_id;
  }

  /** They change what they have written. */
  corrects(person: number, message_id: number, text: string): void {
    const message = this.#message(person, customer(person), text);
    this.#happens({ edited_message: { ...message, message_id, edit_date: message.date } });
  }

  #happens(what: { message: object } | { edited_message: object }): void {
    this.#numbers += 1;
    this.#updates.push({ update_id: this.#numbers, ...what });
    this.#look();
  }

  #message(chat: number, from: object, text: string) {
    this.#numbers += 1;
    const date = Math.floor(Date.now() / 1_000);
    return { message_id: this.#numbers, date, chat: { id: chat, type: "private", first_name: "An" }, from, text };
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of request) body += chunk;
    const done = (result: unknown) =>
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ ok: true, result }));
    const asked = JSON.parse(body || "{}") as Asked;
    // The names of methods are read in any case.
    switch (request.url?.split("/").pop()?.toLowerCase()) {
      case "getme":
        return void done(ME);
      case "getupdates":
        return this.#fetch(asked, done);
      case "sendmessage": {
        const [chat, text] = [Number(asked.chat_id), asked.text ?? ""];
        this.sent.push({ chat, text });
        return void done(this.#message(chat, ME, text));
      }
      default:
        return void done(true);
    }
  }

  #fetch({ offset = 0, timeout = 0 }: Asked, done: (updates: object[]) => void): void {
    this.#updates = this.#updates.filter(({ update_id }) => update_id >= offset);
    const answer = () => {
      clearTimeout(late);
      this.#look = () => {};
      done(this.#updates);
    };
    const late = setTimeout(answer, Math.min(timeout, HELD_OPEN) * 1_000);
    this.#look = () => this.#updates.length > 0 && answer();
    this.#look();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

function customer(id: number): object {
  return { id, is_bot: false, first_name: "An" };
}

const ME = {
  id: 110_201_543,
  is_bot: true,
  first_name: "Shop",
  username: "shop_bot",
  can_join_groups: true,
  can_read_all_group_messages: false,
  supports_inline_queries: false,
};
