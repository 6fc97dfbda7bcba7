import type en from "../en/customers";
import type { Translation } from "../types";

export default {
  "customers.add": "أضف العميل",
  "customers.all": "كل العملاء",
  "customers.conversations": {
    zero: "لا محادثات",
    one: "محادثة واحدة",
    two: "محادثتان",
    few: "{n} محادثات",
    many: "{n} محادثة",
    other: "{n} محادثة",
  },
  "customers.data": "البيانات",
  "customers.empty": "لا عملاء بعد",
  "customers.emptyBody": "هنا يظهر كل من يكتب إليكم. ويمكنك أيضًا تدوين من لم يكتب بعد.",
  "customers.erase": "امحُ العميل",
  "customers.eraseBody": "تُحذف بطاقة {name} وكل محادثاته وملاحظاته وملفاته إلى الأبد. لا رجعة في ذلك.",
  "customers.eraseType": "اكتب «{name}» للتأكيد",
  "customers.erased": "مُحي {name}.",
  "customers.export": "نزّل كل شيء",
  "customers.exportBody": "ملف واحد فيه البطاقة وكل المحادثات والملاحظات وأسماء الملفات.",
  "customers.find": "ابحث عن عميل",
  "customers.gone": "هذا العميل لم يعد موجودًا.",
  "customers.hint": "الاسم أو البريد أو الرقم",
  "customers.more": "اعرض المزيد",
  "customers.never": "لم يكتب بعد",
  "customers.new": "عميل جديد",
  "customers.none": "لا أحد لديه «{words}» في اسمه أو بريده أو رقمه.",
  "customers.title": "العملاء",
} as const satisfies Translation<"ar", typeof en>;
