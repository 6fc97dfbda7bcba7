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
} as const satisfies Translation<"fr", typeof en>;
