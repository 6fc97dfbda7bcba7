/** The button that opens the emoji, and puts the one that was chosen where the caret is. They come when first opened. */
import { type Signal, useSignal } from "@preact/signals";
import { t } from "@switchboard/ui/i18n/desk";
import { loadMoreWords } from "@switchboard/ui/i18n/more";
import { IconButton } from "@switchboard/ui/icon-button";
import { Popover } from "@switchboard/ui/popover";
import { Smile } from "lucide-preact";
import type { RefObject } from "preact";
import { useRef } from "preact/hooks";
import { useKeys } from "../../keys/keys";
import type { Editor } from "../../parts/editor";
import { late } from "../../parts/late";

const EmojiPicker = late(async () => {
  const [{ EmojiPicker }] = await Promise.all([import("../../emoji/picker"), loadMoreWords()]);
  return EmojiPicker;
});

export interface EmojiButtonProps {
  readonly area: RefObject<HTMLTextAreaElement>;
  /** In the plain field's place, if it has come. */
  readonly editor: Signal<Editor | null>;
  onInput(text: string): void;
}

export function EmojiButton({ area, editor, onInput }: EmojiButtonProps) {
  const open = useSignal(false);
  const button = useRef<HTMLButtonElement>(null);
  useKeys({
    "Mod+e": () => {
      open.value = !open.value;
    },
  });
  function close(): void {
    open.value = false;
    if (editor.value) editor.value.focus();
    else area.current?.focus();
  }
  function insert(sign: string): void {
    open.value = false;
    if (editor.value) return editor.value.insert({ text: sign }, 0);
    const { current: field } = area;
    if (!field) return;
    field.setRangeText(sign, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    onInput(field.value);
  }
  return (
    <>
      <IconButton
        icon={Smile}
        label={t("emoji.add")}
        keys="Mod+E"
        aria-haspopup="dialog"
        aria-expanded={open.value}
        buttonRef={button}
        // What is marked stays marked.
        onPointerDown={(event) => event.preventDefault()}
        onClick={() => (open.value = !open.value)}
      />
      {open.value && (
        <Popover anchor={button} label={t("emoji.add")} side="top" onClose={close}>
          <div class="dk-emoji-place">
            <EmojiPicker choose={insert} />
          </div>
        </Popover>
      )}
    </>
  );
}
