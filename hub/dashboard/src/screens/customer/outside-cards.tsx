/** What other systems say of the customer: a shop's orders, a plan, what is owed. They say it; nobody edits it here. */
import type { CardItem, CardValue, ContactId, OutsideCard } from "@switchboard/protocol";
import { Moment } from "@switchboard/ui/moment";
import { locale } from "@switchboard/ui/ticker";
import { useEffect, useState } from "preact/hooks";
import { useDesk } from "../../context";
import { Fact, Section } from "./parts";
import "./outside-cards.css";

export function OutsideCards({ of }: { readonly of: ContactId }) {
  const desk = useDesk();
  const [cards, setCards] = useState<readonly OutsideCard[]>([]);
  const { status } = desk.connection.value;
  useEffect(() => {
    let gone = false;
    // Asked for twice, only the last answer counts.
    let last = 0;
    const ask = (): void => {
      last += 1;
      const mine = last;
      desk.api("GET /api/contacts/{id}/cards", { id: of }).then(
        (answer) => !gone && mine === last && setCards(answer.cards),
        // Beside everything else of the customer: when the line is back it is asked again.
        () => undefined,
      );
    };
    ask();
    const stop = desk.socket.on("event", (frame) => {
      const merged = frame.event === "contact_changed" && frame.contact.id === of;
      if (merged || (frame.event === "contact_cards_changed" && frame.contact_id === of)) ask();
    });
    return () => {
      gone = true;
      stop();
    };
  }, [of, status === "live"]);
  return (
    <>
      {cards.map((card) => (
        <Card key={card.source} card={card} />
      ))}
    </>
  );
}

function Card({ card }: { readonly card: OutsideCard }) {
  return (
    <Section
      title={card.title}
      action={
        <span class="dk-muted dk-outside__at">
          <Moment at={card.changed_at} class="sb-figures" />
        </span>
      }
    >
      <dl class="dk-facts">
        {card.rows.map(({ label, value, items }, place) => (
          <Fact key={place} label={label}>
            {value ? (
              <span>
                <Value of={value} />
              </span>
            ) : (
              <Items of={items ?? []} />
            )}
          </Fact>
        ))}
      </dl>
      {card.link !== undefined && (
        <p class="dk-outside__link">
          <Out href={card.link}>{card.title}</Out>
        </p>
      )}
    </Section>
  );
}

function Items({ of }: { readonly of: readonly CardItem[] }) {
  return (
    <ul class="dk-outside__items">
      {of.map(({ title, link, values }, place) => (
        <li key={place}>
          {link === undefined ? <bdi>{title}</bdi> : <Out href={link}>{title}</Out>}
          {(values ?? []).map((value, at) => (
            <span key={at} class="dk-muted">
              <Value of={value} />
            </span>
          ))}
        </li>
      ))}
    </ul>
  );
}

function Value({ of }: { readonly of: CardValue }) {
  switch (of.kind) {
    case "text":
      return of.link === undefined ? <bdi>{of.text}</bdi> : <Out href={of.link}>{of.text}</Out>;
    case "number":
      return <bdi class="sb-figures">{new Intl.NumberFormat(locale.value.language).format(of.number)}</bdi>;
    case "money":
      return <bdi class="sb-figures">{money(of.amount, of.currency)}</bdi>;
    case "date":
      return <bdi class="sb-figures">{day(of.date)}</bdi>;
    case "badge":
      return (
        <span class="dk-badge" data-tone={of.tone ?? "neutral"}>
          <bdi>{of.text}</bdi>
        </span>
      );
  }
}

function money(amount: number, currency: string): string {
  return new Intl.NumberFormat(locale.value.language, { style: "currency", currency }).format(amount);
}

/** A day of the calendar is the same day wherever it is read. */
function day(date: string): string {
  return new Intl.DateTimeFormat(locale.value.language, { dateStyle: "medium", timeZone: "UTC" }).format(
    new Date(date),
  );
}

function Out({ href, children }: { readonly href: string; readonly children: string }) {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      <bdi>{children}</bdi>
    </a>
  );
}
