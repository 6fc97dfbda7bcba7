import type { Translation } from "../types";
import type en from "../en/panel";

export default {
  "panel.answersOnline": "نحن هنا ونرد خلال دقائق",
  "panel.answersAway": "لا أحد هنا الآن. اكتب لنا، وسيصلك الرد هنا.",
  "panel.closed": "أُغلقت هذه المحادثة. اكتب لفتحها من جديد.",
  "panel.conversation": "محادثة",
  "panel.failed": "لم تُرسل. النص محفوظ.",
  "panel.greeting": "مرحبًا. كيف يمكننا المساعدة؟",
  "panel.minimise": "تصغير",
  "panel.new": {
    zero: "لا رسائل جديدة",
    one: "رسالة جديدة واحدة",
    two: "رسالتان جديدتان",
    few: "{n} رسائل جديدة",
    many: "{n} رسالة جديدة",
    other: "{n} رسالة جديدة",
  },
  "panel.placeholder": "اكتب رسالة",
  "panel.read": "قُرئت",
  "panel.team": "الفريق",
  "panel.title": "تحدث معنا",
} as const satisfies Translation<"ar", typeof en>;
