/** When an inbox is open: its place's clocks, the times of each day, holidays. */
import { useSignal } from "@preact/signals";
import { HOLIDAYS, type Inbox, type InboxHours, SPANS_OF_DAY, type Weekday } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { Select, TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/channels";
import { IconButton } from "@switchboard/ui/icon-button";
import { locale } from "@switchboard/ui/ticker";
import { toast } from "@switchboard/ui/toast";
import { Plus, X } from "lucide-preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useDesk } from "../../../context";
import { Form, FormError, type Sending, useSending } from "../../../parts/form";
import { Group, Optional } from "../channels/fields";
import { useAsked, Waiting } from "../parts";
import {
  draftOf,
  freshDraft,
  type HoursDraft,
  hoursOf,
  likeMonday,
  onDay,
  placeOf,
  type SpanDraft,
  WEEK,
  withSpan,
  zoneHere,
  zones,
} from "./week";
import "./hours.css";

export function HoursPart({ inbox }: { readonly inbox: Inbox }) {
  const { api } = useDesk();
  const asked = useAsked<InboxHours>(() => api("GET /api/inboxes/{id}/hours", { id: inbox.id }));
  const kept = asked.value.value;
  return (
    <section class="dk-part dk-part--form">
      <h3>{t("hours.title")}</h3>
      {kept ? (
        <HoursForm inbox={inbox} kept={kept} saved={(next) => (asked.value.value = next)} />
      ) : (
        <Waiting asked={asked} />
      )}
    </section>
  );
}

interface HoursFormProps {
  readonly inbox: Inbox;
  readonly kept: InboxHours;
  saved(hours: InboxHours): void;
}

function HoursForm({ inbox, kept, saved }: HoursFormProps) {
  const { api } = useDesk();
  const sending = useSending();
  const typed = useSignal<HoursDraft | null | undefined>(undefined);
  const draft = typed.value === undefined ? kept.hours && draftOf(kept.hours) : typed.value;
  const save = async (): Promise<void> => {
    const body: InboxHours = { hours: draft && hoursOf(draft) };
    saved(await api("PUT /api/inboxes/{id}/hours", { id: inbox.id, body }));
    typed.value = undefined;
    toast({ text: t("settings.saved") });
  };
  return (
    <Form onSend={() => void sending.send(save)}>
      <Optional
        label={t("hours.on")}
        {...(draft ? {} : { help: t("hours.none") })}
        on={draft !== null}
        turn={(on) => (typed.value = on ? freshDraft(zoneHere()) : null)}
      >
        {draft && <Fields draft={draft} sending={sending} change={(next) => (typed.value = next)} />}
      </Optional>
      <FormError sending={sending} />
      <div class="dk-form__foot">
        <Button type="submit" busy={sending.busy}>
          {t("settings.save")}
        </Button>
        {typed.value !== undefined && <span class="dk-unsaved">{t("inbox.unsaved")}</span>}
      </div>
    </Form>
  );
}

interface FieldsProps {
  readonly draft: HoursDraft;
  readonly sending: Sending;
  change(next: HoursDraft): void;
}

function Fields({ draft, sending, change }: FieldsProps) {
  // Of the week as a whole; what is wrong with one of its times stands with that.
  const week = sending.error?.fields?.some((one) => one.field === "hours.open") && sending.fieldError("hours.open");
  return (
    <>
      <Select
        label={t("hours.zone")}
        value={draft.zone}
        options={zones(draft.zone).map((zone) => ({ value: zone, label: zone.replaceAll("_", " ") }))}
        error={sending.fieldError("hours.zone")}
        onChange={(event) => change({ ...draft, zone: event.currentTarget.value })}
      />
      <Group title={t("hours.days")} help={t("hours.daysHelp")}>
        <div class="dk-week">
          {WEEK.map((day) => (
            <Day key={day} day={day} draft={draft} sending={sending} change={change} />
          ))}
        </div>
        {week && (
          <p class="dk-form-error" role="alert">
            {week}
          </p>
        )}
        <Button class="dk-week__copy" onClick={() => change(likeMonday(draft))}>
          {t("hours.copy")}
        </Button>
      </Group>
      <Holidays draft={draft} sending={sending} change={change} />
    </>
  );
}

/** What has come or gone takes the focus along: the new field, or the button that brings one. */
function useFocus() {
  const box = useRef<HTMLDivElement>(null);
  const next = useRef<string | null>(null);
  useLayoutEffect(() => {
    if (next.current === null) return;
    box.current?.querySelector<HTMLElement>(next.current)?.focus();
    next.current = null;
  });
  return { box, go: (where: string) => (next.current = where) };
}

function Day({ day, draft, sending, change }: FieldsProps & { readonly day: Weekday }) {
  const { box, go } = useFocus();
  const spans = draft.days[day];
  const name = dayName(day);
  const set = (place: number, part: Partial<SpanDraft>): void =>
    change(
      onDay(
        draft,
        day,
        spans.map((span, at) => (at === place ? { ...span, ...part } : span)),
      ),
    );
  const add = (): void => {
    go(".dk-span:last-of-type input");
    change(withSpan(draft, day));
  };
  const remove = (place: number): void => {
    go(".dk-day__add");
    change(
      onDay(
        draft,
        day,
        spans.filter((_, at) => at !== place),
      ),
    );
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out in a row with its legend.
    <div class="dk-day" role="group" aria-label={name} ref={box}>
      <strong>{name}</strong>
      <div class="dk-day__spans">
        {spans.length === 0 && <span class="dk-muted">{t("hours.closed")}</span>}
        {spans.map((span, place) => {
          const wrong = sending.fieldError(`hours.open.${placeOf(draft, day, place)}`);
          return (
            <div key={place} class="dk-span" data-wrong={wrong !== undefined || undefined}>
              {(["from", "to"] as const).map((end) => (
                <TextField
                  key={end}
                  label={t(`hours.${end}`, { day: name })}
                  bare
                  type="time"
                  required
                  value={span[end]}
                  aria-invalid={wrong !== undefined || undefined}
                  onInput={(event) => set(place, { [end]: event.currentTarget.value })}
                />
              ))}
              <IconButton
                icon={X}
                size="small"
                tooltip="none"
                label={t("hours.remove", { ...span, day: name })}
                onClick={() => remove(place)}
              />
              {wrong !== undefined && (
                <p class="dk-form-error" role="alert">
                  {wrong}
                </p>
              )}
            </div>
          );
        })}
      </div>
      <IconButton
        class="dk-day__add"
        icon={Plus}
        size="small"
        tooltip="none"
        label={t("hours.add", { day: name })}
        aria-disabled={spans.length >= SPANS_OF_DAY || undefined}
        onClick={() => spans.length < SPANS_OF_DAY && add()}
      />
    </div>
  );
}

function Holidays({ draft, sending, change }: FieldsProps) {
  const { box, go } = useFocus();
  const typed = useSignal("");
  const { holidays } = draft;
  const add = (): void => {
    if (typed.value === "") return;
    const next = [...new Set([...holidays, typed.value])].sort();
    typed.value = "";
    go("input");
    change({ ...draft, holidays: next });
  };
  const remove = (day: string): void => {
    go("input");
    change({ ...draft, holidays: holidays.filter((one) => one !== day) });
  };
  return (
    <Group title={t("hours.holidays")} help={t("hours.holidaysHelp")}>
      <div class="dk-holidays" ref={box}>
        {holidays.length > 0 && (
          <ul>
            {holidays.map((day) => (
              <li key={day}>
                <time dateTime={day}>{dateName(day)}</time>
                <IconButton
                  icon={X}
                  size="small"
                  tooltip="none"
                  label={t("hours.removeHoliday", { day: dateName(day) })}
                  onClick={() => remove(day)}
                />
              </li>
            ))}
          </ul>
        )}
        <div class="dk-holidays__new">
          <TextField
            label={t("hours.holiday")}
            type="date"
            value={typed.value}
            error={sending.fieldError("hours.holidays")}
            onInput={(event) => (typed.value = event.currentTarget.value)}
            onKeyDown={(event) => {
              // The day, and not yet the form.
              if (event.key !== "Enter" || typed.value === "") return;
              event.preventDefault();
              add();
            }}
          />
          <Button disabled={typed.value === "" || holidays.length >= HOLIDAYS} onClick={add}>
            {t("hours.addHoliday")}
          </Button>
        </div>
      </div>
    </Group>
  );
}

/** Under the choice of an inbox in which a bot is to answer outside of hours that nobody has set. */
export function NoHours({ inbox }: { readonly inbox: Pick<Inbox, "id" | "name"> }) {
  const { api } = useDesk();
  const asked = useAsked<InboxHours>(() => api("GET /api/inboxes/{id}/hours", { id: inbox.id }));
  if (asked.value.value?.hours !== null) return null;
  return (
    <p class="dk-no-hours dk-muted" role="status">
      {t("bot.noHours", { inbox: inbox.name })}
    </p>
  );
}

/** Of a week that began on a Monday. */
function dayName(day: Weekday): string {
  const date = Date.UTC(2024, 0, 1 + WEEK.indexOf(day));
  return new Intl.DateTimeFormat(locale.value.language, { weekday: "long", timeZone: "UTC" }).format(date);
}

function dateName(day: string): string {
  const style = { dateStyle: "long", timeZone: "UTC" } as const;
  return new Intl.DateTimeFormat(locale.value.language, style).format(new Date(`${day}T00:00:00Z`));
}
