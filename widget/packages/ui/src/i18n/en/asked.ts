import type { Catalogue } from "../types";

export default {
  "asked.title": "Before we begin",
  "asked.name": "Name",
  "asked.email": "Email",
  "asked.phone": "Phone",
  "asked.choose": "Choose",
  "asked.optional": "(not required)",
  "asked.go": "Start the chat",
  "asked.back": "We are back {time}. Write to us; the answer waits for you here.",
} as const satisfies Catalogue;
