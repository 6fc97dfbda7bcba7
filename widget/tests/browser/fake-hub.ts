/**
 * A hub in one file for the widget's tests: serves the built pages with the headers that the real one gives, speaks the
 * real visitor frames, and can be told to misbehave. It keeps one visitor's one conversation in memory.
 */

import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";
import type {
  Attachment,
  BeforeChat,
  ErrorCode,
  OpenNow,
  OpenVisitorSession,
  Rich,
  VisitorConversation,
  VisitorEventFrame,
  VisitorFrame,
  VisitorMessage,
  VisitorServerFrame,
} from "@switchboard/protocol";
import { type WebSocket, WebSocketServer } from "ws";

const TYPES: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };
const DIST = new URL("../../dist/", import.meta.url);
const EPOCH = "epoch";

type EventOnly = VisitorEventFrame extends infer Frame
  ? Frame extends unknown
    ? Omit<Frame, "position" | "at">
    : never
  : never;

export class FakeHub {
  readonly said: VisitorFrame[] = [];
  messages: VisitorMessage[] = [];
  conversation: VisitorConversation | undefined;
  teamOnline = true;
  accent = "#4f46e5";
  greeting = "";
  origins: string[] = [];
  askRating = false;
  before: BeforeChat | undefined;
  hours: OpenNow | undefined;
  /** How a send is answered next, instead of being taken. */
  refuseNext: string | undefined;
  /** What panels have asked for a session with. */
  readonly opened: OpenVisitorSession[] = [];
  /** Who is signed in is not believed. */
  doubtful = false;
  /** There is no such inbox any more. */
  gone = false;
  /** Uploads stand still at their middle while this is set. */
  stallUploads = false;
  /** Uploads break off while this is set; all else is well. */
  breakUploads = false;
  /** Messages in an answer to `history`. */
  page = 50;
  /** Answers to who asks for older messages stand still while this is set. */
  stallOlder = false;
  /** The next send is taken, and the connection breaks before anybody hears of it. */
  breakNext = false;
  /** How a press or the wish for a person is answered, instead of being taken. */
  refusePresses: ErrorCode | undefined;
  /** Presses get no answer while this is set; then all of them do. */
  private stalled: (() => void)[] | undefined;
  private readonly files = new Map<string, { attachment: Attachment; bytes: Buffer }>();
  private events: VisitorEventFrame[] = [];
  private floor = 0;
  private readonly done = new Map<string, VisitorMessage>();
  private readonly sockets = new Set<WebSocket>();
  private accepting = true;

  private constructor(
    private readonly server: Server,
    readonly origin: string,
  ) {}

  static async start(): Promise<FakeHub> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const hub = new FakeHub(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on("request", (request, response) => {
      // Who asks may leave in the middle of it.
      hub.answer(request, response).catch((error) => request.destroyed || server.emit("error", error));
    });
    const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => "switchboard.v1" });
    server.on("upgrade", (request, socket, head) => {
      if (!hub.accepting) return socket.destroy();
      sockets.handleUpgrade(request, socket, head, (ws) => hub.accept(ws));
    });
    return hub;
  }

  async stop() {
    this.offline();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  offline() {
    this.accepting = false;
    for (const ws of this.sockets) ws.terminate();
    this.sockets.clear();
  }

  online() {
    this.accepting = true;
  }

  /** The feed cannot be gone on with: everybody takes a new snapshot. */
  reset() {
    this.send({ t: "reset", why: "too_old" });
    this.sockets.clear();
  }

  /** Nobody can go on from before this. */
  forgetFeed() {
    this.floor = this.events.length;
  }

  agentSays(text: string, attachments: Attachment[] = [], name = "Anna de Vries") {
    this.add({ kind: "agent", name }, text, attachments);
  }

  agentTypes(on: boolean, name = "Anna de Vries") {
    this.send({
      t: "signal",
      signal: "typing",
      conversation_id: this.conversation?.id ?? "",
      who: { kind: "agent", name },
      on,
      ttl_ms: 5_000,
    });
  }

  botSays(text: string, rich?: Rich, name = "Robo") {
    return this.add({ kind: "bot", name }, text, [], undefined, Date.now(), rich);
  }

  botTypes(on: boolean, name = "Robo") {
    const conversation_id = this.conversation?.id ?? "";
    this.send({ t: "signal", signal: "typing", conversation_id, who: { kind: "bot", name }, on, ttl_ms: 5_000 });
  }

  botTells(text: string, alert = false) {
    this.send({ t: "signal", signal: "told", conversation_id: this.conversation?.id ?? "", text, alert });
  }

  edits(id: string, change: Partial<VisitorMessage>) {
    this.messages = this.messages.map((each) => (each.id === id ? { ...each, ...change } : each));
    const message = this.messages.find((each) => each.id === id);
    if (message) this.emit({ event: "message_changed", message });
  }

  stallPresses() {
    this.stalled = [];
  }

  answerPresses() {
    for (const answer of this.stalled ?? []) answer();
    this.stalled = undefined;
  }

  /** Also what the hub says of it from its next protocol on. */
  changes(change: Partial<VisitorConversation>) {
    if (!this.conversation) return;
    this.conversation = { ...this.conversation, ...change };
    this.emit({ event: "conversation_changed", conversation: this.conversation });
  }

  agentReads() {
    if (!this.conversation) return;
    this.conversation = { ...this.conversation, staff_read_number: this.conversation.last_number };
    this.emit({ event: "conversation_changed", conversation: this.conversation });
  }

  /** An agent puts the messages from this one on into a conversation of their own. */
  splits(from: number) {
    const old = this.conversation;
    if (!old) return;
    const moved = this.messages.filter(({ number }) => number >= from);
    this.conversation = {
      ...old,
      id: "conversation-2",
      case_number: "SB-2",
      last_number: moved.length,
      read_number: 0,
    };
    for (const [at, message] of moved.entries()) {
      const there = { ...message, conversation_id: this.conversation.id, number: at + 1 };
      this.messages = this.messages.map((kept) => (kept.id === message.id ? there : kept));
      this.emit({ event: "message_moved", from: old.id, number: message.number, message: there });
    }
  }

  picture(name: string, bytes: Buffer): Attachment {
    const attachment = {
      id: `file-${this.files.size}`,
      name,
      media_type: "image/png",
      bytes: bytes.length,
      picture: true,
    };
    this.files.set(attachment.id, { attachment, bytes });
    return attachment;
  }

  private send(frame: VisitorServerFrame) {
    for (const ws of this.sockets) ws.send(JSON.stringify(frame));
  }

  private emit(event: EventOnly) {
    const frame = { position: this.events.length + 1, at: Date.now(), ...event } as VisitorEventFrame;
    this.events.push(frame);
    this.send({ t: "event", ...frame });
  }

  add(
    author: VisitorMessage["author"],
    text: string,
    attachments: Attachment[] = [],
    client_id?: string,
    at = Date.now(),
    rich?: Rich,
  ) {
    const created = !this.conversation;
    const number = (this.conversation?.last_number ?? 0) + 1;
    this.conversation = {
      id: "conversation-1",
      case_number: "SB-1",
      closed: false,
      created_at: at,
      staff_read_number: 0,
      read_number: 0,
      ...this.conversation,
      last_number: number,
    };
    const message: VisitorMessage = {
      id: `message-${this.messages.length + 1}`,
      conversation_id: this.conversation.id,
      number,
      author,
      at,
      text,
      ...(rich ? { rich } : {}),
      ...(attachments.length ? { attachments } : {}),
      ...(client_id ? { client_id } : {}),
    };
    this.messages.push(message);
    if (created) this.emit({ event: "conversation_created", conversation: this.conversation, messages: [message] });
    else this.emit({ event: "message_created", message });
    return message;
  }

  private accept(ws: WebSocket) {
    ws.on("message", (data) => this.hear(ws, JSON.parse(String(data)) as VisitorFrame));
    ws.on("close", () => this.sockets.delete(ws));
  }

  private hear(ws: WebSocket, frame: VisitorFrame) {
    const tell = (said: VisitorServerFrame) => ws.send(JSON.stringify(said));
    this.said.push(frame);
    if (frame.t === "hello") {
      const from = frame.from?.position ?? 0;
      if (from < this.floor) return tell({ t: "reset", why: "too_old" });
      tell({ t: "welcome", connection_id: "c", epoch: EPOCH, position: from, heartbeat_ms: 12_000, now: Date.now() });
      for (const event of this.events) if (event.position > from) tell({ t: "event", ...event });
      this.sockets.add(ws);
    } else if (frame.t === "command") {
      if (this.stalled && frame.do === "press") this.stalled.push(() => tell(this.perform(frame)));
      else tell(this.perform(frame));
    }
  }

  private perform(frame: Extract<VisitorFrame, { t: "command" }>): VisitorServerFrame {
    const { id } = frame;
    if (frame.do === "seen" && this.conversation) this.conversation = { ...this.conversation, read_number: frame.read };
    if (this.refusePresses && ["press", "ask_human", "rate"].includes(frame.do))
      return { t: "reply", id, ok: "no", error: { code: this.refusePresses, message: "No." } };
    if (frame.do === "rate") this.changes({ rating: frame.score });
    if (frame.do === "ask_human") this.changes({ asked_person: true });
    if (frame.do !== "send") return { t: "reply", id, ok: "yes" };
    if (this.breakNext) this.offline();
    this.breakNext = false;
    if (this.refuseNext) {
      const message = this.refuseNext;
      this.refuseNext = undefined;
      return { t: "reply", id, ok: "no", error: { code: "too_large", message } };
    }
    const files = (frame.attachments ?? []).flatMap((file) => this.files.get(file)?.attachment ?? []);
    const message = this.done.get(id) ?? this.add({ kind: "you" }, frame.text, files, id);
    this.done.set(id, message);
    return { t: "reply", id, ok: "yes", position: this.events.length, message_id: message.id, number: message.number };
  }

  private async answer(request: IncomingMessage, response: ServerResponse) {
    const url = new URL(request.url ?? "/", this.origin);
    if (url.pathname.startsWith("/api/")) return this.answerApi(url, request, response);
    if (url.pathname === "/favicon.ico") return response.writeHead(204).end();
    const path =
      { "/widget.js": "widget.js", "/widget/panel": "panel/index.html" }[url.pathname] ?? url.pathname.slice(8);
    response.writeHead(200, {
      "content-type": TYPES[extname(path)] ?? "text/plain",
      "content-security-policy": `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self' ${this.origin.replace("http", "ws")}; base-uri 'none'; require-trusted-types-for 'script'`,
    });
    response.end(readFileSync(new URL(path, DIST)));
  }

  private async answerApi(url: URL, request: IncomingMessage, response: ServerResponse) {
    const json = (body: unknown) =>
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (!this.accepting) return response.destroy();
    if (this.breakUploads && url.pathname === "/api/visitor/attachments") return response.destroy();
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
      while (this.stallUploads && url.pathname.endsWith("/attachments")) await new Promise((go) => setTimeout(go, 50));
    }
    const body = Buffer.concat(chunks);
    if (url.pathname === "/api/visitor/session" && this.gone) {
      const error = { code: "not_found", message: "There is no such inbox." };
      return response.writeHead(404).end(JSON.stringify({ error }));
    }
    if (url.pathname === "/api/visitor/session") {
      const asked = JSON.parse(body.toString()) as OpenVisitorSession;
      this.opened.push(asked);
      if (asked.user && this.doubtful) {
        const error = { code: "invalid", message: "This is not it.", fields: [] };
        return response.writeHead(422).end(JSON.stringify({ error }));
      }
      const settings = {
        widget_key: "key",
        origins: this.origins,
        accent: this.accent,
        greeting: this.greeting,
        ask_rating: this.askRating,
        ...(this.before ? { before: this.before } : {}),
      };
      return json({
        token: "token",
        identity_id: "i",
        settings,
        inbox_name: "Lamps and more",
        team_online: this.teamOnline,
        ...(this.hours ? { hours: this.hours } : {}),
      });
    }
    if (url.pathname === "/api/visitor/history") {
      const before = url.searchParams.get("before");
      const all = before ? this.messages.filter(({ number }) => number < Number(before)) : this.messages;
      const history = {
        conversations: this.conversation ? [this.conversation] : [],
        messages: all.slice(-this.page),
        more: all.length > this.page,
        at: { epoch: EPOCH, position: this.events.length },
      };
      while (before && this.stallOlder) await new Promise((go) => setTimeout(go, 50));
      return json(history);
    }
    if (url.pathname === "/api/visitor/attachments") {
      if (url.searchParams.get("name")?.endsWith(".exe")) {
        const error = { code: "unsupported_file", message: "Programs cannot be sent." };
        return response.writeHead(422).end(JSON.stringify({ error }));
      }
      const type = String(request.headers["content-type"]);
      const attachment = {
        id: `file-${this.files.size}`,
        name: url.searchParams.get("name") ?? "",
        media_type: type,
        bytes: body.length,
        picture: type.startsWith("image/"),
      };
      this.files.set(attachment.id, { attachment, bytes: body });
      return json({ attachment });
    }
    const file = this.files.get(url.pathname.split("/").at(-1) ?? "");
    if (!file || request.headers.authorization !== "Bearer token") return response.writeHead(404).end();
    response.writeHead(200, { "content-type": file.attachment.media_type }).end(file.bytes);
  }
}

/** Somebody's site on another origin, with the strictest policy that a careful one would have. */
export async function startSite(
  hub: string,
  attributes = "",
  lang = "en",
): Promise<{ origin: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    response.writeHead(200, {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": `default-src 'none'; script-src ${hub}; frame-src ${hub}; style-src 'nonce-site'; base-uri 'none'; require-trusted-types-for 'script'`,
    });
    response.end(`<!doctype html><html lang="${lang}" ${lang === "ar" ? 'dir="rtl"' : ""}><head><title>Lamps and more</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style nonce="site">body{font:16px/1.5 serif;margin:3rem auto;max-width:40rem}div,button,iframe{display:none!important;color:red}</style></head>
<body><main><h1>Lamps and more</h1><p>Every lamp is made to order.</p><a href="/next${request.url ?? ""}">Next</a></main>
<script async src="${hub}/widget.js" data-inbox="key" ${attributes}></script></body></html>`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
