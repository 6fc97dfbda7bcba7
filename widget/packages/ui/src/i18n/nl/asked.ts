import type en from "../en/asked";
import type { Translation } from "../types";

export default {
  "asked.title": "Voor we beginnen",
  "asked.name": "Naam",
  "asked.email": "E-mail",
  "asked.phone": "Telefoon",
  "asked.choose": "Kies",
  "asked.optional": "(niet verplicht)",
  "asked.go": "Start de chat",
  "asked.back": "We zijn er weer {time}. Schrijf ons; het antwoord staat hier voor je klaar.",
} as const satisfies Translation<"nl", typeof en>;
