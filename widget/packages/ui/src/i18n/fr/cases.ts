import type en from "../en/cases";
import type { Translation } from "../types";

export default {
  "case.more": "Plus sur cette conversation",
  "case.number": "Votre numéro de dossier : {number}",
  "case.sound": "Son pour les nouveaux messages",
  "rate.ask": "Comment nous avez-vous trouvés ?",
  "rate.terrible": "Très mauvais",
  "rate.bad": "Mauvais",
  "rate.okay": "Ni bon ni mauvais",
  "rate.good": "Bon",
  "rate.great": "Très bon",
  "rate.why": "Dites-nous pourquoi, si vous voulez",
  "rate.no": "Ne pas répondre",
  "rate.thanks": "Merci. Nous lisons ce que vous avez écrit.",
  "rate.failed": "Cela n’a pas marché. Réessayez.",
} as const satisfies Translation<"fr", typeof en>;
