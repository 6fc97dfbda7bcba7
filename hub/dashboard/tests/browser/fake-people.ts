/** The hub in memory's customers who are one person: who is suggested, merged and separated. */
import type { Contact, ContactSuggestion } from "@switchboard/protocol";
import { type Answer, type FakeHub, ok, refusal } from "./fake-hub";

export class FakePeople {
  /** Of two customers, by the ids of both. */
  readonly apart = new Set<string>();
  /** The cards as they were before they were merged. */
  private readonly parts = new Map<string, Contact>();

  constructor(private readonly hub: FakeHub) {}

  answer(method: string, path: string, change: Partial<Contact>): Answer {
    const [, , , id = "", what, other = ""] = path.split("/");
    const contact = this.hub.contacts.get(id);
    if (!contact) return refusal(404, "not_found");
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
