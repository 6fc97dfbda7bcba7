/**
 * The emoji to choose from: a field that finds them, and below it all of them by group. The focus stays in the field; the
 * arrows walk, Enter takes. There are some 1,800 of them, so that only the lines in sight are drawn.
 */
import { type Language, language } from "@switchboard/ui/i18n";
import { t } from "@switchboard/ui/i18n/more";
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { type Emoji, foundBy, GROUPS, LATEST, latest, loadEmoji, type Tone, tone, toned, used } from "./emoji";
import "./emoji.css";

/** In a line. */
const ACROSS = 8;
/** Of a line, and of the name of a group, px; emoji.css draws them so. */
const LINE = 36;
const NAME = 28;
/** Drawn beyond what is seen, px. */
const BEYOND = 240;

interface Line {
  readonly top: number;
  /** The group that begins here, or what stands in the line. */
  readonly group?: number;
  readonly emoji: readonly Emoji[];
  /** Place of the line's first among all. */
  readonly from: number;
}

export interface EmojiPickerProps {
  choose(sign: string): void;
}

export function EmojiPicker({ choose }: EmojiPickerProps) {
  const all = useEmoji(language.value);
  const [words, setWords] = useState("");
  const [at, setAt] = useState(0);
  const [top, setTop] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const list = useId();
  const lines = useMemo(() => linesOf(all === "lost" ? [] : (all ?? []), words), [all, words]);
  const shown = useMemo(() => lines.flatMap((line) => line.emoji), [lines]);
  const active = Math.min(at, shown.length - 1);
  const activeLine = lines.find(({ from, emoji }) => active >= from && active < from + emoji.length);

  useEffect(() => field.current?.focus({ preventScroll: true }), []);
  useLayoutEffect(() => {
    const { current: element } = box;
    if (!element || !activeLine) return;
    const end = activeLine.top + LINE;
    if (activeLine.top - NAME < element.scrollTop) element.scrollTop = activeLine.top - NAME;
    else if (end > element.scrollTop + element.clientHeight) element.scrollTop = end - element.clientHeight;
  }, [active, activeLine]);

  const take = (one: Emoji | undefined): void => {
    if (!one) return;
    used(one);
    choose(toned(one, tone.value));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.isComposing || event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return;
    const next = walked(event, lines, active, field.current?.dir || document.documentElement.dir);
    if (next !== undefined) setAt(Math.max(0, Math.min(shown.length - 1, next)));
    else if (event.key === "Enter") take(shown[active]);
    else return;
    event.preventDefault();
  };
  const last = lines[lines.length - 1];
  const inSight = lines.filter((line) => line.top > top - BEYOND && line.top < top + 300 + BEYOND);

  return (
    <div class="dk-emoji">
      <input
        class="dk-emoji__field"
        ref={field}
        type="text"
        role="combobox"
        aria-label={t("emoji.find")}
        placeholder={t("emoji.find")}
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={activeLine ? `${list}-${active}` : undefined}
        autocomplete="off"
        spellcheck={false}
        value={words}
        onInput={(event) => {
          setWords(event.currentTarget.value);
          setAt(0);
          if (box.current) box.current.scrollTop = 0;
        }}
        onKeyDown={onKeyDown}
      />
      <div
        class="dk-emoji__box"
        ref={box}
        role="listbox"
        id={list}
        aria-label={t("emoji.all")}
        aria-busy={all === null}
        onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      >
        <div class="dk-emoji__all" role="presentation" style={{ blockSize: `${last ? last.top + LINE : 0}px` }}>
          {inSight.map((line) =>
            line.group === undefined ? (
              line.emoji.map((one, place) => (
                // biome-ignore lint/a11y/useKeyWithClickEvents: keys go to the field, which names the active option.
                // biome-ignore lint/a11y/useFocusableInteractive: focus stays in the field (combobox with aria-activedescendant).
                <span
                  key={line.from + place}
                  class="dk-emoji__one"
                  role="option"
                  id={`${list}-${line.from + place}`}
                  aria-label={one.name}
                  aria-selected={line.from + place === active}
                  aria-posinset={line.from + place + 1}
                  aria-setsize={shown.length}
                  style={{ insetBlockStart: `${line.top}px`, insetInlineStart: `${place * LINE}px` }}
                  onPointerMove={() => setAt(line.from + place)}
                  // What was written keeps its caret.
                  onPointerDown={(event) => event.preventDefault()}
                  onClick={() => take(one)}
                >
                  {toned(one, tone.value)}
                </span>
              ))
            ) : (
              <span
                key={`group ${line.group}`}
                class="dk-emoji__group"
                role="presentation"
                style={{ insetBlockStart: `${line.top}px` }}
              >
                {line.group === LATEST ? t("emoji.latest") : t(`emoji.group.${line.group as (typeof GROUPS)[number]}`)}
              </span>
            ),
          )}
        </div>
      </div>
      {all !== null && shown.length === 0 && (
        <p class="dk-emoji__none" role="status">
          {all === "lost" ? t("late.lost") : t("emoji.none", { words })}
        </p>
      )}
      <div class="dk-emoji__foot">
        <span class="dk-cut">{shown[active]?.name}</span>
        <Tones />
      </div>
    </div>
  );
}

const HAND = "\u270b";
const SKINS = ["", "\u{1f3fb}", "\u{1f3fc}", "\u{1f3fd}", "\u{1f3fe}", "\u{1f3ff}"] as const;

function Tones() {
  return (
    <span class="dk-emoji__tones" role="radiogroup" aria-label={t("emoji.tone")}>
      {SKINS.map((skin, place) => (
        <label key={skin} class="dk-emoji__tone">
          <input
            type="radio"
            class="sb-unseen"
            name="emoji-tone"
            checked={tone.value === String(place)}
            aria-label={t(`emoji.tone.${String(place) as Tone}`)}
            onChange={() => (tone.value = String(place) as Tone)}
          />
          <span aria-hidden="true">{`${HAND}${skin}`}</span>
        </label>
      ))}
    </span>
  );
}

function useEmoji(shown: Language): readonly Emoji[] | "lost" | null {
  const [all, setAll] = useState<readonly Emoji[] | "lost" | null>(null);
  useEffect(() => {
    let gone = false;
    // The next opening asks again.
    loadEmoji(shown).then(
      (come) => gone || setAll(come),
      () => gone || setAll("lost"),
    );
    return () => {
      gone = true;
    };
  }, [shown]);
  return all;
}

/** Group by group, with those used last before them; of those that were looked for, one run. */
function linesOf(all: readonly Emoji[], words: string): readonly Line[] {
  if (words.trim() !== "") return laidOut([{ of: foundBy(all, words) }]);
  const recent = latest(all);
  const groups = GROUPS.map((group) => ({ group, of: all.filter((one) => one.group === group) }));
  return laidOut(
    [...(recent.length > 0 ? [{ group: LATEST, of: recent }] : []), ...groups].filter(({ of }) => of.length > 0),
  );
}

function laidOut(groups: readonly { readonly group?: number; readonly of: readonly Emoji[] }[]): readonly Line[] {
  const lines: Line[] = [];
  let top = 0;
  let from = 0;
  for (const { group, of } of groups) {
    if (group !== undefined) {
      lines.push({ top, group, emoji: [], from });
      top += NAME;
    }
    for (let begin = 0; begin < of.length; begin += ACROSS) {
      const emoji = of.slice(begin, begin + ACROSS);
      lines.push({ top, emoji, from });
      top += LINE;
      from += emoji.length;
    }
  }
  return lines;
}

/** Where an arrow leads from there: to the sides along the lines, up and down to the one that stands nearest. */
function walked({ key }: KeyboardEvent, lines: readonly Line[], at: number, direction: string): number | undefined {
  const forth = direction === "rtl" ? "ArrowLeft" : "ArrowRight";
  const back = direction === "rtl" ? "ArrowRight" : "ArrowLeft";
  if (key === forth) return at + 1;
  if (key === back) return at - 1;
  if (key !== "ArrowDown" && key !== "ArrowUp") return undefined;
  const rows = lines.filter(({ group }) => group === undefined);
  const here = rows.findIndex(({ from, emoji }) => at >= from && at < from + emoji.length);
  const next = rows[here + (key === "ArrowDown" ? 1 : -1)];
  if (!next) return at;
  return next.from + Math.min(next.emoji.length - 1, at - (rows[here]?.from ?? 0));
}
