import type en from "../en/cases";
import type { Translation } from "../types";

export default {
  "case.more": "Meer over dit gesprek",
  "case.number": "Je zaaknummer: {number}",
  "case.sound": "Geluid bij nieuwe berichten",
  "rate.ask": "Hoe hebben we het gedaan?",
  "rate.terrible": "Heel slecht",
  "rate.bad": "Slecht",
  "rate.okay": "Niet goed en niet slecht",
  "rate.good": "Goed",
  "rate.great": "Heel goed",
  "rate.why": "Vertel ons waarom, als je wilt",
  "rate.no": "Niet antwoorden",
  "rate.thanks": "Dank je wel. We lezen wat je hebt geschreven.",
  "rate.failed": "Dat is niet gelukt. Probeer het opnieuw.",
} as const satisfies Translation<"nl", typeof en>;
