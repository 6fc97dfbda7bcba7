/**
 * What an admin has typed into the parts of an inbox and not saved: its name, its channel's set-up, its contact form. It is kept while the page lives, wherever they go on it,
 * and the browser asks before it is closed. Secrets that were typed are kept nowhere else.
 *
 * Not here: whether the settings are good. The hub asks the provider.
 */
import { effect, type Signal, signal } from "@preact/signals";
import type {
  Channel,
  ChannelSettings,
  ChannelSetup,
  ContactForm,
  InboxId,
  MailServer,
  SaveChannel,
  Security,
} from "@switchboard/protocol";
import type { Desk } from "../../../desk/desk";

/** The channels that have a set-up. */
export type SetUpChannel = ChannelSettings["kind"];
export type SettingsOf<Kind extends SetUpChannel> = Extract<ChannelSettings, { kind: Kind }>;

export interface Draft {
  readonly settings: ChannelSettings;
  /** Only those that were typed: what is not named stays as it is. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** The fields that every inbox has, by their names. */
export type Named = Readonly<Record<"name" | "case_prefix" | "greeting" | "accent" | "origins", string>>;

/** What is typed and not saved, of one part, by inbox. */
export type DraftsOf<T> = Signal<ReadonlyMap<InboxId, T>>;

/** Each part has a "Save" of its own. */
export interface Drafts {
  readonly channel: DraftsOf<Draft>;
  readonly named: DraftsOf<Named>;
  readonly form: DraftsOf<ContactForm>;
}

const kept = new WeakMap<Desk, Drafts>();

export function draftsOf(desk: Desk): Drafts {
  const known = kept.get(desk);
  if (known) return known;
  const drafts: Drafts = { channel: signal(new Map()), named: signal(new Map()), form: signal(new Map()) };
  kept.set(desk, drafts);
  effect(() => {
    if (Object.values(drafts).every(({ value }) => value.size === 0)) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  });
  return drafts;
}

export function isUnsaved(desk: Desk, id: InboxId): boolean {
  return Object.values(draftsOf(desk)).some(({ value }) => value.has(id));
}

/** None: it is saved, or is to be forgotten. */
export function putDraft<T>(drafts: DraftsOf<T>, id: InboxId, draft: T | undefined): void {
  const next = new Map(drafts.peek());
  if (draft === undefined) next.delete(id);
  else next.set(id, draft);
  drafts.value = next;
}

export function hasSetUp(channel: Channel): channel is SetUpChannel {
  return channel !== "web" && channel !== "api";
}

/** The ports that servers listen on by custom. */
const PORTS = {
  imap: { tls: 993, starttls: 143, none: 143 },
  smtp: { tls: 465, starttls: 587, none: 25 },
} as const satisfies Record<string, Record<Security, number>>;

export type MailPart = keyof typeof PORTS;

const SECURITY = { imap: "tls", smtp: "starttls" } as const satisfies Record<MailPart, Security>;

export function newServer(part: MailPart, username: string): MailServer {
  const security = SECURITY[part];
  return { host: "", port: PORTS[part][security], security, username, auth: "password" };
}

/** A port that somebody chose stays. */
export function withSecurity(part: MailPart, server: MailServer, security: Security): MailServer {
  const byCustom = server.port === PORTS[part][server.security];
  return { ...server, security, port: byCustom ? PORTS[part][security] : server.port };
}

/** Whoever writes the address first need not write it as user name twice more. */
export function withAddress(settings: SettingsOf<"email">, address: string): SettingsOf<"email"> {
  const moved = (server: MailServer): MailServer =>
    (server.username ?? "") === settings.address ? { ...server, username: address } : server;
  return {
    ...settings,
    address,
    ...(settings.imap ? { imap: moved(settings.imap) } : {}),
    ...(settings.smtp ? { smtp: moved(settings.smtp) } : {}),
  };
}

/** What a set-up begins with. */
export function begun(kind: SetUpChannel): ChannelSettings {
  switch (kind) {
    case "email":
      return {
        kind,
        address: "",
        imap: newServer("imap", ""),
        smtp: newServer("smtp", ""),
        folders: ["INBOX"],
        plus_addresses: false,
      };
    case "sms":
      return { kind, account_sid: "", from: "" };
    case "telegram":
      return { kind, mode: "polling" };
    case "gateway":
      return {
        kind,
        from: "",
        send: { method: "POST", url: "", headers: [], body: "", id_at: "" },
        receive: { id_at: "", from_at: "", text_at: "", secret_header: "" },
      };
  }
}

/** A gateway as many are: JSON both ways, and a key in a header. */
export function exampleGateway(from: string): SettingsOf<"gateway"> {
  return {
    kind: "gateway",
    from,
    send: {
      method: "POST",
      url: "https://gateway.example/messages",
      headers: [["Authorization", "Bearer {{ secret.key }}"]],
      body: '{ "from": {{ from | json }}, "to": {{ to | json }}, "text": {{ text | json }} }',
      id_at: "/id",
    },
    receive: { id_at: "/id", from_at: "/from", text_at: "/text", secret_header: "X-Secret" },
  };
}

/** The secret that a gateway shows when it calls. */
export const INBOUND = "inbound";

/** Names of the secrets that the templates use, and the one that the gateway shows. */
export function gatewaySecrets({ send }: SettingsOf<"gateway">): string[] {
  const templates = [send.url, send.body ?? "", ...(send.headers ?? []).map(([, value]) => value)].join("\n");
  const used = Array.from(templates.matchAll(/\bsecret\.(\w+)/g), ([, name]) => name as string);
  return [...new Set([...used, INBOUND])];
}

export function draftFrom(setup: ChannelSetup, kind: SetUpChannel): Draft {
  return { settings: setup.settings ?? begun(kind), secrets: {} };
}

export function isSame<T>(one: T, other: T): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

export function bodyOf({ settings, secrets }: Draft, untested: boolean): SaveChannel {
  return { settings, secrets, ...(untested ? { untested } : {}) };
}
