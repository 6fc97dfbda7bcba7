import type en from "../en/cases";
import type { Translation } from "../types";

export default {
  "case.more": "Mer om denne samtalen",
  "case.number": "Saksnummeret ditt: {number}",
  "case.sound": "Lyd ved nye meldinger",
  "rate.ask": "Hvordan var det?",
  "rate.terrible": "Veldig dårlig",
  "rate.bad": "Dårlig",
  "rate.okay": "Verken bra eller dårlig",
  "rate.good": "Bra",
  "rate.great": "Veldig bra",
  "rate.why": "Fortell oss gjerne hvorfor",
  "rate.no": "Ikke svar",
  "rate.thanks": "Takk. Vi leser det du skrev.",
  "rate.failed": "Det gikk ikke. Prøv igjen.",
} as const satisfies Translation<"nb", typeof en>;
