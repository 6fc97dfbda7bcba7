import type en from "../en/bots";
import type { Translation } from "../types";

export default {
  "bots.person": "Parler à une personne",
  "bots.asked": "Une personne de l’équipe va vous répondre ici.",
  "bots.choices": "Réponses au choix",
  "bots.covered": "Texte masqué. Appuyez pour le lire.",
  "bots.unsent": "Il n’y avait pas de connexion. Appuyez de nouveau.",
  "bots.failed": "Cela n’a pas fonctionné. Appuyez de nouveau.",
  "bots.gone": "Ce bouton ne sert plus à rien. Écrivez plutôt ce que vous voulez.",
} as const satisfies Translation<"fr", typeof en>;
