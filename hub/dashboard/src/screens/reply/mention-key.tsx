/** The "@" in a note: colleagues who can see the conversation, by the keys of every list in the reply bar. */
import { signal } from "@preact/signals";
import type { Agent } from "@switchboard/protocol";
import { useEffect } from "preact/hooks";
import { atWord } from "../../desk/mentions";
import type { Begins, TemplateKey } from "./template-key";

export const AT: Begins = { sign: "@", word: atWord };

type Made = typeof import("./mention-list");

const loaded = signal<Made | null>(null);

export interface MentionProps {
  readonly at: TemplateKey;
  /** Whom one can name. */
  readonly people: readonly Agent[];
}

export function MentionPicker(props: MentionProps) {
  const open = props.at.words.value !== null && props.people.length > 0;
  useEffect(() => {
    if (!open || loaded.value) return;
    // Offline one types on; the next "@" asks again.
    import("./mention-list").then(
      (made) => (loaded.value = made),
      () => undefined,
    );
  }, [open]);
  const made = loaded.value;
  return open && made ? <made.MentionList {...props} /> : null;
}
