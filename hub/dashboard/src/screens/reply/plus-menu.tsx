/** What else can be put into an answer, beside the paper clip. */
import { t } from "@switchboard/ui/i18n/desk";
import { IconButton } from "@switchboard/ui/icon-button";
import { Menu } from "@switchboard/ui/menu";
import { FileText, Plus, Settings2 } from "lucide-preact";
import { go } from "../../router";

export function PlusMenu({ onTemplate }: { onTemplate(): void }) {
  return (
    <Menu
      label={t("reply.add")}
      side="top"
      opener={(opener) => <IconButton icon={Plus} label={t("reply.add")} tooltip="none" {...opener} />}
      entries={[
        { label: t("reply.template"), icon: FileText, keys: "/", onChoose: onTemplate },
        { kind: "line" },
        { label: t("reply.templatesManage"), icon: Settings2, onChoose: () => go("/settings/templates") },
      ]}
    />
  );
}
