import type en from "../en/panel";
import type { Translation } from "../types";

export default {
  "panel.answersOnline": "نحن هنا ونرد خلال دقائق",
  "panel.answersAway": "لا أحد هنا الآن. اكتب لنا، وسيصلك الرد هنا.",
  "panel.closed": "أُغلقت هذه المحادثة. اكتب لفتحها من جديد.",
  "panel.conversation": "محادثة",
  "panel.failed": "لم تُرسل. النص محفوظ.",
  "panel.fileKind": "لا يمكن إرسال ملفات من هذا النوع.",
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
  "panel.removeFailed": "أزل أولاً الملفات التي تعذّر رفعها ثم أرسل.",
  "panel.title": "تحدث معنا",
  "panel.older": "رسائل أقدم",
  "panel.tooLong": "النص طويل: {have} من {most} حرف.",
  "panel.tooMany": "الملفات مع كل رسالة: {n} على الأكثر.",
  "panel.refused": "المحادثة غير متاحة في هذه الصفحة.",
  "panel.unreachable": "تعذر الوصول إلى المحادثة. ستعاد المحاولة تلقائيًا.",
  "panel.goes": "تُرسل تلقائيًا بعد رفع الملفات.",
} as const satisfies Translation<"ar", typeof en>;
