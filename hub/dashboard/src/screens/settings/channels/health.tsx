/** How a channel does: whether it works, when it was last used, what waits. */
import type { ChannelHealth, ChannelSetup, ChannelState, InboxId } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/channels";
import { Icon } from "@switchboard/ui/icon";
import { Moment } from "@switchboard/ui/moment";
import { CircleCheck, CircleX, Clock, type LucideIcon, TriangleAlert, Unplug } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { Copyable } from "../parts";
import type { SetUpChannel } from "./draft";
import { Held } from "./held";

const MARKS: Readonly<Record<ChannelState, LucideIcon>> = {
  starting: Clock,
  working: CircleCheck,
  away: TriangleAlert,
  broken: CircleX,
  unconnected: Unplug,
};

/** The state in words, for a line of the list. */
export function StateWords({ of }: { readonly of: ChannelSetup }) {
  const { state } = of.health;
  if (of.settings === null) return <>{t("inbox.notSetUp")}</>;
  const bad = state === "away" || state === "broken";
  return (
    <span class={`dk-state dk-state--${state}`}>
      {bad && <Icon of={MARKS[state]} size={14} />}
      {t(`inbox.state.${state}`)}
    </span>
  );
}

export function Health({ of, inbox }: { readonly of: ChannelHealth; readonly inbox: InboxId }) {
  const { state, trouble, since } = of;
  return (
    <section class="dk-health" aria-label={t("inbox.health")}>
      <p class={`dk-health__state dk-health__state--${state}`}>
        <Icon of={MARKS[state]} />
        <strong>{t(`inbox.state.${state}`)}</strong>
        {since !== undefined && <Moment at={since} as="since" class="dk-muted sb-figures" />}
      </p>
      {(state === "away" || state === "broken") && (
        <p>
          {trouble !== undefined && (
            <>
              <bdi>{trouble}</bdi>{" "}
            </>
          )}
          <span class="dk-muted">{t(`inbox.stateHelp.${state}`)}</span>
        </p>
      )}
      {state === "unconnected" && <p class="dk-muted">{t("inbox.stateHelp.unconnected")}</p>}
      <dl class="dk-health__facts">
        <Fact name={t("inbox.lastReceived")}>
          <Last at={of.last_received_at} />
        </Fact>
        <Fact name={t("inbox.lastSent")}>
          <Last at={of.last_sent_at} />
        </Fact>
        <Fact name={t("inbox.waiting")}>{t("inbox.messages", { n: of.waiting })}</Fact>
        <Fact name={t("inbox.failed")} wrong={of.failed > 0}>
          {t("inbox.messages", { n: of.failed })}
        </Fact>
      </dl>
      {of.waiting + of.failed > 0 && <Held inbox={inbox} />}
    </section>
  );
}

function Last({ at }: { readonly at: number | undefined }) {
  return at === undefined ? <span class="dk-muted">{t("inbox.never")}</span> : <Moment at={at} class="sb-figures" />;
}

interface FactProps {
  readonly name: string;
  readonly wrong?: boolean;
  readonly children: ComponentChildren;
}

function Fact({ name, wrong = false, children }: FactProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={wrong ? "dk-health__wrong" : undefined}>{children}</dd>
    </div>
  );
}

/** Where the provider calls, and where in the provider's pages that is written down. */
export function Webhook({ setup, kind }: { readonly setup: ChannelSetup; readonly kind: SetUpChannel }) {
  const { webhook, settings } = setup;
  // A mailbox and a bot can do without.
  if (settings === null)
    return kind === "sms" || kind === "gateway" ? <p class="dk-muted">{t("inbox.webhookLater")}</p> : null;
  if (settings.kind === "telegram" && settings.mode === "polling") return null;
  if (webhook === null) return <p class="dk-muted">{t("inbox.webhookNone")}</p>;
  return (
    <section class="dk-webhook">
      <h3>{t("inbox.webhook")}</h3>
      <p>{t(`inbox.webhookFor.${kind}`)}</p>
      <Copyable text={webhook} label={t("inbox.copyWebhook")} />
    </section>
  );
}
