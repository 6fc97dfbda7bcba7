import type en from "../en/asked";
import type { Translation } from "../types";

export default {
  "asked.title": "Avant de commencer",
  "asked.name": "Nom",
  "asked.email": "E-mail",
  "asked.phone": "Téléphone",
  "asked.choose": "Choisissez",
  "asked.optional": "(facultatif)",
  "asked.go": "Démarrer le chat",
  "asked.back": "Nous serons de retour {time}. Écrivez-nous : la réponse vous attendra ici.",
} as const satisfies Translation<"fr", typeof en>;
