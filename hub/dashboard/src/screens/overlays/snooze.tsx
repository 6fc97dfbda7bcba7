/** "Remind me": a few moments of the person's own clock, or one that they choose. */
import { type Signal, useSignal } from "@preact/signals";
import type { ConversationId } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { Checkbox } from "@switchboard/ui/checkbox";
import { Dialog } from "@switchboard/ui/dialog";
import { TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/desk";
import { locale } from "@switchboard/ui/ticker";
import { atWallClock, browserZone, coming, wallClock } from "@switchboard/ui/time";
import { AlarmClock, CalendarClock } from "lucide-preact";
import { useLayoutEffect } from "preact/hooks";
import { useDesk } from "../../context";
import { Form } from "../../parts/form";
import { Picker } from "../../parts/picker";
import { openId } from "../../router";
import { snoozeChoices } from "../../state/snooze";
import { focusLost } from "../focus";

interface SnoozeProps {
  /** Null: of all that is selected. */
  readonly of: ConversationId | null;
  close(): void;
  /** `stays`: also when the customer answers before. */
  choose(at: number, stays: boolean): void;
}

export function Snooze({ of, close, choose }: SnoozeProps) {
  const desk = useDesk();
  const own = useSignal(false);
  const row = of === null ? undefined : desk.rowNow(of);
  const stays = useSignal(row?.status === "snoozed" && (row.snooze_stays ?? false));
  // The second dialog comes from the first, which has gone when that one gives the focus back.
  useLayoutEffect(() => {
    const before = document.activeElement;
    return () => {
      requestAnimationFrame(() => {
        // After a choice the next conversation stands there, to which nobody has turned yet.
        if (!focusLost() || (of !== null && openId() !== of)) return;
        const back = before instanceof HTMLElement && before !== document.body && before.isConnected ? before : null;
        (back ?? document.querySelector<HTMLElement>(".dk-thread"))?.focus();
      });
    };
  }, []);
  const now = desk.clock();
  const choices = snoozeChoices(now, locale.value.zone);
  if (own.value) return <OwnTime close={close} choose={choose} stays={stays} />;
  return (
    <Picker
      label={t("snooze.pick")}
      items={[
        ...choices.map((one) => ({
          id: one.id,
          label: t(`snooze.${one.id}`),
          hint: coming(one.at, now, locale.value),
          icon: AlarmClock,
        })),
        { id: "own", label: t("snooze.own"), icon: CalendarClock },
      ]}
      close={close}
      choose={(id) => {
        const choice = choices.find((one) => one.id === id);
        if (choice) choose(choice.at, stays.value);
      }}
      stays={(id) => {
        if (id !== "own") return false;
        own.value = true;
        return true;
      }}
      foot={<Stays of={stays} />}
    />
  );
}

function Stays({ of }: { readonly of: Signal<boolean> }) {
  return <Checkbox label={t("snooze.stays")} checked={of.value} onChange={(on) => (of.value = on)} />;
}

interface OwnTimeProps extends Pick<SnoozeProps, "close" | "choose"> {
  readonly stays: Signal<boolean>;
}

function OwnTime({ close, choose, stays }: OwnTimeProps) {
  const desk = useDesk();
  const { zone } = locale.value;
  const least = fieldText(desk.clock() + 60_000, zone);
  return (
    <Dialog title={t("snooze.own")} onClose={close}>
      <Form
        onSend={(form) => {
          const at = atWallClock(Date.parse(`${String(form.get("at"))}Z`), zone);
          if (!(at > desk.clock())) return;
          close();
          choose(at, stays.value);
        }}
      >
        <TextField
          label={t("snooze.ownAt")}
          name="at"
          type="datetime-local"
          {...(zone === browserZone() ? {} : { help: t("snooze.ownZone", { zone }) })}
          required
          autofocus
          min={least}
          defaultValue={fieldText(snoozeChoices(desk.clock(), zone)[0]?.at ?? desk.clock(), zone)}
        />
        <Stays of={stays} />
        <div class="dk-form__foot">
          <Button kind="primary" type="submit">
            {t("snooze.set")}
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}

/** As the field wants it: the person's own clock, to the minute. */
function fieldText(at: number, zone: string): string {
  return new Date(wallClock(at, zone)).toISOString().slice(0, 16);
}
