import type en from "../en/panel";
import type { Translation } from "../types";

export default {
  "panel.answersOnline": "We zijn er en antwoorden binnen een paar minuten",
  "panel.answersAway": "Er is nu niemand. Schrijf ons; het antwoord komt hier.",
  "panel.closed": "Dit gesprek is gesloten. Schrijf om het te heropenen.",
  "panel.conversation": "Gesprek",
  "panel.failed": "Niet verstuurd. Je tekst is bewaard.",
  "panel.fileKind": "Zulke bestanden kunnen niet worden verstuurd.",
  "panel.greeting": "Hallo. Waarmee kunnen we helpen?",
  "panel.minimise": "Minimaliseren",
  "panel.new": { one: "{n} nieuw bericht", other: "{n} nieuwe berichten" },
  "panel.placeholder": "Schrijf een bericht",
  "panel.removeFailed": "Verwijder eerst de bestanden die niet zijn geüpload.",
  "panel.title": "Chat met ons",
  "panel.older": "Oudere berichten",
  "panel.tooLong": "Te lang: {have} van hoogstens {most} tekens.",
  "panel.tooMany": "Bestanden per bericht: hoogstens {n}.",
  "panel.refused": "De chat is op deze pagina niet beschikbaar.",
  "panel.unreachable": "De chat is niet te bereiken. Hij probeert het vanzelf opnieuw.",
  "panel.goes": "Gaat vanzelf weg zodra de bestanden zijn geüpload.",
} as const satisfies Translation<"nl", typeof en>;
