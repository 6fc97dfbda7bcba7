/** The templates that this person sees: to look through, and to make, change, copy and throw away those that are theirs to. */
import { useSignal } from "@preact/signals";
import type { Template } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { EmptyState } from "@switchboard/ui/empty-state";
import { TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/templates";
import { IconButton } from "@switchboard/ui/icon-button";
import { toast } from "@switchboard/ui/toast";
import { Copy, FileText, Plus, Search } from "lucide-preact";
import { useDesk } from "../../context";
import { found } from "../../desk/templates";
import { Dotted } from "../../parts/dotted";
import { forText } from "../template-words";
import { doing, Head, Thing, useAsked, Waiting } from "./parts";
import { TemplateForm } from "./template-form";
import { TemplatePreview } from "./template-preview";

export function Templates() {
  const desk = useDesk();
  const { api, templates } = desk;
  const asked = useAsked(() => templates.load());
  /** "new", or whose form is open. */
  const open = useSignal<string | null>(null);
  const words = useSignal("");
  const all = templates.list.value;
  const mayWrite = desk.me.value.agent.role !== "read_only";
  const shown = all && found(all, words.value);
  const done = (): void => {
    open.value = null;
    void asked.again();
  };
  const remove = async ({ id, name }: Template): Promise<void> => {
    if (!(await doing(() => api("DELETE /api/templates/{id}", { id })))) return;
    done();
    const back = () => doing(() => api("POST /api/templates/{id}/restore", { id })).then(done);
    toast({ text: t("templates.deleted", { name }), onUndo: () => void back() });
  };
  const duplicate = async (one: Template): Promise<void> => {
    const made = await doing(async () => {
      const copies =
        one.attachments.length === 0 ? [] : (await api("POST /api/templates/{id}/files", { id: one.id })).attachments;
      const body = {
        name: t("templates.copy", { name: one.name }),
        text: one.text,
        ...(one.html === undefined ? {} : { html: one.html }),
        for: one.mine_to_change ? one.for : { scope: "personal" as const },
        attachments: copies.map(({ id }) => id),
      };
      const { id } = await api("POST /api/templates", { body });
      await asked.again();
      open.value = id;
    });
    if (!made) void asked.again();
  };
  return (
    <>
      <Head
        title={t("settings.templates")}
        body={t("templates.body")}
        action={
          mayWrite &&
          open.value !== "new" && (
            <Button kind="primary" icon={Plus} onClick={() => (open.value = "new")}>
              {t("templates.new")}
            </Button>
          )
        }
      />
      {open.value === "new" && (
        <ul class="dk-things">
          <li class="dk-thing">
            <div class="dk-thing__more">
              <TemplateForm done={done} cancel={() => (open.value = null)} />
            </div>
          </li>
        </ul>
      )}
      {!all && <Waiting asked={asked} />}
      {all?.length === 0 && open.value === null && (
        <EmptyState icon={FileText} title={t("templates.empty")} body={t("templates.emptyBody")} />
      )}
      {all && all.length > 0 && (
        <TextField
          label={t("templates.find")}
          type="search"
          icon={Search}
          value={words.value}
          onInput={(event) => (words.value = event.currentTarget.value)}
        />
      )}
      {shown?.length === 0 && words.value.trim() !== "" && (
        <p class="dk-muted" role="status">
          {t("templates.none", { words: words.value.trim() })}
        </p>
      )}
      {shown && shown.length > 0 && (
        <ul class="dk-things">
          {shown.map((one) => (
            <Thing
              key={one.id}
              title={<bdi>{one.name}</bdi>}
              line={
                <Dotted
                  of={[
                    forText(one.for, desk.house.value),
                    one.attachments.length > 0 && t("templates.files", { n: one.attachments.length }),
                  ]}
                />
              }
              actions={
                <>
                  {mayWrite && (
                    <IconButton
                      icon={Copy}
                      label={t("templates.duplicate", { name: one.name })}
                      onClick={() => void duplicate(one)}
                    />
                  )}
                  <Button
                    aria-expanded={open.value === one.id}
                    aria-label={t(open.value === one.id ? "settings.closeNamed" : "settings.editNamed", {
                      name: one.name,
                    })}
                    onClick={() => (open.value = open.value === one.id ? null : one.id)}
                  >
                    {t(
                      open.value === one.id ? "action.close" : one.mine_to_change ? "action.edit" : "templates.preview",
                    )}
                  </Button>
                </>
              }
            >
              {open.value === one.id &&
                (one.mine_to_change ? (
                  <TemplateForm
                    template={one}
                    done={done}
                    cancel={() => (open.value = null)}
                    remove={() => void remove(one)}
                  />
                ) : (
                  <>
                    <TemplatePreview text={one.text} html={one.html} />
                    <p class="dk-muted">{t("templates.shared")}</p>
                  </>
                ))}
            </Thing>
          ))}
        </ul>
      )}
    </>
  );
}
