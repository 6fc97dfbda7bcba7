/** One template: its name, whom it is for, its text with variables at hand, its files, and how it will look. */
import { useSignal } from "@preact/signals";
import type { SaveTemplate, Template, TemplateFor } from "@switchboard/protocol";
import { AttachmentTile } from "@switchboard/ui/attachment-tile";
import { Button } from "@switchboard/ui/button";
import { Select, TextArea, TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/templates";
import { toast } from "@switchboard/ui/toast";
import { Paperclip } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import { useDesk } from "../../context";
import { CHAT } from "../../desk/carries";
import { placeOf, VARIABLES } from "../../desk/filling";
import { Form, FormError, useSending } from "../../parts/form";
import { formatting } from "../../preferences";
import { heldByFiles, take, tileOf } from "../reply/files";
import { RichField, RichTools, useEditor, useRichState } from "../reply/rich-text";
import { forText } from "../template-words";
import { text as textOf } from "./parts";
import { TemplatePreview } from "./template-preview";
import "./templates.css";

interface Props {
  readonly template?: Template;
  done(): void;
  cancel(): void;
  remove?(): void;
}

export function TemplateForm({ template, done, cancel, remove }: Props) {
  const desk = useDesk();
  const sending = useSending();
  const written = useSignal<{ readonly text: string; readonly html?: string }>(
    template?.html === undefined ? { text: template?.text ?? "" } : { text: template.text, html: template.html },
  );
  const previewed = useSignal(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const rich = useRichState();
  const made = useEditor(formatting.value === "on");
  const key = `template.${template?.id ?? "new"}`;
  const files = desk.uploads.of.value.get(key) ?? [];
  const live = desk.connection.value.status === "live";

  // As it is kept, whatever an earlier visit has left; and nothing is left behind.
  useEffect(() => {
    desk.uploads.clear(key);
    desk.uploads.restore(key, template?.attachments ?? []);
    return () => desk.uploads.clear(key);
  }, [key]);

  const save = async (form: FormData): Promise<void> => {
    const { text, html } = written.value;
    const body: SaveTemplate = {
      name: textOf(form, "name"),
      text,
      ...(html === undefined ? {} : { html }),
      for: forOf(textOf(form, "for")),
      attachments: files.flatMap(({ done: up }) => (up ? [up.id] : [])),
    };
    await (template
      ? desk.api("PUT /api/templates/{id}", { id: template.id, body })
      : desk.api("POST /api/templates", { body }));
    done();
  };
  const send = (form: FormData): void => {
    const held = heldByFiles(files, live);
    if (held !== null) return void toast({ text: held, tone: "danger" });
    if (files.some((one) => one.done === null)) return void toast({ text: t("composer.uploading") });
    void sending.send(() => save(form));
  };
  const insert = (place: string): void => {
    if (rich.editor.value) return rich.editor.value.insert({ text: place }, 0);
    area.current?.focus();
    document.execCommand("insertText", false, place);
  };
  const { text, html } = written.value;
  return (
    <Form onSend={send}>
      <TextField
        label={t("settings.name")}
        name="name"
        required
        autofocus
        defaultValue={template?.name ?? ""}
        error={sending.fieldError("name")}
      />
      <For whose={template?.for ?? { scope: "personal" }} error={sending.fieldError("for")} />
      <div class="dk-template-text">
        {made ? (
          <div class="dk-template-rich">
            <RichField
              made={made}
              state={rich}
              area={{ label: t("templates.text"), onKeyDown: () => undefined }}
              written={written.value}
              focused={false}
              onInput={(next) => (written.value = next)}
            />
            {sending.fieldError("text") && (
              <p class="dk-template-wrong" role="alert">
                {sending.fieldError("text")}
              </p>
            )}
          </div>
        ) : (
          <TextArea
            label={t("templates.text")}
            rows={6}
            areaRef={area}
            value={text}
            onInput={(event) => (written.value = { text: event.currentTarget.value })}
            error={sending.fieldError("text")}
          />
        )}
        <div class="dk-template-tools">
          <RichTools state={rich} />
        </div>
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields; these put something into one. */}
        <div class="dk-template-variables" role="group" aria-label={t("templates.insert")}>
          {VARIABLES.map((one) => (
            <Button
              key={one}
              size="small"
              title={placeOf(one)}
              // The caret stays where it is.
              onPointerDown={(event) => event.preventDefault()}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => insert(placeOf(one))}
            >
              {t(`templates.variable.${one}`)}
            </Button>
          ))}
        </div>
      </div>
      <Files of={key} tiles={files.map((one) => tileOf(desk, key, one, live))} />
      {previewed.value && <TemplatePreview text={text} html={html} />}
      <FormError sending={sending} />
      <div class="dk-form__foot">
        <Button kind="primary" type="submit" busy={sending.busy}>
          {t("settings.save")}
        </Button>
        <Button aria-pressed={previewed.value} onClick={() => (previewed.value = !previewed.value)}>
          {t(previewed.value ? "templates.hidePreview" : "templates.preview")}
        </Button>
        <Button onClick={cancel}>{t("action.cancel")}</Button>
        {remove && (
          <Button kind="danger" onClick={remove}>
            {t("templates.delete")}
          </Button>
        )}
      </div>
    </Form>
  );
}

/** Only owners and admins have a choice. */
function For({ whose, error }: { readonly whose: TemplateFor; readonly error: string | undefined }) {
  const desk = useDesk();
  const { role } = desk.me.value.agent;
  const house = desk.house.value;
  const teams = [...house.teams.values()].map(({ id }): TemplateFor => ({ scope: "team", team_id: id }));
  const manages = role === "owner" || role === "admin";
  const all: TemplateFor[] = manages ? [{ scope: "personal" }, ...teams, { scope: "all" }] : [{ scope: "personal" }];
  return (
    <Select
      label={t("templates.for")}
      name="for"
      value={wordOf(whose)}
      options={all.map((one) => ({ value: wordOf(one), label: forText(one, house) }))}
      error={error}
    />
  );
}

function wordOf(whose: TemplateFor): string {
  return whose.scope === "team" ? (whose.team_id ?? "") : whose.scope;
}

function forOf(word: string): TemplateFor {
  return word === "personal" || word === "all" ? { scope: word } : { scope: "team", team_id: word };
}

function Files({ of, tiles }: { readonly of: string; readonly tiles: readonly ReturnType<typeof tileOf>[] }) {
  const desk = useDesk();
  const input = useRef<HTMLInputElement>(null);
  return (
    <div class="dk-template-files">
      {tiles.map(({ key, ...tile }) => (
        <AttachmentTile key={key} {...tile} />
      ))}
      <Button icon={Paperclip} onClick={() => input.current?.click()}>
        {t("attachment.add")}
      </Button>
      <input
        type="file"
        multiple
        hidden
        ref={input}
        onChange={(event) => {
          take(desk, of, Array.from(event.currentTarget.files ?? []), CHAT.files);
          // The same file may be chosen again after it was taken out.
          event.currentTarget.value = "";
        }}
      />
    </div>
  );
}
