import type en from "../en/panel";
import type { Translation } from "../types";

// The space before : ; ? % and inside « » does not break (U+00A0).

export default {
  "panel.answersOnline": "Nous sommes là et répondons en quelques minutes",
  "panel.answersAway": "Personne n’est là pour le moment. Écrivez-nous ; la réponse vous attendra ici.",
  "panel.closed": "Cette conversation est fermée. Écrivez pour la rouvrir.",
  "panel.conversation": "Conversation",
  "panel.failed": "Non envoyé. Votre texte est conservé.",
  "panel.fileKind": "Ce type de fichier ne peut pas être envoyé.",
  "panel.greeting": "Bonjour. Comment pouvons-nous vous aider ?",
  "panel.minimise": "Réduire",
  "panel.new": { one: "{n} nouveau message", many: "{n} de nouveaux messages", other: "{n} nouveaux messages" },
  "panel.placeholder": "Écrire un message",
  "panel.removeFailed": "Retirez d’abord les fichiers qui n’ont pas pu être envoyés.",
  "panel.title": "Discutez avec nous",
  "panel.older": "Messages plus anciens",
  "panel.tooLong": "Trop long : {have} caractères sur {most} au plus.",
  "panel.tooMany": "Fichiers par message : {n} au plus.",
  "panel.refused": "Le chat n’est pas disponible sur cette page.",
  "panel.unreachable": "Le chat est injoignable. Nouvel essai automatique.",
  "panel.goes": "Part tout seul dès que les fichiers sont envoyés.",
} as const satisfies Translation<"fr", typeof en>;
