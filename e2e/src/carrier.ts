/**
 * A provider of SMS that speaks Twilio's dialect: it takes what the hub sends, and brings what people send, signed. That our
 * connector and this agree with Twilio itself is shown in `connectors/sms/tests/peers.rs`.
 */
import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";

export interface Sent {
  sid: string;
  to: string;
  text: string;
  /** Where the hub wants to be told what became of it. */
  callback: string;
}

const ACCOUNT = "AC0123456789abcdef0123456789abcdef";
const TOKEN = "carrier's token";

export class Carrier {
  readonly sent: Sent[] = [];
  /** What a message that is sent now is answered with, if not with success. */
  refusal: { status: number; code: number; message: string } | undefined;
  #server: Server;
  #url = "";
  #brought = 0;

  /** Addresses under `publicly` are reached at `hub`. */
  constructor(
    readonly number: string,
    readonly publicly: string,
    readonly hub: string,
  ) {
    this.#server = createServer((request, response) => {
      this.#answer(request).then(
        ({ status, body }) =>
          response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body)),
        () => response.writeHead(500).end(),
      );
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
    const settings = { kind: "sms", account_sid: ACCOUNT, from: this.number, base_url: this.#url };
    return { settings, secrets: { auth_token: TOKEN } };
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; body: object }> {
    const url = new URL(request.url ?? "/", this.#url);
    const login = `Basic ${Buffer.from(`${ACCOUNT}:${TOKEN}`).toString("base64")}`;
    if (request.headers.authorization !== login) return { status: 401, body: { code: 20003, message: "Authenticate" } };
    const path = url.pathname.replace(`/2010-04-01/Accounts/${ACCOUNT}`, "");
    if (path === ".json") return { status: 200, body: { friendly_name: "Lamps", status: "active" } };
    if (path === "/IncomingPhoneNumbers.json") {
      const ours = url.searchParams.get("PhoneNumber") === this.number;
      const numbers = ours ? [{ sms_url: "", capabilities: { sms: true } }] : [];
      return { status: 200, body: { incoming_phone_numbers: numbers } };
    }
    if (path !== "/Messages.json") return { status: 404, body: { code: 20404, message: "Not found" } };
    if (request.method === "GET") return { status: 200, body: { messages: [], next_page_uri: null } };
    return this.#take(new URLSearchParams(await text(request)));
  }

  async #take(form: URLSearchParams): Promise<{ status: number; body: object }> {
    if (this.refusal) return { status: this.refusal.status, body: this.refusal };
    const sid = `SM${String(this.sent.length).padStart(32, "0")}`;
    const field = (name: string) => form.get(name) ?? "";
    const sent = { sid, to: field("To"), text: field("Body"), callback: field("StatusCallback") };
    this.sent.push(sent);
    // Providers tell of a message before they have answered the request that sends it.
    await this.tell(sent, "sent");
    return { status: 201, body: { sid, status: "queued" } };
  }

  /** Says what became of a message. */
  tell(sent: Sent, status: string, more: Record<string, string> = {}): Promise<Response> {
    return this.call(sent.callback, { MessageSid: sent.sid, MessageStatus: status, ...more });
  }

  /** A person writes: the fields of the request that says so. */
  message(from: string, body: string): Record<string, string> {
    this.#brought += 1;
    const MessageSid = `SMin${String(this.#brought).padStart(30, "0")}`;
    return { MessageSid, AccountSid: ACCOUNT, From: from, To: this.number, Body: body, NumMedia: "0" };
  }

  /** Calls the hub at its public address. */
  call(address: string, fields: Record<string, string>, token = TOKEN): Promise<Response> {
    const sorted = Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
    const signed = address + sorted.map(([name, value]) => name + value).join("");
    return fetch(address.replace(this.publicly, this.hub), {
      method: "POST",
      headers: { "x-twilio-signature": createHmac("sha1", token).update(signed).digest("base64") },
      body: new URLSearchParams(fields),
    });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

async function text(request: IncomingMessage): Promise<string> {
  let all = "";
  for await (const chunk of request) all += chunk;
  return all;
}
