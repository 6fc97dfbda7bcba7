/** Whom one asks for what one may not do oneself. */
import { list } from "@switchboard/ui/i18n";
import { t } from "@switchboard/ui/i18n/more";
import { useDesk } from "../context";

/** Of a large house so many are named. */
const NAMED = 3;

/** Names of owners and admins, as a sentence has them. */
export function useAdmins(): string {
  const admins = [...useDesk().house.value.agents.values()].filter(
    ({ role, disabled }) => !disabled && (role === "owner" || role === "admin"),
  );
  if (admins.length === 0) return t("settings.anAdmin");
  return list(
    admins.slice(0, NAMED).map(({ name }) => `\u2068${name}\u2069`),
    "disjunction",
  );
}
