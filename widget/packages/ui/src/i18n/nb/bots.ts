import type en from "../en/bots";
import type { Translation } from "../types";

export default {
  "bots.person": "Snakk med et menneske",
  "bots.asked": "En kollega svarer deg her.",
  "bots.choices": "Svar å velge mellom",
  "bots.covered": "Skjult tekst. Trykk for å lese den.",
  "bots.unsent": "Det var ingen tilkobling. Trykk igjen.",
  "bots.failed": "Det virket ikke. Trykk igjen.",
  "bots.gone": "Denne knappen gjør ikke noe lenger. Skriv heller hva du ønsker.",
} as const satisfies Translation<"nb", typeof en>;
