import type en from "../en/asked";
import type { Translation } from "../types";

export default {
  "asked.title": "Før vi begynner",
  "asked.name": "Navn",
  "asked.email": "E-post",
  "asked.phone": "Telefon",
  "asked.choose": "Velg",
  "asked.optional": "(valgfritt)",
  "asked.go": "Start chatten",
  "asked.back": "Vi er tilbake {time}. Skriv til oss, så venter svaret på deg her.",
} as const satisfies Translation<"nb", typeof en>;
