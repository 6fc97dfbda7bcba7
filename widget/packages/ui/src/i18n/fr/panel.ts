import type { Translation } from "../types";
import type en from "../en/panel";

export default {
  "panel.answersOnline": "Nous sommes là et répondons en quelques minutes",
  "panel.answersAway": "Personne n’est là pour le moment. Écrivez-nous ; la réponse vous attendra ici.",
  "panel.closed": "Cette conversation est fermée. Écrivez pour la rouvrir.",
  "panel.conversation": "Conversation",
  "panel.failed": "Non envoyé. Votre texte est conservé.",
  "panel.greeting": "Bonjour. Comment pouvons-nous vous aider ?",
  "panel.minimise": "Réduire",
  "panel.new": { one: "{n} nouveau message", many: "{n} de nouveaux messages", other: "{n} nouveaux messages" },
  "panel.placeholder": "Écrire un message",
  "panel.read": "Lu",
  "panel.team": "Équipe",
  "panel.title": "Discutez avec nous",
} as const satisfies Translation<"fr", typeof en>;
