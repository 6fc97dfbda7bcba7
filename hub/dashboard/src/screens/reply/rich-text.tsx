/**
 * Writing with formatting, where the channel takes it and the person wants it: the tools beside the paper clip and the field
 * that takes the plain one's place. The editor behind it is loaded when it is first wanted; until then, and if it does not
 * come, one writes plain.
 */
import { type Signal, signal, useSignal } from "@preact/signals";
import type { ComposerArea } from "@switchboard/ui/composer";
import { t } from "@switchboard/ui/i18n/desk";
import { IconButton } from "@switchboard/ui/icon-button";
import { Bold, Italic, Link, List, ListOrdered, type LucideIcon, TextQuote, Type, Unlink } from "lucide-preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Editor, Format, Written } from "../../parts/editor";
import { formatting } from "../../preferences";
import "./rich-text.css";

type Made = typeof import("../../parts/editor");

const loaded = signal<Made | null>(null);

/** The editor, if it is wanted and has come. */
export function useEditor(wanted: boolean): Made | null {
  useEffect(() => {
    if (!wanted || loaded.value) return;
    // Offline one writes plain; the next conversation asks again.
    import("../../parts/editor").then(
      (made) => (loaded.value = made),
      () => undefined,
    );
  }, [wanted]);
  return wanted ? loaded.value : null;
}

/** What stands at the caret, and the way to the editor. */
export interface RichState {
  readonly editor: Signal<Editor | null>;
  readonly formats: Signal<ReadonlySet<Format>>;
  /** The address of a link is being asked for. */
  readonly asksLink: Signal<boolean>;
}

export function useRichState(): RichState {
  return {
    editor: useSignal<Editor | null>(null),
    formats: useSignal<ReadonlySet<Format>>(new Set()),
    asksLink: useSignal(false),
  };
}

interface FieldProps {
  readonly made: Made;
  readonly state: RichState;
  readonly written: Written;
  readonly area: ComposerArea;
  /** The plain field had the caret when this took its place. */
  readonly focused: boolean;
  onInput(written: Written): void;
}

function isSame(one: Written, other: Written): boolean {
  return one.text === other.text && one.html === other.html;
}

export function RichField({ made, state, written, area, focused, onInput }: FieldProps) {
  const root = useRef<HTMLDivElement>(null);
  const told = useRef(written);
  const tell = useRef(onInput);
  tell.current = onInput;
  useLayoutEffect(() => {
    if (!root.current) return;
    const editor = made.makeEditor(root.current, written, {
      onInput(next) {
        // The editor tells of each change to its element, also of those that touch no word.
        if (isSame(next, told.current)) return;
        told.current = next;
        tell.current(next);
      },
      onFormats: (formats) => (state.formats.value = formats),
    });
    state.editor.value = editor;
    if (focused) editor.focus();
    return () => {
      state.editor.value = null;
      state.asksLink.value = false;
      editor.destroy();
    };
  }, [made]);
  // Sent, taken back, or written on in another tab.
  useLayoutEffect(() => {
    if (isSame(written, told.current)) return;
    told.current = written;
    state.editor.value?.set(written);
  }, [written.text, written.html]);
  return (
    <>
      {state.asksLink.value && <LinkField state={state} />}
      <div class="dk-rich-box" data-empty={written.text === ""} data-placeholder={area.label}>
        {/* biome-ignore lint/a11y/useSemanticElements: no element has text with formatting. */}
        <div
          class="sb-composer__text dk-rich"
          ref={root}
          contentEditable
          role="textbox"
          aria-multiline="true"
          aria-label={area.label}
          tabIndex={0}
          dir="auto"
          onKeyDown={(event) => {
            if (isLinkKey(event)) {
              event.preventDefault();
              toggleLink(state);
            } else area.onKeyDown(event);
          }}
        />
      </div>
    </>
  );
}

const TOOLS: readonly { readonly format: Exclude<Format, "link">; readonly icon: LucideIcon; readonly keys: string }[] =
  [
    { format: "bold", icon: Bold, keys: "Mod+B" },
    { format: "italic", icon: Italic, keys: "Mod+I" },
    { format: "bullets", icon: List, keys: "Mod+Shift+8" },
    { format: "numbers", icon: ListOrdered, keys: "Mod+Shift+9" },
    { format: "quote", icon: TextQuote, keys: "Mod+]" },
  ];

/** `Mod+K` finds all, everywhere. */
function isLinkKey(event: KeyboardEvent): boolean {
  return (event.ctrlKey || event.metaKey) && event.shiftKey && event.key.toLowerCase() === "l";
}

function toggleLink({ editor, formats, asksLink }: RichState): void {
  if (formats.value.has("link")) editor.value?.unlink();
  else asksLink.value = !asksLink.value;
}

export function RichTools({ state }: { readonly state: RichState }) {
  const on = formatting.value === "on";
  const { editor, formats } = state;
  const linked = formats.value.has("link");
  return (
    <>
      <IconButton
        icon={Type}
        label={t("format.toggle")}
        pressed={on}
        onClick={() => (formatting.value = on ? "off" : "on")}
      />
      {editor.value && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields; these are switches of one text.
        <span class="dk-rich-tools" role="group" aria-label={t("format.toggle")}>
          {TOOLS.map(({ format, icon, keys }) => (
            <IconButton
              key={format}
              icon={icon}
              label={t(`format.${format}`)}
              keys={keys}
              pressed={formats.value.has(format)}
              // What is marked stays marked.
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => editor.value?.toggle(format)}
            />
          ))}
          <IconButton
            icon={linked ? Unlink : Link}
            label={t(linked ? "format.unlink" : "format.link")}
            keys="Mod+Shift+L"
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => toggleLink(state)}
          />
        </span>
      )}
    </>
  );
}

const ADDRESS = /^(?:https?:\/\/|mailto:|tel:)\S+$/iu;

function LinkField({ state }: { readonly state: RichState }) {
  const { editor, asksLink } = state;
  const address = useSignal("https://");
  const wrong = useSignal(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  function close(): void {
    asksLink.value = false;
    editor.value?.focus();
  }
  function apply(): void {
    const wanted = address.value.trim();
    wrong.value = !ADDRESS.test(wanted);
    if (wrong.value) return;
    close();
    editor.value?.link(wanted);
  }
  return (
    <div class="dk-addresses dk-rich-link">
      <input
        ref={input}
        class="dk-addresses__input"
        type="text"
        inputMode="url"
        dir="ltr"
        aria-label={t("format.linkTo")}
        aria-invalid={wrong.value || undefined}
        value={address.value}
        onInput={(event) => (address.value = event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" && event.key !== "Escape") return;
          // Neither sends the answer nor leaves the conversation.
          event.preventDefault();
          event.stopPropagation();
          if (event.key === "Enter") apply();
          else close();
        }}
      />
      <IconButton icon={Link} size="small" label={t("format.link")} onClick={apply} />
      {wrong.value && (
        <p class="dk-addresses__wrong" role="alert">
          {t("format.linkBad")}
        </p>
      )}
    </div>
  );
}
