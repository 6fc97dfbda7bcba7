import type { Catalogue } from "../types";

export default {
  "case.more": "More about this conversation",
  "case.number": "Your case number: {number}",
  "case.sound": "Sound for new messages",
  "rate.ask": "How did we do?",
  "rate.terrible": "Very bad",
  "rate.bad": "Bad",
  "rate.okay": "Neither good nor bad",
  "rate.good": "Good",
  "rate.great": "Very good",
  "rate.why": "Tell us why, if you like",
  "rate.no": "Do not answer",
  "rate.thanks": "Thank you. We read what you wrote.",
  "rate.failed": "That did not work. Try again.",
} as const satisfies Catalogue;
