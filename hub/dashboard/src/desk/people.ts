/**
 * Which customers are one person. Looks at the card on the screen: keeps it whole (an event tells it inbox by inbox) and asks
 * who may be the same person. Merging shows when the hub has taken it, here and on every other screen.
 */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { ApiError, Contact, ContactId, ContactSuggestion, ConversationId } from "@switchboard/protocol";
import { apiError } from "../net/errors";
import { nothingTouched } from "../state/model";
import { takeAnswer } from "../state/snapshots";
import { whenCalm } from "./calm";
import type { Core } from "./core";

export interface PeopleView {
  readonly of: ContactId | null;
  readonly suggestions: readonly ContactSuggestion[];
}

export interface People {
  readonly view: ReadonlySignal<PeopleView>;
  /** This conversation's customer is on the screen, or a customer alone. */
  look(conversation: ConversationId | null, of: ContactId): void;
  /** Asks for a customer of whom nothing need be known here. The id under which they are known now. */
  ask(of: ContactId): Promise<ContactId>;
  /** Each resolves to null when the hub has committed it, or to why not. */
  merge(top: ContactId, part: ContactId): Promise<ApiError | null>;
  separate(top: ContactId, part: ContactId): Promise<ApiError | null>;
  /** They are two people, or that is taken back. */
  tellApart(one: ContactId, other: ContactId, apart: boolean): Promise<ApiError | null>;
}

/** Whose card stands for both: one that has a name, and of two the one in front. */
export function topOf(here: Contact, other: Pick<Contact, "id" | "name">): readonly [top: ContactId, part: ContactId] {
  return here.name === null && other.name !== null ? [other.id, here.id] : [here.id, other.id];
}

export function makePeople(core: Core): People {
  const view = signal<PeopleView>({ of: null, suggestions: [] });
  let conversation: ConversationId | null = null;
  /** Up to which event the card on the screen is whole. */
  let wholeAt = 0;

  async function askWhole(of: ContactId): Promise<void> {
    const asked = core.state.contacts.get(of);
    wholeAt = Math.max(wholeAt, asked?.at ?? 0);
    const contact = await core.api("GET /api/contacts/{id}", { id: of });
    // Asked for by a card that has been separated or merged meanwhile: the event has told so.
    if (contact.id === of) take(of, asked, contact);
  }

  function take(of: ContactId, asked: ReturnType<typeof core.state.contacts.get>, contact: Contact): void {
    if (!takeAnswer(core.state, core.state.contacts, of, asked, contact)) return;
    const touched = nothingTouched();
    touched.contacts.add(of);
    core.publish(touched);
  }

  async function askSuggestions(of: ContactId): Promise<void> {
    const { suggestions } = await core.api("GET /api/contacts/{id}/suggestions", { id: of });
    if (view.value.of === of) view.value = { of, suggestions };
  }

  /** What could not be asked for is asked again with the next change. */
  const again = whenCalm(core, () => {
    const { of } = view.value;
    if (of !== null) void Promise.allSettled([askWhole(of), askSuggestions(of)]);
  });

  core.onPublished((touched) => {
    const { of } = view.value;
    if (of !== null && touched.contacts.has(of) && (core.state.contacts.get(of)?.at ?? 0) > wholeAt) again.soon();
  });

  async function tried(work: () => Promise<unknown>): Promise<ApiError | null> {
    try {
      await work();
      return null;
    } catch (cause) {
      return apiError(cause);
    }
  }

  async function answered(of: ContactId, ask: () => Promise<Contact>): Promise<void> {
    const asked = core.state.contacts.get(of);
    const contact = await ask();
    if (contact.id === of) take(of, asked, contact);
    again.soon();
  }

  return {
    view,
    async ask(of) {
      const asked = core.state.contacts.get(of);
      const contact = await core.api("GET /api/contacts/{id}", { id: of });
      take(contact.id, contact.id === of ? asked : core.state.contacts.get(contact.id), contact);
      return contact.id;
    },
    look(id, of) {
      if (view.value.of === of && conversation === id) return;
      // The same conversation is another's now: its card came by an event, which tells a part.
      const changed = conversation === id;
      conversation = id;
      wholeAt = changed ? 0 : core.state.position;
      view.value = { of, suggestions: [] };
      if (changed) void askWhole(of).catch(() => undefined);
      void askSuggestions(of).catch(() => undefined);
    },
    merge: (top, part) =>
      tried(() => answered(top, () => core.api("PUT /api/contacts/{id}/merged/{other}", { id: top, other: part }))),
    separate: (top, part) =>
      tried(() => answered(top, () => core.api("DELETE /api/contacts/{id}/merged/{other}", { id: top, other: part }))),
    tellApart: (one, other, apart) =>
      tried(async () => {
        const pair = { id: one, other };
        await (apart
          ? core.api("PUT /api/contacts/{id}/different/{other}", pair)
          : core.api("DELETE /api/contacts/{id}/different/{other}", pair));
        const { of } = view.value;
        if (of !== null) await askSuggestions(of);
      }),
  };
}
