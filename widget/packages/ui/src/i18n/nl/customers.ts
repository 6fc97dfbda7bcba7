import type en from "../en/customers";
import type { Translation } from "../types";

export default {
  "customers.add": "Klant toevoegen",
  "customers.all": "Alle klanten",
  "customers.conversations": { one: "{n} gesprek", other: "{n} gesprekken" },
  "customers.data": "Gegevens",
  "customers.empty": "Nog geen klanten",
  "customers.emptyBody": "Wie je schrijft, staat hier. Je kunt ook iemand noteren die nog niet heeft geschreven.",
  "customers.erase": "Klant wissen",
  "customers.eraseBody":
    "De kaart van {name} en alle gesprekken, notities en bestanden worden voorgoed verwijderd. Dit is niet terug te draaien.",
  "customers.eraseType": "Typ ‘{name}’ om te bevestigen",
  "customers.erased": "{name} is gewist.",
  "customers.export": "Alles downloaden",
  "customers.exportBody": "Eén bestand met de kaart, alle gesprekken en notities, en de namen van bestanden.",
  "customers.find": "Klant zoeken",
  "customers.gone": "Deze klant is er niet meer.",
  "customers.hint": "Naam, mailadres of nummer",
  "customers.more": "Meer tonen",
  "customers.never": "Heeft nog niet geschreven",
  "customers.new": "Nieuwe klant",
  "customers.none": "Niemand heeft ‘{words}’ in naam, mailadres of nummer.",
  "customers.title": "Klanten",
} as const satisfies Translation<"nl", typeof en>;
