// List and conversation side by side, alive: what the dashboard's two main columns look like together.

import { Button } from "@switchboard/ui/button";
import { Composer, type ComposerMode } from "@switchboard/ui/composer";
import { ConversationRow } from "@switchboard/ui/conversation-row";
import { DayLine } from "@switchboard/ui/day-line";
import { t } from "@switchboard/ui/i18n/dashboard";
import { IconButton } from "@switchboard/ui/icon-button";
import { beginsGroup, MessageItem, type MessageItemProps } from "@switchboard/ui/message-item";
import { SystemLine } from "@switchboard/ui/system-line";
import { TypingLine } from "@switchboard/ui/typing";
import { AlarmClock, Check, ListFilter, MoreHorizontal } from "lucide-preact";
import { useState } from "preact/hooks";

import { AFTER_NOON, ANNA, BEFORE_NOON, MARIE, minutesAgo, ROWS } from "../fixtures";
import { NAMES } from "./conversation";

type Said = Omit<MessageItemProps, "first">;

function Messages({ said }: { readonly said: readonly Said[] }) {
  const grouped = (message: Said) => ({ authorId: message.author.id, note: message.note ?? false, at: message.at });
  return (
    <>
      {said.map((message, i) => {
        const before = said[i - 1];
        return (
          <MessageItem key={message.at} {...message} first={beginsGroup(before && grouped(before), grouped(message))} />
        );
      })}
    </>
  );
}

export function Desk() {
  const [mode, setMode] = useState<ComposerMode>("reply");
  const [text, setText] = useState("");
  const [said, setSaid] = useState(AFTER_NOON);
  const [chosen, setChosen] = useState("#marie");
  const send = () => {
    const last: Said = {
      author: { kind: "agent", ...ANNA },
      note: mode === "note",
      at: Date.now(),
      text,
      ...(mode === "reply" ? { delivery: "sent" as const } : {}),
    };
    setSaid([...said.map(({ delivery: _, ...message }) => message), last]);
    setText("");
  };
  return (
    <div class="desk">
      <nav class="desk__list" aria-label="Inbox">
        <div class="desk__head">
          <span class="desk__title">Inbox</span>
          <IconButton icon={ListFilter} label="Filter" keys="F" />
        </div>
        <div class="list">
          {ROWS.map((row) => (
            <ConversationRow
              key={row.href}
              {...row}
              selected={row.href === chosen}
              onOpen={() => setChosen(row.href)}
            />
          ))}
        </div>
      </nav>
      <div>
        <div class="desk__head">
          <span class="desk__title">{MARIE.name}</span>
          <IconButton icon={AlarmClock} label={t("conversation.remind")} keys="H" />
          <IconButton icon={MoreHorizontal} label={t("action.more")} />
          <Button icon={Check} keys="E">
            {t("conversation.close")}
          </Button>
        </div>
        <div class="thread">
          <div role="log" aria-label={MARIE.name}>
            <DayLine at={minutesAgo(180)} />
            <Messages said={BEFORE_NOON} />
            <SystemLine names={NAMES} by={ANNA} at={minutesAgo(55)} line={{ kind: "assigned", agent_id: ANNA.id }} />
            <Messages said={said} />
          </div>
          <div style={{ marginBlock: "var(--sb-4) var(--sb-2)" }}>
            <TypingLine names={["Marie"]} />
          </div>
          <Composer
            mode={mode}
            onMode={setMode}
            value={text}
            onInput={setText}
            onSend={send}
            to="Marie"
            onFiles={() => {}}
          />
        </div>
      </div>
    </div>
  );
}
