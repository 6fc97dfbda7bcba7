/** With whom a customer is merged whom nothing suggests: found by name or address, as for a new message. */
import type { Contact, ContactId } from "@switchboard/protocol";
import { Avatar } from "@switchboard/ui/avatar";
import { t } from "@switchboard/ui/i18n/more";
import { useEffect, useState } from "preact/hooks";
import { useDesk } from "../../context";
import { hasWords } from "../../desk/search";
import type { Found } from "../../desk/starting";
import { Picker } from "../../parts/picker";
import { contactName } from "../../words";
import { mergeWith } from "../merging";
import { closeOverlay } from "../overlay";

/** The hub is asked when nothing was typed for so long, milliseconds. */
const ASK_AFTER_MS = 200;
/** Customers that are offered. */
const OFFERED = 8;

export function MergeWith({ of }: { readonly of: ContactId }) {
  const desk = useDesk();
  const contact = desk.contact(of).value;
  const [words, setWords] = useState("");
  const [found, setFound] = useState<readonly Found[]>([]);
  const [cards, setCards] = useState<readonly Contact[]>([]);
  const [looking, setLooking] = useState(false);
  useEffect(() => {
    const wanted = words.trim();
    const asks = wanted.length >= 2 && hasWords(wanted);
    setLooking(asks || wanted.length === 1);
    if (!asks) return setFound([]);
    const stop = new AbortController();
    const ask = async (): Promise<void> => {
      try {
        const hits = await desk.starting.find(wanted, stop.signal);
        setFound(hits);
        setLooking(false);
        // Two may have one name: their addresses tell them apart.
        const ids = hits.slice(0, OFFERED + 1).map(({ id }) => id);
        const { signal } = stop;
        setCards(await Promise.all(ids.map((id) => desk.api("GET /api/contacts/{id}", { id, signal }))));
      } catch {
        // Called off, or offline: the next letter asks again.
      }
    };
    const wait = setTimeout(() => void ask(), ASK_AFTER_MS);
    return () => {
      clearTimeout(wait);
      stop.abort();
    };
  }, [words]);
  if (!contact) return null;
  const others = found.filter((one) => one.id !== contact.id).slice(0, OFFERED);
  const items = others.map(({ id, hit }) => {
    const { contact: brief, inbox_id, number } = hit.conversation;
    const label = contactName({ contact: brief, number });
    const card = cards.find((one) => one.id === id);
    const inbox = desk.house.value.inboxes.get(inbox_id)?.name;
    const hint = [card && addressOf(card, label), inbox].filter(Boolean).join(" · ");
    return { id, label, face: <Avatar id={id} name={label} size={24} />, ...(hint === "" ? {} : { hint }) };
  });
  return (
    <Picker
      label={t("person.mergeWith")}
      headed
      looking={looking}
      placeholder={t("person.find")}
      items={[]}
      typed={setWords}
      make={() => items}
      close={closeOverlay}
      choose={(id) => {
        const other = others.find((one) => one.id === id);
        if (other) void mergeWith(desk, contact, other.hit.conversation.contact);
      }}
    />
  );
}

/** How they are reached, unless it is what they are called by. */
function addressOf({ identities, email, phone }: Contact, called: string): string | undefined {
  const all = [...identities.map(({ address }) => address), email, phone];
  return all.find((one) => one !== null && one !== called) ?? undefined;
}
