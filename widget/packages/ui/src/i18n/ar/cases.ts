import type en from "../en/cases";
import type { Translation } from "../types";

export default {
  "case.more": "المزيد عن هذه المحادثة",
  "case.number": "رقم حالتك: {number}",
  "case.sound": "صوت عند وصول رسائل جديدة",
  "rate.ask": "كيف كانت خدمتنا؟",
  "rate.terrible": "سيئة جدًا",
  "rate.bad": "سيئة",
  "rate.okay": "لا جيدة ولا سيئة",
  "rate.good": "جيدة",
  "rate.great": "جيدة جدًا",
  "rate.why": "أخبرنا بالسبب إن أردت",
  "rate.no": "عدم الإجابة",
  "rate.thanks": "شكرًا لك. سنقرأ ما كتبته.",
  "rate.failed": "لم ينجح ذلك. حاول مرة أخرى.",
} as const satisfies Translation<"ar", typeof en>;
