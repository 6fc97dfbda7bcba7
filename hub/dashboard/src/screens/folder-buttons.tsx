/** How to come to the folders where they are folded or have no room. */
import { t } from "@switchboard/ui/i18n/desk";
import { IconButton } from "@switchboard/ui/icon-button";
import { Menu, PanelLeft } from "lucide-preact";
import { folders } from "../preferences";
import { folderDrawer } from "./folders";

export function FolderButtons() {
  return (
    <>
      <IconButton
        class="dk-only-narrow"
        icon={Menu}
        label={t("folders.title")}
        tooltip="none"
        onClick={() => (folderDrawer.value = true)}
      />
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
