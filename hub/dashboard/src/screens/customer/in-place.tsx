/** Text that becomes a field when it is pressed. */
import { useSignal } from "@preact/signals";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

export interface InPlaceProps {
  readonly label: string;
  readonly value: string;
  /** Stands there while there is nothing. */
  readonly empty: string;
  readonly type?: string;
  readonly long?: boolean;
  readonly strong?: boolean;
  /** Absent: it stands there, and this reader changes nothing. */
  readonly save?: ((value: string) => Promise<void>) | undefined;
}

/** Enter and leaving save, Escape does not; a refusal keeps what was written. */
export function InPlace({ label, value, empty, type = "text", long = false, strong = false, save }: InPlaceProps) {
  const editing = useSignal<string | null>(null);
  const saving = useRef(false);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const open = editing.value !== null;
  // Before the next key: it would be one of the desk's.
  useLayoutEffect(() => {
    if (open) document.getElementById(id)?.focus();
  }, [open]);
  /** Who leaves by a key stays here; who leaves by going elsewhere is there already. */
  const leave = async (keep: boolean, byKey: boolean): Promise<void> => {
    const text = editing.value;
    if (text === null || saving.current) return;
    if (keep && save && text.trim() !== value) {
      saving.current = true;
      try {
        await save(text.trim());
      } catch {
        return;
      } finally {
        saving.current = false;
      }
    }
    editing.value = null;
    if (byKey) requestAnimationFrame(() => button.current?.focus());
  };
  if (!save)
    return (
      <bdi class="dk-in-place dk-in-place--still" data-strong={strong || undefined}>
        {value || empty}
      </bdi>
    );
  if (editing.value === null) {
    return (
      <button
        type="button"
        ref={button}
        class="dk-in-place"
        data-strong={strong || undefined}
        aria-label={`${label}: ${value || empty}`}
        onClick={() => (editing.value = value)}
      >
        <bdi class={value === "" && !strong ? "dk-muted" : ""}>{value || empty}</bdi>
      </button>
    );
  }
  const props = {
    id,
    class: "dk-in-place__field",
    "aria-label": label,
    value: editing.value,
    onInput: (event: { currentTarget: { value: string } }) => {
      editing.value = event.currentTarget.value;
    },
    onBlur: () => void leave(true, false),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === "Escape") {
        // The field alone: what stands around it stays.
        event.preventDefault();
        event.stopPropagation();
        void leave(false, true);
      }
      if (event.key === "Enter" && (!long || event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        void leave(true, true);
      }
    },
  };
  return long ? <textarea rows={4} {...props} /> : <input type={type} {...props} />;
}
