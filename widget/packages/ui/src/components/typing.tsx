// Three dots, and the sentence that says who. Under reduced motion the dots stand still.

import { t } from "../i18n/index";
import "./typing.css";

export function TypingDots() {
  return (
    <span class="sb-typing-dots" aria-hidden="true">
      <i />
      <i />
      <i />
    </span>
  );
}

/** "Anna is typing", "Anna and Ben are typing", "3 people are typing"; without names "Typing". */
export function typingSentence(names: readonly string[]): string {
  const [first, second] = names;
  if (first === undefined) return t("typing.someone");
  if (second === undefined) return t("typing.one", { who: first });
  if (names.length === 2) return t("typing.two", { first, second });
  return t("typing.several", { n: names.length });
}

/** The same where there is room for one name: "Anna is typing", "2 people are typing". */
export function typingBrief(names: readonly string[]): string {
  return names.length === 2 ? t("typing.several", { n: 2 }) : typingSentence(names);
}

export function TypingLine({ names }: { readonly names: readonly string[] }) {
  return (
    <p class="sb-typing" role="status">
      <TypingDots />
      <span>{typingSentence(names)}</span>
    </p>
  );
}
