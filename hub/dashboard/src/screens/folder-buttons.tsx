/** How to come to the folders where they are folded or have no room. */
import { t } from "@switchboard/ui/i18n/desk";
import { IconButton } from "@switchboard/ui/icon-button";
import { Menu, PanelLeft } from "lucide-preact";
import { useDesk } from "../context";
import { folders } from "../preferences";
import { folderDrawer } from "./folders";
import { Count } from "./notices/bell";

export function FolderButtons() {
  return (
    <>
      <span class="dk-bell dk-bell--menu dk-only-narrow">
        <IconButton icon={Menu} label={t("folders.title")} tooltip="none" onClick={() => (folderDrawer.value = true)} />
        <Count of={useDesk().notices.unread.value} />
      </span>
      {folders.value === "folded" && (
        <IconButton
          class="dk-only-wide"
          icon={PanelLeft}
          mirrored
          label={t("folders.show")}
          tooltip="bottom"
          onClick={() => (folders.value = "open")}
        />
      )}
    </>
  );
}
