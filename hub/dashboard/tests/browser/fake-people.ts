/** The hub in memory's customers who are one person: who is suggested, merged and separated. */
import type { Contact, ContactRow, ContactSuggestion, OutsideCard } from "@switchboard/protocol";
import { type Answer, type FakeHub, ok, refusal } from "./fake-hub";

export class FakePeople {
  /** Of two customers, by the ids of both. */
  readonly apart = new Set<string>();
  /** What other systems say, by customer. */
  readonly said = new Map<string, OutsideCard[]>();
  /** Rows of one page of the list. */
  atOnce = 50;
  /** The cards as they were before they were merged. */
  private readonly parts = new Map<string, Contact>();

  constructor(private readonly hub: FakeHub) {}

  answer(method: string, url: URL, change: Partial<Contact>): Answer {
    const [, , , id = "", what, other = ""] = url.pathname.split("/");
    if (id === "") return method === "POST" ? this.make(change) : this.list(url.searchParams);
    const contact = this.hub.contacts.get(id);
    if (!contact) return refusal(404, "not_found");
    if (what === "cards") return ok({ cards: this.said.get(id) ?? [] });
    if (what === "erased") return this.erase(id);
    if (what === "suggestions") return ok({ suggestions: this.suggestions(contact) });
    if (what === "merged") return ok(method === "PUT" ? this.merge(contact, other) : this.separate(contact, other));
    if (what === "different") {
      const pair = [id, other].sort().join();
      if (method === "PUT") this.apart.add(pair);
      else this.apart.delete(pair);
      return { status: 204 };
    }
    return ok(method === "PATCH" ? this.told({ ...contact, ...change, ...attributes(contact, change) }) : contact);
  }

  private list(asked: URLSearchParams): Answer {
    const words = (asked.get("q") ?? "").toLowerCase();
    const from = Number(asked.get("cursor") ?? 0);
    const meant = [...this.hub.contacts.values()].filter(
      (one) =>
        !this.parts.has(one.id) && [one.name, one.email, one.phone].some((text) => text?.toLowerCase().includes(words)),
    );
    const next = from + this.atOnce < meant.length ? { next: String(from + this.atOnce) } : {};
    return ok({ contacts: meant.slice(from, from + this.atOnce).map((one) => this.row(one)), ...next });
  }

  private row({ id, name, email, phone, tags, identities, created_at }: Contact): ContactRow {
    const theirs = [...this.hub.rows.values()].filter((one) => one.contact.id === id);
    const last = Math.max(...theirs.map((one) => one.last_activity_at));
    return {
      id,
      name,
      email,
      phone,
      tags,
      channels: [...new Set(identities.map((one) => one.channel))],
      conversations: theirs.length,
      created_at,
      ...(theirs.length > 0 ? { last_activity_at: last } : {}),
    };
  }

  private make(given: Partial<Contact>): Answer {
    if (!given.name && !given.email && !given.phone)
      return refusal(422, "invalid", [{ field: "name", code: "required", message: "" }]);
    const contact: Contact = {
      id: `made-${this.hub.contacts.size}`,
      name: null,
      email: null,
      phone: null,
      language: null,
      time_zone: null,
      notes: "",
      tags: [],
      identities: [],
      created_at: this.hub.now(),
      ...given,
    };
    this.told(contact);
    return { status: 201, body: contact };
  }

  private erase(id: string): Answer {
    this.hub.contacts.delete(id);
    this.hub.push({ event: "contact_removed", contact_id: id });
    return { status: 204 };
  }

  private suggestions(of: Contact): ContactSuggestion[] {
    const others = [...this.hub.contacts.values()].filter((one) => one.id !== of.id && !this.parts.has(one.id));
    return others
      .filter((one) => of.email !== null && one.email === of.email && !this.apart.has([of.id, one.id].sort().join()))
      .map((contact) => ({ contact, shared: [{ kind: "email", value: contact.email ?? "", typed: true }] }));
  }

  private merge(top: Contact, other: string): Contact {
    const part = this.hub.contacts.get(other);
    if (!part || this.parts.has(other)) return top;
    this.parts.set(other, part);
    const { id, name, email, phone } = part;
    const merged = { id, name, email, phone, identities: part.identities.map((one) => one.id), at: this.hub.now() };
    this.take(part, top);
    return this.told({
      ...top,
      name: top.name ?? name,
      phone: top.phone ?? phone,
      identities: [...top.identities, ...part.identities],
      merged: [...(top.merged ?? []), merged],
    });
  }

  private separate(top: Contact, other: string): Contact {
    const part = this.parts.get(other);
    if (!part) return top;
    this.parts.delete(other);
    const goes = new Set(part.identities.map((one) => one.id));
    const left = { ...top, identities: top.identities.filter((one) => !goes.has(one.id)), merged: [] };
    this.told(left);
    this.take(part, part);
    this.told(part);
    return left;
  }

  /** The conversations of this card are that customer's now. */
  private take({ identities }: Contact, { id, name }: Contact): void {
    const theirs = new Set(identities.map((one) => one.id));
    for (const row of this.hub.rows.values())
      if (theirs.has(row.identity_id)) this.hub.rows.set(row.id, { ...row, contact: { id, name } });
  }

  private told(contact: Contact): Contact {
    this.hub.contacts.set(contact.id, contact);
    this.hub.push({ event: "contact_changed", contact });
    return contact;
  }
}

/** Those that are named, and of these no empty ones. */
function attributes(contact: Contact, change: Partial<Contact>): Partial<Contact> {
  if (!change.attributes) return {};
  const all = Object.entries({ ...contact.attributes, ...change.attributes });
  return { attributes: Object.fromEntries(all.filter(([, value]) => value !== "")) };
}
