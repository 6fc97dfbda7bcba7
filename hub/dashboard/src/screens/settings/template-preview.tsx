/** A template as a customer would get it: filled in by the same function as in the reply bar, for a customer of no inbox. */
import { t } from "@switchboard/ui/i18n/templates";
import { useEffect, useRef } from "preact/hooks";
import { useDesk } from "../../context";
import { fill, type Values, type valuesOf } from "../../desk/filling";
import { Marked } from "../../parts/marked";
import { useEditor } from "../reply/rich-text";
import "./templates.css";

export function TemplatePreview({ text, html }: { readonly text: string; readonly html: string | undefined }) {
  const desk = useDesk();
  const values = sample(desk.me.value.agent, [...desk.house.value.inboxes.values()][0]?.name ?? null);
  const made = useEditor(html !== undefined);
  const box = useRef<HTMLDivElement>(null);
  const filled = html === undefined ? null : fill(html, values, true);
  useEffect(() => {
    if (made && filled !== null) box.current?.replaceChildren(made.purify(filled));
  }, [made, filled]);
  return (
    <section class="dk-template-preview" aria-label={t("templates.preview")} dir="auto">
      {made && filled !== null ? (
        <div class="dk-rich dk-template-preview__rich" ref={box} />
      ) : (
        <Marked text={fill(text, values)} />
      )}
    </section>
  );
}

function sample(me: Parameters<typeof valuesOf>[0]["me"], inbox: string | null): Values {
  const name = t("templates.sample.customer");
  const mine = me.display_name ?? me.name;
  return {
    "customer.name": name,
    "customer.first_name": name.split(" ")[0] ?? name,
    "customer.email": t("templates.sample.email"),
    "customer.phone": t("templates.sample.phone"),
    "agent.name": mine,
    "agent.first_name": mine.split(" ")[0] ?? mine,
    case: t("templates.sample.case"),
    subject: t("templates.sample.subject"),
    inbox,
    team: t("templates.sample.team"),
  };
}
