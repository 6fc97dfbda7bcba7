import type en from "../en/bots";
import type { Translation } from "../types";

export default {
  "bots.person": "Praat met een medewerker",
  "bots.asked": "Een medewerker antwoordt je hier.",
  "bots.choices": "Antwoorden om uit te kiezen",
  "bots.covered": "Verborgen tekst. Druk om die te lezen.",
  "bots.unsent": "Er was geen verbinding. Druk opnieuw.",
  "bots.failed": "Dat is niet gelukt. Druk opnieuw.",
  "bots.gone": "Deze knop doet niets meer. Schrijf in plaats daarvan wat je wilt.",
} as const satisfies Translation<"nl", typeof en>;
