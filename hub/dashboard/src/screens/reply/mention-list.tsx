/** Who can be named in a note, above the reply bar. Choosing puts the name into the text. */
import { useSignal } from "@preact/signals";
import type { Agent } from "@switchboard/protocol";
import { Avatar } from "@switchboard/ui/avatar";
import { t } from "@switchboard/ui/i18n/desk";
import { presenceWord } from "@switchboard/ui/presence";
import { useEffect, useId, useLayoutEffect, useRef } from "preact/hooks";
import { useDesk } from "../../context";
import { atWord, offered } from "../../desk/mentions";
import type { Begins, TemplateKey } from "./template-key";
import "./template-picker.css";
import "./mention-list.css";

/** The "@" in a note, by the keys of every list in the reply bar. */
export const AT: Begins = { sign: "@", word: atWord };

interface Props {
  readonly at: TemplateKey;
  /** Whom one can name. */
  readonly people: readonly Agent[];
}

export function MentionList(props: Props) {
  return props.at.words.value === null ? null : <Names {...props} />;
}

function Names({ at: key, people }: Props) {
  const { team } = useDesk().now.value;
  const list = useId();
  const box = useRef<HTMLDivElement>(null);
  const at = useSignal(0);
  const typed = key.words.value ?? "";
  const hits = offered(people, typed);
  const active = Math.min(at.value, hits.length - 1);

  function take(one: Agent | undefined): void {
    if (one) key.put({ text: `@${one.name} ` });
  }

  useEffect(() => {
    at.value = 0;
  }, [typed]);
  useLayoutEffect(() => {
    key.keys.value =
      hits.length === 0
        ? null
        : {
            walk: (step) => {
              at.value = (active + step + hits.length) % hits.length;
            },
            choose: () => take(hits[active]),
          };
    box.current?.querySelector("[data-active]")?.scrollIntoView({ block: "nearest" });
  });
  useEffect(
    () => () => {
      key.keys.value = null;
    },
    [],
  );
  useLayoutEffect(() => {
    const field = key.field();
    if (!field || hits.length === 0) return;
    const said = {
      "aria-autocomplete": "list",
      "aria-controls": list,
      "aria-activedescendant": `${list}-${active}`,
    };
    for (const [name, value] of Object.entries(said)) field.setAttribute(name, value);
    return () => {
      for (const name of Object.keys(said)) field.removeAttribute(name);
    };
  }, [active, hits.length]);

  if (hits.length === 0) return null;
  return (
    <div class="dk-templates dk-mentions">
      <div class="dk-templates__list" role="listbox" id={list} aria-label={t("mentions.pick")} ref={box}>
        {hits.map((one, place) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys go to the field, which names the active option.
          // biome-ignore lint/a11y/useFocusableInteractive: focus stays in the field (aria-activedescendant).
          <div
            key={one.id}
            class="dk-templates__item"
            role="option"
            id={`${list}-${place}`}
            aria-selected={place === active}
            data-active={place === active || undefined}
            onPointerMove={() => (at.value = place)}
            // The field keeps the caret.
            onPointerDown={(event) => event.preventDefault()}
            onMouseDown={(event) => event.preventDefault()}
            onClick={(event) => {
              event.stopPropagation();
              take(one);
            }}
          >
            <Avatar id={one.id} name={one.name} size={24} presence={team.get(one.id) ?? null} />
            <span class="dk-templates__name" dir="auto">
              {one.name}
            </span>
            <span class="dk-templates__for">{presenceWord(team.get(one.id) ?? null)}</span>
          </div>
        ))}
      </div>
    </div>
  );
}
