import type en from "../en/asked";
import type { Translation } from "../types";

export default {
  "asked.title": "قبل أن نبدأ",
  "asked.name": "الاسم",
  "asked.email": "البريد الإلكتروني",
  "asked.phone": "الهاتف",
  "asked.choose": "اختر",
  "asked.optional": "(غير إلزامي)",
  "asked.go": "بدء المحادثة",
  "asked.back": "نعود {time}. اكتب إلينا، وستجد الرد هنا.",
} as const satisfies Translation<"ar", typeof en>;
