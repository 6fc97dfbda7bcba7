/** A workspace in which two customers may be one person. */
import type { Contact } from "@switchboard/protocol";
import type { FakeHub } from "./fake-hub";

/** Maria has written by mail, and somebody in the chat says to be her. */
export function mariaTwice(hub: FakeHub): void {
  const card = (id: string, over: Partial<Contact>) => {
    const row = hub.rows.get(id);
    const contact = row && hub.contacts.get(row.contact.id);
    if (row && contact) hub.contacts.set(contact.id, { ...contact, ...over });
  };
  const identity = (id: string, channel: "email" | "web", address: string | null) => ({
    identities: [{ id: `identity-${id}`, inbox_id: "inbox-shop", channel, address, verified: false }],
  });
  card("C900", identity("C900", "email", "maria@example.nl"));
  card("C897", { email: "maria@example.nl", ...identity("C897", "web", null) });
}
