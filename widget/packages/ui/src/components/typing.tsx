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

export function TypingLine({ names }: { readonly names: readonly string[] }) {
  return (
    <p class="sb-typing" role="status">
      <TypingDots />
      <span>{typingSentence(names)}</span>
    </p>
  );
}
