/** A link for a colleague who has forgotten their password. It is shown this once. */
import { useSignal } from "@preact/signals";
import type { Agent, PasswordLink } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { t } from "@switchboard/ui/i18n/more";
import { locale } from "@switchboard/ui/ticker";
import { exact } from "@switchboard/ui/time";
import { KeyRound } from "lucide-preact";
import { useDesk } from "../../context";
import { Copyable, copy, doing } from "./parts";

/** Whether somebody of the team may let this one in: nobody themselves, and an owner only owners. */
export function mayLetIn(by: Agent, agent: Agent): boolean {
  const manages = by.role === "owner" || (by.role === "admin" && agent.role !== "owner");
  return manages && by.id !== agent.id && !agent.disabled;
}

function addressOf({ link }: PasswordLink): string {
  return new URL(link, window.location.origin).href;
}

export function MakePasswordLink({ agent }: { readonly agent: Agent }) {
  const { api } = useDesk();
  const made = useSignal<PasswordLink | null>(null);
  const address = made.value && addressOf(made.value);
  const make = (): Promise<unknown> =>
    doing(async () => {
      made.value = await api("POST /api/agents/{id}/password-link", { id: agent.id });
      // Not every browser allows it so long after the click; there is a button for it too.
      await copy(addressOf(made.value)).catch(() => undefined);
    });
  return (
    <div class="dk-password-link">
      <Button icon={KeyRound} onClick={() => void make()}>
        {t("settings.passwordLink")}
      </Button>
      <div role="status">
        {made.value && address !== null && (
          <>
            <p>
              {t("settings.passwordLinkMade", {
                name: agent.name,
                time: exact(made.value.expires_at, locale.value),
              })}
            </p>
            <Copyable text={address} label={t("settings.copyLink")} />
          </>
        )}
      </div>
    </div>
  );
}
