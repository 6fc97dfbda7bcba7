/** Every key, in words. */
import { Button } from "@switchboard/ui/button";
import { Dialog } from "@switchboard/ui/dialog";
import { type MoreWords, t } from "@switchboard/ui/i18n/more";
import { Kbd } from "@switchboard/ui/kbd";
import { closeOverlay } from "../overlay";
import "./help.css";

type KeyWords = Extract<keyof MoreWords, `key.${string}` | "start.title" | "many.all" | "emoji.add">;

const HELP: readonly {
  readonly group: "list" | "conversation" | "page";
  readonly keys: readonly (readonly [string, KeyWords])[];
}[] = [
  {
    group: "list",
    keys: [
      ["J", "key.next"],
      ["K", "key.previous"],
      ["Enter", "key.open"],
      ["Escape", "key.back"],
      [".", "key.newer"],
      ["X", "key.pick"],
      ["Shift+ArrowDown", "key.pickMore"],
      ["Shift+ArrowUp", "key.pickBefore"],
      ["Mod+A", "many.all"],
    ],
  },
  {
    group: "conversation",
    keys: [
      ["R", "key.reply"],
      ["N", "key.note"],
      ["Q", "key.answerLast"],
      ["Mod+Shift+Enter", "key.sendAndClose"],
      ["E", "key.close"],
      ["A", "key.assign"],
      ["M", "key.takeIt"],
      ["G", "key.team"],
      ["H", "key.snooze"],
      ["T", "key.tags"],
      ["L", "key.priority"],
      ["F", "key.flag"],
      ["U", "key.unread"],
      ["Y", "key.archive"],
      ["!", "key.spam"],
      ["Delete", "key.trash"],
      ["I", "key.restore"],
      ["B", "key.bots"],
      ["W", "key.runBot"],
      ["Mod+E", "emoji.add"],
      ["P", "key.panel"],
    ],
  },
  {
    group: "page",
    keys: [
      ["C", "start.title"],
      ["Mod+K", "key.palette"],
      ["O", "key.goTo"],
      ["/", "key.search"],
      ["Z", "key.undo"],
      ["?", "key.help"],
    ],
  },
];

export function Help() {
  return (
    <Dialog
      title={t("help.title")}
      size="medium"
      onClose={closeOverlay}
      actions={<Button onClick={closeOverlay}>{t("action.close")}</Button>}
    >
      <div class="dk-help">
        {HELP.map(({ group, keys }) => (
          <section key={group}>
            <h3>{t(`help.group.${group}`)}</h3>
            <dl>
              {keys.map(([key, words]) => (
                <div key={key}>
                  <dt>{t(words)}</dt>
                  <dd>
                    <Kbd keys={key} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
