import type en from "../en/bots";
import type { Translation } from "../types";

export default {
  "bots.person": "التحدث إلى موظف",
  "bots.asked": "سيرد عليك أحد الزملاء هنا.",
  "bots.choices": "إجابات للاختيار",
  "bots.covered": "نص مخفي. اضغط لقراءته.",
  "bots.unsent": "لم يكن هناك اتصال. اضغط مجددًا.",
  "bots.failed": "لم ينجح ذلك. اضغط مجددًا.",
  "bots.gone": "لم يعد هذا الزر يفعل شيئًا. اكتب ما تريده بدلًا من ذلك.",
} as const satisfies Translation<"ar", typeof en>;
