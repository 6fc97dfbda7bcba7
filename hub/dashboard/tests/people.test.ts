/** Merged and separated cards in the store, and what the folders of channels hold. */
import type { AgentEventFrame, Contact, Identity, Message } from "@switchboard/protocol";
import { describe, expect, it } from "vitest";
import type { House } from "../src/desk/core";
import { topOf } from "../src/desk/people";
import { authorOf, groupOf, ownOf } from "../src/screens/authors";
import { byChannel } from "../src/state/counts";
import { takeEvent } from "../src/state/events";
import { matches, mayJoin } from "../src/state/lists";
import { stateFrom, takeDetail } from "../src/state/snapshots";
import { Feed, ME, me, row } from "./events";

function card(id: string, name: string | null, identities: readonly string[]): Contact {
  const known = identities.map(
    (one): Identity => ({ id: one, inbox_id: "inbox-1", channel: "web", address: null, verified: false }),
  );
  const nothing = { email: null, phone: null, language: null, time_zone: null, notes: "", tags: [] };
  return { id, name, ...nothing, identities: known, created_at: 1 };
}

function told(position: number, contact: Contact): AgentEventFrame {
  return { event: "contact_changed", position, at: position, contact };
}

describe("merged customers", () => {
  it("take their conversations along, there and back", () => {
    const feed = new Feed();
    feed.begin("1");
    feed.begin("2");
    const state = stateFrom(me());
    for (const frame of feed.frames) takeEvent(state, frame);
    for (const id of ["1", "2"]) {
      const detail = feed.detail(id, 10);
      takeDetail(state, { ...detail, contact: card(`contact-${id}`, null, [`identity-${id}`]) });
    }
    const whose = () => ["1", "2"].map((id) => state.conversations.get(id)?.thing.contact);
    const known = (id: string) => state.contacts.get(id)?.thing.identities.map((one) => one.id);
    takeEvent(state, told(3, card("contact-1", "Maria", ["identity-1", "identity-2"])));
    const maria = { id: "contact-1", name: "Maria" };
    expect(whose()).toEqual([maria, maria]);
    expect([known("contact-1"), known("contact-2")]).toEqual([["identity-1", "identity-2"], []]);
    takeEvent(state, told(4, card("contact-1", "Maria", ["identity-1"])));
    takeEvent(state, told(5, card("contact-2", null, ["identity-2"])));
    expect(whose()).toEqual([maria, { id: "contact-2", name: null }]);
    expect([known("contact-1"), known("contact-2")]).toEqual([["identity-1"], ["identity-2"]]);
  });

  it("keep the card that has a name, and else the one in front", () => {
    const [named, unnamed] = [card("a", "Maria", []), card("b", null, [])];
    expect(topOf(unnamed, named)).toEqual(["a", "b"]);
    expect(topOf(named, unnamed)).toEqual(["a", "b"]);
    expect(topOf(unnamed, card("c", null, []))).toEqual(["b", "c"]);
  });
});

describe("whoever writes mails into a conversation", () => {
  const whole = row("1", { channel: "email", contact: { id: "whole", name: "Maria" } });
  const house = { agents: new Map() } as unknown as House;
  const mail = (by: string, address: string, name: string | null) =>
    ({ author: { kind: "contact", id: by }, mail: { from: { address, name } } }) as unknown as Message;
  const known = (address: string): Identity => ({
    id: address,
    inbox_id: "inbox-1",
    channel: "email",
    address,
    verified: false,
  });

  it("is their customer to those who see only a part of merged cards", () => {
    const shown = { ...card("whole", "Maria", []), identities: [known("maria@garcia.example")] };
    const own = ownOf(whole, shown);
    const hers = mail("part", "Maria@Garcia.example", "M. Garcia");
    expect(authorOf(hers, whole, own, house)).toEqual({ kind: "contact", id: "whole", name: "Maria" });
    expect(groupOf(hers, whole, own).authorId).toBe("whole");
    const his = mail("pedro", "pedro@garcia.example", "Pedro");
    expect(authorOf(his, whole, own, house)).toEqual({ kind: "contact", id: "pedro", name: "Pedro" });
  });

  it("is their customer by each card to those who see all, also from an address that the card has lost", () => {
    const merged = [{ id: "part", name: null, email: null, phone: null, identities: [], at: 1 }];
    const own = ownOf(whole, { ...card("whole", "Maria", []), merged });
    expect(authorOf(mail("part", "old@garcia.example", null), whole, own, house).name).toBe("Maria");
  });
});

describe("the folder of a channel", () => {
  it("holds what the inboxes of its kind hold together", () => {
    const inboxes = [
      { id: "1", channel: "web" },
      { id: "2", channel: "email" },
      { id: "3", channel: "web" },
    ] as const;
    const counts = new Map([
      ["1", 4],
      ["3", 2],
      ["of nobody here", 9],
    ]);
    expect([...byChannel(inboxes, counts)]).toEqual([
      ["web", 6],
      ["email", 0],
    ]);
  });

  it("lets through that channel alone", () => {
    const query = { folder: "inbox", sort: "activity", channel: "sms" } as const;
    expect(matches(row("1", { channel: "sms" }), query, ME)).toBe(true);
    expect(matches(row("1", { channel: "web" }), query, ME)).toBe(false);
    const list = { query, ids: [], horizon: null, cursor: null };
    expect(mayJoin({ status: "open" }, list, ME)).toBe(true);
  });
});
