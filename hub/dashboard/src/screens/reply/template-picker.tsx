/**
 * The templates above the reply bar. The one that Enter takes is shown as it would stand in the answer, with what nobody
 * knows marked. Choosing puts it into the field; nothing is sent by itself.
 */
import { useSignal } from "@preact/signals";
import type { ConversationRow, Template } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { t } from "@switchboard/ui/i18n/templates";
import { Icon } from "@switchboard/ui/icon";
import { toast } from "@switchboard/ui/toast";
import { Paperclip } from "lucide-preact";
import { useEffect, useId, useLayoutEffect, useRef } from "preact/hooks";
import { useDesk } from "../../context";
import { fill, valuesOf } from "../../desk/filling";
import { found } from "../../desk/templates";
import { apiError } from "../../net/errors";
import { Marked } from "../../parts/marked";
import { linkTo } from "../../router";
import { errorText } from "../../words";
import { forText } from "../template-words";
import type { TemplateKey } from "./template-key";
import "./template-picker.css";

/** So many are offered: more are found by typing on. */
const MOST = 50;

interface Props {
  readonly slash: TemplateKey;
  readonly row: ConversationRow;
  readonly html: boolean;
  readonly files: number;
}

export function TemplateList({ slash, row, html, files }: Props) {
  const desk = useDesk();
  const all = desk.templates.list.value;
  const list = useId();
  const box = useRef<HTMLDivElement>(null);
  const at = useSignal(0);
  const words = slash.words.value ?? "";
  const hits = all ? found(all, words).slice(0, MOST) : [];
  const active = Math.min(at.value, hits.length - 1);
  const chosen = hits[active];
  const house = desk.house.value;
  const values = valuesOf({
    row,
    contact: desk.contact(row.contact.id).value,
    me: desk.me.value.agent,
    inbox: house.inboxes.get(row.inbox_id),
    team: row.team_id === null ? undefined : house.teams.get(row.team_id),
  });

  function take(template: Template | undefined): void {
    if (!template) return;
    const formatted = html && template.html !== undefined ? { html: fill(template.html, values, true) } : {};
    slash.put({ text: fill(template.text, values), ...formatted });
    if (template.attachments.length > 0 && files > 0) void bringFiles(template);
  }
  async function bringFiles({ id, name }: Template): Promise<void> {
    try {
      const { attachments } = await desk.api("POST /api/templates/{id}/files", { id });
      const room = Math.max(0, files - (desk.uploads.of.value.get(row.id)?.length ?? 0));
      if (attachments.length > room) toast({ text: t("composer.attachLimit", { n: files }), tone: "danger" });
      desk.uploads.restore(row.id, attachments.slice(0, room));
    } catch (cause) {
      toast({ text: t("templates.filesFailed", { name, why: errorText(apiError(cause)) }), tone: "danger" });
    }
  }

  useEffect(() => {
    at.value = 0;
  }, [words]);
  useLayoutEffect(() => {
    slash.keys.value =
      hits.length === 0
        ? null
        : {
            walk: (step) => {
              at.value = (active + step + hits.length) % hits.length;
            },
            choose: () => take(chosen),
          };
    box.current?.querySelector("[data-active]")?.scrollIntoView({ block: "nearest" });
  });
  useEffect(
    () => () => {
      slash.keys.value = null;
    },
    [],
  );
  useLayoutEffect(() => {
    const field = slash.field();
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

  const { error } = desk.templates;
  if (!all && error.value !== null && slash.asked.value) {
    return (
      <div class="dk-templates dk-templates--lost" role="alert">
        <p class="dk-templates__none">{errorText(error.value)}</p>
        <Button size="small" onClick={() => desk.templates.want()}>
          {t("action.retry")}
        </Button>
      </div>
    );
  }
  if (hits.length === 0) {
    if (!all || !slash.asked.value) return null;
    return (
      <div class="dk-templates" role="status">
        <p class="dk-templates__none">
          {all.length === 0 ? t("templates.empty") : t("templates.none", { words })}{" "}
          <a {...linkTo("/settings/templates")}>{t("reply.templatesManage")}</a>
        </p>
      </div>
    );
  }
  return (
    <div class="dk-templates">
      <div class="dk-templates__list" role="listbox" id={list} aria-label={t("templates.pick")} ref={box}>
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
            <span class="dk-templates__name" dir="auto">
              {one.name}
            </span>
            {one.attachments.length > 0 && (
              <Icon of={Paperclip} size={14} label={t("templates.files", { n: one.attachments.length })} />
            )}
            <span class="dk-templates__for">{forText(one.for, house)}</span>
          </div>
        ))}
      </div>
      {chosen && (
        <p class="dk-templates__preview" dir="auto">
          <Marked text={fill(chosen.text, values)} />
        </p>
      )}
    </div>
  );
}
