// The reply bar. Whether one writes to the customer or to the team is said three times: by the ground, by the edge and
// by the button. It grows to 40 % of the height, takes files by drop, paste and choice, and never loses a text: the text
// is the caller's (`value`), who keeps it when sending fails.
//
// Not here: drafts, typing signals, uploads, templates. The page does them around it.

import { ChevronDown, Lock, Paperclip, Reply, SendHorizontal, StickyNote } from "lucide-preact";
import type { ComponentChildren, Ref } from "preact";
import { useRef, useState } from "preact/hooks";

import { classes } from "../classes";
import { t } from "../i18n/dashboard";
import { AttachmentTile, type AttachmentTileProps } from "./attachment-tile";
import { Button } from "./button";
import { GrowingArea } from "./growing-area";
import { Icon } from "./icon";
import { IconButton } from "./icon-button";
import { ariaKeys } from "./kbd";
import { Menu, type MenuEntry } from "./menu";
import { Tooltip } from "./tooltip";
import "./composer.css";

export type ComposerMode = "reply" | "note";

export interface ComposerProps {
  readonly mode: ComposerMode;
  /** Absent: there is nothing to switch to. */
  readonly onMode?: (mode: ComposerMode) => void;
  readonly value: string;
  readonly onInput: (text: string) => void;
  readonly onSend: () => void;
  /** Sends and is done with it: Mod+Shift+Enter, and the first of `more`. */
  readonly onSendAndClose?: () => void;
  /** Other ways to send, in a menu beside the button. */
  readonly more?: readonly MenuEntry[];
  /** Name of the customer. */
  readonly to: string;
  /** In place of "Answer …". */
  readonly placeholder?: string;
  readonly files?: readonly (AttachmentTileProps & { readonly key: string })[];
  readonly onFiles?: (files: File[]) => void;
  /** There is something to send. Absent: some text or a file. */
  readonly ready?: boolean;
  readonly busy?: boolean;
  /** `enter` sends and Shift+Enter breaks the line; or the other way round. */
  readonly sendOn?: "enter" | "mod-enter";
  /** Says something above the text: a colleague answered meanwhile. */
  readonly notice?: ComponentChildren;
  /** Fields between the switch and the text: to whom a mail goes. */
  readonly fields?: ComponentChildren;
  /** Another field in place of the plain one. */
  readonly area?: (given: ComposerArea) => ComponentChildren;
  /** Small, beside the button: how much room is left. */
  readonly hint?: ComponentChildren;
  /** More tools, beside the paper clip. */
  readonly tools?: ComponentChildren;
  readonly areaRef?: Ref<HTMLTextAreaElement>;
}

/** What a field of the text has to know. */
export interface ComposerArea {
  readonly label: string;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

function Modes({ mode, onMode }: Required<Pick<ComposerProps, "mode" | "onMode">>) {
  const choice = (which: ComposerMode, keys: string) => (
    <Tooltip text={t(`compose.${which}`)} keys={keys}>
      <button
        type="button"
        class="sb-composer__mode"
        aria-pressed={mode === which}
        aria-keyshortcuts={ariaKeys(keys)}
        onClick={() => onMode(which)}
      >
        <Icon of={which === "reply" ? Reply : StickyNote} size={14} mirrored={which === "reply"} />
        {t(`compose.${which}`)}
      </button>
    </Tooltip>
  );
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields; these two are switches of one thing.
    <div class="sb-composer__modes" role="group" aria-label={t("compose.mode")}>
      {choice("reply", "R")}
      {choice("note", "N")}
    </div>
  );
}

function sends(event: KeyboardEvent, sendOn: NonNullable<ComposerProps["sendOn"]>): boolean {
  // While a word is being put together (Chinese, Japanese …) Enter takes the word.
  if (event.key !== "Enter" || event.isComposing) return false;
  const mod = event.ctrlKey || event.metaKey;
  return sendOn === "enter" ? !event.shiftKey && !event.altKey : mod;
}

/** Files dropped or pasted go to `take`; the rest of a paste (text) goes its usual way. */
function useFiles(take: ((files: File[]) => void) | undefined) {
  const [over, setOver] = useState(false);
  if (take === undefined) return { over: false, handlers: {} };
  const give = (list: FileList | undefined, event: Event) => {
    if (!list || list.length === 0) return;
    event.preventDefault();
    take(Array.from(list));
  };
  const handlers = {
    onPaste: (event: ClipboardEvent) => give(event.clipboardData?.files, event),
    onDragOver: (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: (event: DragEvent) => {
      if (!(event.currentTarget as Element).contains(event.relatedTarget as Node | null)) setOver(false);
    },
    onDrop: (event: DragEvent) => {
      setOver(false);
      give(event.dataTransfer?.files, event);
    },
  };
  return { over, handlers };
}

function AddFiles({ onFiles }: { readonly onFiles: (files: File[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <IconButton icon={Paperclip} label={t("attachment.add")} onClick={() => input.current?.click()} />
      <input
        type="file"
        multiple
        hidden
        ref={input}
        onChange={(event) => {
          onFiles(Array.from(event.currentTarget.files ?? []));
          // The same file may be chosen again after it was taken out.
          event.currentTarget.value = "";
        }}
      />
    </>
  );
}

export function Composer(props: ComposerProps) {
  const {
    mode,
    onMode,
    value,
    onInput,
    onSend,
    onSendAndClose,
    more,
    to,
    files = [],
    onFiles,
    busy = false,
    sendOn = "mod-enter",
    notice,
    tools,
    areaRef,
    fields,
    area,
    hint,
  } = props;
  const ready = props.ready ?? (value.trim() !== "" || files.length > 0);
  const { over, handlers } = useFiles(onFiles);
  const note = mode === "note";
  const placeholder =
    props.placeholder ?? (note ? t("compose.notePlaceholder") : t("compose.replyPlaceholder", { name: to }));
  const sendAs = (way: () => void) => ready && !busy && way();
  const send = () => sendAs(onSend);
  const onKeyDown = (event: KeyboardEvent) => {
    if (!sends(event, sendOn)) return;
    event.preventDefault();
    if (event.shiftKey && onSendAndClose) sendAs(onSendAndClose);
    else send();
  };
  return (
    <form
      class={classes("sb-composer", `sb-composer--${mode}`, over && "sb-composer--over")}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      {...handlers}
    >
      {notice && <div class="sb-composer__notice">{notice}</div>}
      {onMode && (
        <div class="sb-composer__head">
          <Modes mode={mode} onMode={onMode} />
          {note && (
            <span class="sb-composer__lock">
              <Icon of={Lock} size={12} />
              {t("compose.noteHint")}
            </span>
          )}
        </div>
      )}
      {fields}
      {area ? (
        area({ label: placeholder, onKeyDown })
      ) : (
        <GrowingArea
          class="sb-composer__text"
          value={value}
          aria-label={placeholder}
          placeholder={placeholder}
          {...(areaRef === undefined ? {} : { areaRef })}
          onInput={(event) => onInput(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
      )}
      {files.length > 0 && (
        <div class="sb-composer__files">
          {files.map(({ key, ...file }) => (
            <AttachmentTile key={key} {...file} />
          ))}
        </div>
      )}
      <div class="sb-composer__foot">
        {onFiles && <AddFiles onFiles={onFiles} />}
        {tools}
        <span class="sb-composer__gap" />
        {hint && <span class="sb-composer__hint">{hint}</span>}
        <Button
          kind={note ? "note" : "primary"}
          icon={note ? StickyNote : SendHorizontal}
          iconMirrored={!note}
          keys={sendOn === "enter" ? "Enter" : "Mod+Enter"}
          type="submit"
          disabled={!ready}
          busy={busy}
        >
          {t(note ? "compose.noteSend" : "compose.replySend")}
        </Button>
        {more && more.length > 0 && (
          <Menu
            label={t("compose.more")}
            side="top"
            align="end"
            opener={(opener) => (
              <IconButton
                icon={ChevronDown}
                label={t("compose.more")}
                tooltip="none"
                disabled={!ready || busy}
                class="sb-composer__more"
                {...opener}
              />
            )}
            entries={more}
          />
        )}
      </div>
      {over && <div class="sb-composer__drop">{t("attachment.drop")}</div>}
    </form>
  );
}
