/** The tags of all conversations: how often each is used, its colour, and one put in the place of another. */
import { useSignal } from "@preact/signals";
import type { TagChanged, TagColour, TagRow } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { Dialog } from "@switchboard/ui/dialog";
import { EmptyState } from "@switchboard/ui/empty-state";
import { Select, TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/customers";
import { Tag } from "@switchboard/ui/tag";
import { Tag as TagIcon } from "lucide-preact";
import { useDesk } from "../../context";
import { toneOf } from "../../desk/tags";
import { Form, FormError, useSending } from "../../parts/form";
import { doing, Head, Thing, text, useAsked, Waiting } from "./parts";

const COLOURS: readonly TagColour[] = ["green", "amber", "red", "violet", "blue"];

export function TagSettings() {
  const { api } = useDesk();
  const asked = useAsked(async () => (await api("GET /api/tags")).tags);
  const open = useSignal<string | null>(null);
  const tags = asked.value.value;
  const done = (): void => {
    open.value = null;
    void asked.again();
  };
  return (
    <>
      <Head title={t("settings.tags")} body={t("tags.body")} />
      {!tags && <Waiting asked={asked} />}
      {tags?.length === 0 && <EmptyState icon={TagIcon} title={t("tags.empty")} body={t("tags.emptyBody")} />}
      {tags && tags.length > 0 && (
        <ul class="dk-things">
          {tags.map((one) => (
            <Thing
              key={one.name}
              title={<Tag tone={toneOf(one.colour)}>{one.name}</Tag>}
              line={t("tags.used", { n: one.conversations })}
              actions={
                <Button
                  aria-expanded={open.value === one.name}
                  aria-label={t(open.value === one.name ? "settings.closeNamed" : "settings.editNamed", {
                    name: one.name,
                  })}
                  onClick={() => (open.value = open.value === one.name ? null : one.name)}
                >
                  {t(open.value === one.name ? "action.close" : "action.edit")}
                </Button>
              }
            >
              {open.value === one.name && <TagForm tag={one} all={tags} done={done} />}
            </Thing>
          ))}
        </ul>
      )}
    </>
  );
}

/** Some conversations at a time, until there are no more. */
async function all(step: () => Promise<TagChanged>): Promise<void> {
  while ((await step()).more) {}
}

function TagForm({ tag, all: tags, done }: { readonly tag: TagRow; readonly all: readonly TagRow[]; done(): void }) {
  const { api } = useDesk();
  const sending = useSending();
  const name = useSignal(tag.name);
  const removing = useSignal(false);
  const busy = useSignal(false);
  const other = tags.find((one) => one.name === name.value.trim() && one.name !== tag.name);
  const save = async (form: FormData): Promise<void> => {
    const [to, colour] = [text(form, "name"), text(form, "colour")];
    if (!other) {
      const body = { name: tag.name, colour: COLOURS.find((one) => one === colour) ?? null };
      if ((tag.colour ?? null) !== body.colour) await api("PUT /api/tags", { body });
    }
    if (to !== tag.name) await all(() => api("POST /api/tags/renamed", { body: { from: tag.name, to } }));
    done();
  };
  const leave = (): void => {
    if (!busy.value) removing.value = false;
  };
  const remove = async (): Promise<void> => {
    busy.value = true;
    const gone = await doing(
      () => all(() => api("POST /api/tags/removed", { body: { name: tag.name } })),
      t("settings.removed", { name: tag.name }),
    );
    busy.value = false;
    removing.value = false;
    if (gone) done();
  };
  return (
    <Form onSend={(form) => void sending.send(() => save(form))}>
      <TextField
        label={t("settings.name")}
        name="name"
        required
        autofocus
        maxLength={120}
        defaultValue={tag.name}
        help={other && t("tags.merges", { name: other.name })}
        error={sending.fieldError("to")}
        onInput={(event) => {
          name.value = event.currentTarget.value;
        }}
      />
      <Select
        label={t("tags.colour")}
        name="colour"
        value={tag.colour ?? ""}
        disabled={other !== undefined}
        options={[
          { value: "", label: t("tags.colour.none") },
          ...COLOURS.map((one) => ({ value: one, label: t(`tags.colour.${one}`) })),
        ]}
      />
      <FormError sending={sending} />
      <div class="dk-form__foot">
        <Button kind="primary" type="submit" busy={sending.busy}>
          {t(other ? "tags.merge" : "settings.save")}
        </Button>
        <Button kind="danger" onClick={() => (removing.value = true)}>
          {t("settings.remove")}
        </Button>
      </div>
      {removing.value && (
        <Dialog
          title={t("tags.remove", { name: tag.name })}
          onClose={leave}
          actions={
            <>
              <Button onClick={leave} disabled={busy.value}>
                {t("action.cancel")}
              </Button>
              <Button kind="danger" busy={busy.value} onClick={() => void remove()}>
                {t("settings.remove")}
              </Button>
            </>
          }
        >
          <p>{t("tags.removeBody", { n: tag.conversations })}</p>
        </Dialog>
      )}
    </Form>
  );
}
