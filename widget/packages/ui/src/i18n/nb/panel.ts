import type en from "../en/panel";
import type { Translation } from "../types";

export default {
  "panel.answersOnline": "Vi er her og svarer om noen minutter",
  "panel.answersAway": "Ingen er her nå. Skriv til oss; svaret venter på deg her.",
  "panel.closed": "Denne samtalen er lukket. Skriv for å åpne den igjen.",
  "panel.conversation": "Samtale",
  "panel.failed": "Ikke sendt. Teksten din er tatt vare på.",
  "panel.fileKind": "Filer av denne typen kan ikke sendes.",
  "panel.greeting": "Hei. Hva kan vi hjelpe med?",
  "panel.minimise": "Minimer",
  "panel.new": { one: "{n} ny melding", other: "{n} nye meldinger" },
  "panel.placeholder": "Skriv en melding",
  "panel.removeFailed": "Fjern først filene som ikke ble lastet opp.",
  "panel.title": "Prat med oss",
  "panel.older": "Eldre meldinger",
  "panel.tooLong": "For langt: {have} av høyst {most} tegn.",
  "panel.tooMany": "Filer per melding: høyst {n}.",
  "panel.refused": "Chatten er ikke tilgjengelig på denne siden.",
  "panel.unreachable": "Chatten kan ikke nås. Den prøver igjen av seg selv.",
  "panel.goes": "Sendes av seg selv når filene er lastet opp.",
} as const satisfies Translation<"nb", typeof en>;
