import type en from "../en/customers";
import type { Translation } from "../types";

export default {
  "customers.add": "Ajouter le client",
  "customers.all": "Tous les clients",
  "customers.conversations": { one: "{n} conversation", many: "{n} de conversations", other: "{n} conversations" },
  "customers.data": "Données",
  "customers.empty": "Pas encore de clients",
  "customers.emptyBody":
    "Ceux qui vous écrivent apparaissent ici. Vous pouvez aussi noter quelqu’un qui n’a pas encore écrit.",
  "customers.erase": "Effacer le client",
  "customers.eraseBody":
    "La fiche de {name} et toutes ses conversations, notes et fichiers sont supprimés pour toujours. Il n’y a pas de retour.",
  "customers.eraseType": "Tapez « {name} » pour confirmer",
  "customers.erased": "{name} a été effacé.",
  "customers.export": "Tout télécharger",
  "customers.exportBody": "Un fichier avec la fiche, toutes les conversations et notes, et les noms des fichiers.",
  "customers.find": "Chercher un client",
  "customers.gone": "Ce client n’existe plus.",
  "customers.hint": "Nom, adresse mail ou numéro",
  "customers.more": "En montrer plus",
  "customers.never": "N’a pas encore écrit",
  "customers.new": "Nouveau client",
  "customers.none": "Personne n’a « {words} » dans son nom, son adresse mail ou son numéro.",
  "customers.title": "Clients",
  "tags.body":
    "Les mots que votre équipe met sur les conversations. Ce que vous changez ici change sur chaque conversation qui l’a.",
  "tags.colour": "Couleur",
  "tags.colour.none": "Aucune",
  "tags.colour.green": "Vert",
  "tags.colour.amber": "Ambre",
  "tags.colour.red": "Rouge",
  "tags.colour.violet": "Violet",
  "tags.colour.blue": "Bleu",
  "tags.empty": "Pas encore d’étiquettes",
  "tags.emptyBody": "Mettez une étiquette sur une conversation avec T, et elle apparaît ici.",
  "tags.merge": "Fusionner",
  "tags.merges": "Il y a déjà une étiquette {name} : les deux n’en feront qu’une.",
  "tags.remove": "Retirer l’étiquette {name} ?",
  "tags.removeBody": {
    one: "Elle est retirée de {n} conversation. Il n’y a pas de retour.",
    many: "Elle est retirée de {n} de conversations. Il n’y a pas de retour.",
    other: "Elle est retirée de {n} conversations. Il n’y a pas de retour.",
  },
  "tags.used": { one: "Sur {n} conversation", many: "Sur {n} de conversations", other: "Sur {n} conversations" },
} as const satisfies Translation<"fr", typeof en>;
