/** What is known of the customer besides, by name: written by the team and by programs, each row edited where it stands. */
import { useSignal } from "@preact/signals";
import { ATTRIBUTE_CHARS, ATTRIBUTE_NAME_CHARS, ATTRIBUTES, type Contact } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/desk";
import { IconButton } from "@switchboard/ui/icon-button";
import { toast } from "@switchboard/ui/toast";
import { Plus, X } from "lucide-preact";
import { useRef } from "preact/hooks";
import { InPlace } from "./in-place";
import { Fact, Section } from "./parts";
import type { Save } from "./who";

interface AttributesProps {
  readonly contact: Contact;
  /** Absent: this reader changes nothing. */
  readonly save?: Save | undefined;
}

export function Attributes({ contact, save }: AttributesProps) {
  const adding = useSignal(false);
  const more = useRef<HTMLButtonElement>(null);
  const all = Object.entries(contact.attributes ?? {});
  if (!save) return <Known all={all} />;
  const set = (name: string, value: string): Promise<void> => save(contact, { attributes: { [name]: value } });
  // Why it was not saved is said already.
  const tried = (saving: Promise<void>): Promise<boolean> => saving.then(() => true).catch(() => false);
  const back = (): number => requestAnimationFrame(() => more.current?.focus());
  const remove = async (name: string, value: string): Promise<void> => {
    if (!(await tried(set(name, "")))) return;
    back();
    toast({ text: t("panel.attributeRemoved", { name }), onUndo: () => void tried(set(name, value)) });
  };
  const done = (): void => {
    adding.value = false;
    back();
  };
  return (
    <Section
      title={t("panel.attributes")}
      action={
        <IconButton
          icon={Plus}
          size="small"
          buttonRef={more}
          label={t("panel.addAttribute")}
          aria-disabled={all.length >= ATTRIBUTES || undefined}
          onClick={() => (adding.value = all.length < ATTRIBUTES)}
        />
      }
    >
      {all.length > 0 && (
        <dl class="dk-facts">
          {all.map(([name, value]) => (
            <Fact key={name} label={name}>
              <span class="dk-attribute">
                <InPlace label={name} value={value} empty={t("action.add")} save={(next) => set(name, next)} />
                <IconButton
                  icon={X}
                  size="small"
                  iconSize={14}
                  tooltip="none"
                  label={t("panel.removeAttribute", { name })}
                  onClick={() => void remove(name, value)}
                />
              </span>
            </Fact>
          ))}
        </dl>
      )}
      {adding.value && <NewAttribute set={set} done={done} />}
    </Section>
  );
}

function Known({ all }: { readonly all: readonly (readonly [string, string])[] }) {
  if (all.length === 0) return null;
  return (
    <Section title={t("panel.attributes")}>
      <dl class="dk-facts">
        {all.map(([name, value]) => (
          <Fact key={name} label={name}>
            <InPlace label={name} value={value} empty="" />
          </Fact>
        ))}
      </dl>
    </Section>
  );
}

/** Enter keeps it, Escape does not; a refusal keeps what was written. */
function NewAttribute({ set, done }: { set(name: string, value: string): Promise<void>; done(): void }) {
  const busy = useSignal(false);
  const send = async (form: HTMLFormElement): Promise<void> => {
    const typed = new FormData(form);
    const text = (field: string): string => String(typed.get(field)).trim();
    if (text("name") === "" || text("value") === "") return;
    busy.value = true;
    try {
      await set(text("name"), text("value"));
      done();
    } catch {
      busy.value = false;
    }
  };
  return (
    <form
      class="dk-attribute-new"
      onSubmit={(event) => {
        event.preventDefault();
        void send(event.currentTarget);
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        // The form alone: what stands around it stays.
        event.preventDefault();
        event.stopPropagation();
        done();
      }}
    >
      <TextField label={t("panel.attributeName")} name="name" required autofocus maxLength={ATTRIBUTE_NAME_CHARS} />
      <TextField label={t("panel.attributeValue")} name="value" required maxLength={ATTRIBUTE_CHARS} />
      <div class="dk-person__choice">
        <Button size="small" type="submit" busy={busy.value}>
          {t("action.add")}
        </Button>
        <Button size="small" onClick={done}>
          {t("action.cancel")}
        </Button>
      </div>
    </form>
  );
}
