/** Whom a template is for, in words. */
import type { TemplateFor } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/templates";
import type { House } from "../desk/core";

export function forText(whose: TemplateFor, { teams }: Pick<House, "teams">): string {
  switch (whose.scope) {
    case "personal":
      return t("templates.personal");
    case "team":
      return (whose.team_id !== null && teams.get(whose.team_id)?.name) || t("templates.teamGone");
    case "all":
      return t("templates.all");
  }
}
