/** By what a web inbox's site signs who is signed in there: made, shown once, renewed and taken away. */
import { useSignal } from "@preact/signals";
import type { Inbox, InboxIdentity } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { Dialog } from "@switchboard/ui/dialog";
import { Select } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/channels";
import { locale } from "@switchboard/ui/ticker";
import { exact } from "@switchboard/ui/time";
import { useDesk } from "../../../context";
import { Copyable, doing, useAsked, Waiting } from "../parts";
import { PAGE, SAMPLES, type Sample } from "./samples";

export function IdentityPart({ inbox }: { readonly inbox: Inbox }) {
  const { api } = useDesk();
  const asked = useAsked<InboxIdentity>(() => api("GET /api/inboxes/{id}/identity", { id: inbox.id }));
  const kept = asked.value.value;
  return (
    <section class="dk-part dk-part--form" data-part="identity">
      <h3>{t("identity.title")}</h3>
      <p class="dk-muted">{t("identity.body")}</p>
      {kept ? (
        <Secret inbox={inbox} kept={kept} changed={(next) => (asked.value.value = next)} />
      ) : (
        <Waiting asked={asked} />
      )}
    </section>
  );
}

interface SecretProps {
  readonly inbox: Inbox;
  readonly kept: InboxIdentity;
  changed(identity: InboxIdentity): void;
}

function Secret({ inbox, kept, changed }: SecretProps) {
  const { api } = useDesk();
  const asking = useSignal<"renew" | "remove" | null>(null);
  const shown = useSignal<string | null>(null);
  const busy = useSignal(false);
  const { id } = inbox;
  const make = async (old_hours: number): Promise<void> => {
    asking.value = null;
    busy.value = true;
    await doing(async () => {
      const { secret, ...identity } = await api("POST /api/inboxes/{id}/identity", { id, body: { old_hours } });
      shown.value = secret;
      changed(identity);
    });
    busy.value = false;
  };
  const remove = async (): Promise<void> => {
    asking.value = null;
    await doing(async () => {
      await api("DELETE /api/inboxes/{id}/identity", { id });
      shown.value = null;
      changed({ made_at: null, old_until: null });
    }, t("identity.removed"));
  };
  return (
    <>
      <p>
        {kept.made_at === null ? t("identity.none") : t("identity.since", { time: exact(kept.made_at, locale.value) })}
      </p>
      {kept.old_until !== null && <p>{t("identity.oldUntil", { time: exact(kept.old_until, locale.value) })}</p>}
      {shown.value !== null && (
        <div role="status">
          <p>{t("identity.once")}</p>
          <Copyable text={shown.value} label={t("identity.copy")} />
        </div>
      )}
      {kept.made_at !== null && <Samples />}
      <div class="dk-form__foot">
        {kept.made_at === null ? (
          <Button busy={busy.value} onClick={() => void make(0)}>
            {t("identity.make")}
          </Button>
        ) : (
          <>
            <Button busy={busy.value} onClick={() => (asking.value = "renew")}>
              {t("identity.renew")}
            </Button>
            <Button onClick={() => (asking.value = "remove")}>{t("identity.remove")}</Button>
          </>
        )}
      </div>
      {asking.value === "renew" && <Renew inbox={inbox} make={make} close={() => (asking.value = null)} />}
      {asking.value === "remove" && (
        <Dialog
          title={t("identity.removeTitle", { name: inbox.name })}
          onClose={() => (asking.value = null)}
          actions={
            <>
              <Button onClick={() => (asking.value = null)}>{t("identity.keep")}</Button>
              <Button kind="danger" onClick={() => void remove()}>
                {t("identity.remove")}
              </Button>
            </>
          }
        >
          <p>{t("identity.removeBody")}</p>
        </Dialog>
      )}
    </>
  );
}

interface RenewProps {
  readonly inbox: Inbox;
  make(oldHours: number): Promise<void>;
  close(): void;
}

function Renew({ inbox, make, close }: RenewProps) {
  const hours = useSignal("24");
  return (
    <Dialog
      title={t("identity.renewTitle", { name: inbox.name })}
      onClose={close}
      actions={
        <>
          <Button onClick={close}>{t("action.cancel")}</Button>
          <Button kind="primary" onClick={() => void make(Number(hours.value))}>
            {t("identity.renew")}
          </Button>
        </>
      }
    >
      <p>{t("identity.renewBody")}</p>
      <Select
        label={t("identity.old")}
        value={hours.value}
        options={[
          { value: "24", label: t("identity.oldDay") },
          { value: "168", label: t("identity.oldWeek") },
          { value: "0", label: t("identity.oldGone") },
        ]}
        onChange={(event) => (hours.value = event.currentTarget.value)}
      />
    </Dialog>
  );
}

function Samples() {
  const sample = useSignal<Sample>("node");
  return (
    <>
      <Select
        label={t("identity.server")}
        value={sample.value}
        options={Object.entries(SAMPLES).map(([value, { name }]) => ({ value, label: name }))}
        onChange={(event) => (sample.value = event.currentTarget.value as Sample)}
      />
      <Copyable text={SAMPLES[sample.value].code} label={t("identity.copyServer")} />
      <p>{t("identity.page")}</p>
      <Copyable text={PAGE} label={t("identity.copyPage")} />
    </>
  );
}
