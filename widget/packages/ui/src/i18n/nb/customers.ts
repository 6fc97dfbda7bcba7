import type en from "../en/customers";
import type { Translation } from "../types";

export default {
  "customers.add": "Legg til kunde",
  "customers.all": "Alle kunder",
  "customers.conversations": { one: "{n} samtale", other: "{n} samtaler" },
  "customers.data": "Data",
  "customers.empty": "Ingen kunder ennå",
  "customers.emptyBody": "De som skriver til dere, står her. Du kan også skrive ned noen som ikke har skrevet ennå.",
  "customers.erase": "Slett kunden",
  "customers.eraseBody":
    "Kortet til {name} og alle samtaler, notater og filer slettes for alltid. Det kan ikke angres.",
  "customers.eraseType": "Skriv «{name}» for å bekrefte",
  "customers.erased": "{name} ble slettet.",
  "customers.export": "Last ned alt",
  "customers.exportBody": "Én fil med kortet, alle samtaler og notater, og navnene på filene.",
  "customers.find": "Finn en kunde",
  "customers.gone": "Denne kunden finnes ikke lenger.",
  "customers.hint": "Navn, e-postadresse eller nummer",
  "customers.more": "Vis flere",
  "customers.never": "Har ikke skrevet ennå",
  "customers.new": "Ny kunde",
  "customers.none": "Ingen har «{words}» i navn, e-postadresse eller nummer.",
  "customers.title": "Kunder",
} as const satisfies Translation<"nb", typeof en>;
