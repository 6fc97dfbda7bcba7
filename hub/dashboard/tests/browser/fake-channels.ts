/** The channels of the hub in memory: set-ups that are tried and kept, what became of messages, and the rest of mails. */
import type {
  ChannelSetup,
  ChannelTried,
  ContactForm,
  HeldMessages,
  InboxHealth,
  MessageBody,
  SaveChannel,
} from "@switchboard/protocol";
import type { Answer } from "./fake-hub";

/** One point. */
export const PIXEL = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");
/** A file that a mail shows in its place. */
export const PICTURE_IN_MAIL = "file-photo";

export class FakeChannels {
  readonly setups = new Map<string, ChannelSetup>();
  /** What a try finds. */
  found: ChannelTried = { ok: true, sentence: "Signed in as help@shop.example; 3 folders." };
  /** Set-ups cannot be had just now. */
  away = false;
  /** What was saved, in order. */
  readonly saved: SaveChannel[] = [];
  /** Contact forms, by their inbox. */
  readonly forms = new Map<string, ContactForm>();
  readonly bodies = new Map<string, MessageBody>();
  /** Messages that are to be sent again. */
  readonly again: string[] = [];
  /** Messages that are on their way already. */
  readonly onTheirWay = new Set<string>();

  /** Mails as they are shown: with the pictures of other sites, and without. */
  readonly frames = new Map<string, (pictures: boolean) => string>();
  policy = "";
  held: HeldMessages = { messages: [], more: false };

  frame(id: string, pictures: boolean): Answer {
    const html = this.frames.get(id);
    if (!html || this.away) return no(this.away ? 503 : 404, this.away ? "overloaded" : "not_found");
    const policy = pictures ? `${this.policy} https:` : this.policy;
    return { status: 200, bytes: { type: "text/html; charset=utf-8", of: html(pictures), policy } };
  }

  /** What those who work in the inboxes may know. */
  healths(): InboxHealth[] {
    return [...this.setups].map(([inbox_id, { health }]) => {
      const { trouble: _for, waiting: _these, failed: _admins, ...known } = health;
      return { inbox_id, ...known };
    });
  }

  answer(method: string, path: string, body: unknown): Answer {
    const [, , noun, id = "", part, then] = path.split("/");
    if (noun === "messages" && part === "body") return { status: 200, body: this.bodies.get(id) ?? {} };
    if (noun === "messages") {
      if (this.onTheirWay.has(id)) return no(409, "conflict");
      this.again.push(id);
      return { status: 204 };
    }
    if (this.away) return no(503, "overloaded");
    if (then === "held") return { status: 200, body: this.held };
    if (part === "form") return this.form(method, id, body as ContactForm);
    if (then === "try") return { status: 200, body: this.found };
    return method === "PUT"
      ? this.save(id, body as SaveChannel)
      : { status: 200, body: this.setups.get(id) ?? NOTHING };
  }

  private form(method: string, id: string, body: ContactForm): Answer {
    if (method === "PUT") this.forms.set(id, body);
    const form = this.forms.get(id);
    const address = form ? `https://support.example.com/form/${"f".repeat(24)}` : "";
    const snippet = form ? `<form action="${address}" method="post">…</form>` : "";
    return { status: 200, body: { form: form ?? NO_FORM, address, snippet } };
  }

  private save(id: string, body: SaveChannel): Answer {
    if (!this.found.ok && !body.untested)
      return no(422, "invalid", [{ field: "settings", code: "not_working", message: this.found.sentence }]);
    this.saved.push(body);
    const { settings } = body;
    const before = this.setups.get(id)?.secrets ?? [];
    const secrets = [...new Set([...before, ...Object.keys(body.secrets ?? {})])].filter(
      (name) => body.secrets?.[name] !== "",
    );
    const setup: ChannelSetup = {
      ...(this.setups.get(id) ?? NOTHING),
      channel: settings.kind,
      settings,
      secrets,
      webhook: `https://support.example.com/hooks/${"k".repeat(40)}`,
    };
    this.setups.set(id, setup);
    return { status: 200, body: setup };
  }
}

const NO_FORM: ContactForm = {
  on: false,
  language: "en",
  name: "optional",
  subject: "optional",
  files: false,
  confirm: true,
};

const NOTHING: ChannelSetup = {
  channel: "email",
  settings: null,
  secrets: [],
  webhook: null,
  health: { state: "starting", waiting: 0, failed: 0 },
};

function no(status: number, code: string, fields?: readonly unknown[]): Answer {
  return { status, body: { error: { code, message: "No.", ...(fields ? { fields } : {}) } } };
}
