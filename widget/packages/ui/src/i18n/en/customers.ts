import type { Catalogue } from "../types";

export default {
  "customers.add": "Add customer",
  "customers.all": "All customers",
  "customers.conversations": { one: "{n} conversation", other: "{n} conversations" },
  "customers.data": "Data",
  "customers.empty": "No customers yet",
  "customers.emptyBody": "Whoever writes to you stands here. You can also write somebody down who has not written yet.",
  "customers.erase": "Erase customer",
  "customers.eraseBody":
    "The card of {name} and all their conversations, notes and files are deleted forever. There is no way back.",
  "customers.eraseType": "Type “{name}” to confirm",
  "customers.erased": "{name} was erased.",
  "customers.export": "Download everything",
  "customers.exportBody": "One file with the card, all conversations and notes, and the names of files.",
  "customers.find": "Find a customer",
  "customers.gone": "This customer is not there any more.",
  "customers.hint": "Name, mail address or number",
  "customers.more": "Show more",
  "customers.never": "Has not written yet",
  "customers.new": "New customer",
  "customers.none": "Nobody has “{words}” in their name, mail address or number.",
  "customers.title": "Customers",
} as const satisfies Catalogue;
