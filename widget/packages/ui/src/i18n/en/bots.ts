import type { Catalogue } from "../types";

export default {
  "bots.person": "Talk to a person",
  "bots.asked": "A colleague will answer you here.",
  "bots.choices": "Answers to choose from",
  "bots.covered": "Covered text. Press to read it.",
  "bots.unsent": "There was no connection. Press again.",
  "bots.failed": "That did not work. Press again.",
  "bots.gone": "This button no longer does anything. Write what you want instead.",
} as const satisfies Catalogue;
