// A conversation's parts, each in each of its states.

import { AttachmentTile } from "@switchboard/ui/attachment-tile";
import { Banner } from "@switchboard/ui/banner";
import { Button } from "@switchboard/ui/button";
import { Composer, type ComposerMode } from "@switchboard/ui/composer";
import { ConversationRow } from "@switchboard/ui/conversation-row";
import { DayLine, UnreadLine } from "@switchboard/ui/day-line";
import { t } from "@switchboard/ui/i18n/dashboard";
import { IconButton } from "@switchboard/ui/icon-button";
import { MessageItem } from "@switchboard/ui/message-item";
import { type Names, SystemLine } from "@switchboard/ui/system-line";
import { Copy, Reply } from "lucide-preact";
import { useState } from "preact/hooks";

import {
  ANNA,
  ANNA_WRITES,
  BOT_WRITES,
  daysAgo,
  inHours,
  JONAS,
  JONAS_WRITES,
  MARIE,
  minutesAgo,
  OMAR,
  PICTURE,
  ROWS,
  SAMIRA,
} from "../fixtures";

export const NAMES: Names = {
  agent: (id) => [ANNA, JONAS, SAMIRA].find((agent) => agent.id === id)?.name ?? id,
  team: (id) => (id === "team-workshop" ? "Workshop" : id),
  bot: () => BOT_WRITES.name,
  case: ({ case_number }) => <a href="#case">{case_number}</a>,
};

const nothing = () => {};

export function RowStates() {
  return (
    <div class="stage__columns">
      <nav class="stage list" aria-label="As they are">
        {ROWS.map((row) => (
          <ConversationRow key={row.href} {...row} />
        ))}
      </nav>
      <nav class="stage list" aria-label="Compact" data-density="compact">
        {ROWS.map((row) => (
          <ConversationRow key={row.href} {...row} selected={false} unread={!row.unread} />
        ))}
      </nav>
    </div>
  );
}

export function MessageStates() {
  const long =
    "https://velo.example/orders/88213/parts?with=front-light,lock,rack&for=marie.lefevre@example.org&and=a-very-long-address-that-does-not-end";
  return (
    <div class="stage stage--bare">
      <div class="thread">
        <DayLine at={daysAgo(4)} />
        <MessageItem
          author={MARIE}
          at={daysAgo(4)}
          first
          text="One with buttons: point at it, or tab into it."
          actions={
            <>
              <IconButton size="small" icon={Reply} label={t("compose.reply")} mirrored />
              <IconButton size="small" icon={Copy} label={t("action.copy")} />
            </>
          }
        />
        <MessageItem
          author={OMAR}
          at={daysAgo(4)}
          first
          text={"مرحبًا، هل يمكنني استبدال الخوذة بمقاس أكبر؟\nرقم الطلب 88240، وبريدي omar@example.org"}
        />
        <MessageItem author={MARIE} at={daysAgo(4)} first text={`A long address: ${long}`} />
        <DayLine at={daysAgo(1)} />
        <MessageItem
          author={BOT_WRITES}
          at={daysAgo(1)}
          first
          text="I did not find an order with this number. Could you check it?"
        />
        <MessageItem
          author={BOT_WRITES}
          at={daysAgo(1)}
          first={false}
          text={"Orders look like SB-20417 📦 and are on your receipt.\nA receipt is a mail from us.\nThe code is 4711"}
          formats={[
            { kind: "bold", offset: 0, length: 24 },
            { kind: "code", offset: 17, length: 8 },
            { kind: "quote", offset: 54, length: 29 },
            { kind: "link", offset: 56, length: 7, url: "https://velo.example/receipt" },
            { kind: "spoiler", offset: 96, length: 4 },
          ]}
          keyboard={{
            kind: "inline",
            rows: [[{ text: "Yes" }, { text: "No" }], [{ text: "Our help", url: "https://velo.example/help" }]],
          }}
        />
        <MessageItem
          author={BOT_WRITES}
          at={daysAgo(1)}
          first={false}
          text="When shall we call you?"
          keyboard={{ kind: "choices", rows: [["This morning", "This afternoon"], ["Tomorrow"]], once: true }}
        />
        <MessageItem
          author={ANNA_WRITES}
          at={daysAgo(1)}
          first
          text="That one was mine, I have corrected the number."
          edited
        />
        <MessageItem author={ANNA_WRITES} at={daysAgo(1)} first={false} text="" deleted />
        <MessageItem
          author={JONAS_WRITES}
          at={daysAgo(1)}
          first
          note
          text="Only us: she is the sister of the mayor. https://velo.example/vip"
          attachments={[{ name: "notes.txt", mediaType: "text/plain", bytes: 900, href: "#" }]}
        />
        <UnreadLine />
        <MessageItem
          author={ANNA_WRITES}
          at={minutesAgo(9)}
          first
          text="Sent, and the channel says it failed."
          delivery="failed"
          deliveryWhy="550 mailbox is full"
          deliveryActions={
            <Button kind="quiet" size="small">
              {t("action.retry")}
            </Button>
          }
        />
        <MessageItem
          author={ANNA_WRITES}
          at={minutesAgo(8)}
          first={false}
          text="A crash left doubt about this one."
          delivery="uncertain"
        />
        <MessageItem author={ANNA_WRITES} at={minutesAgo(1)} first={false} text="On its way." delivery="queued" />
        <MessageItem
          author={ANNA_WRITES}
          at={minutesAgo(0)}
          first={false}
          text="Written without a connection."
          delivery="waiting"
        />
      </div>
    </div>
  );
}

export function SystemLines() {
  const by = ANNA;
  return (
    <div class="stage">
      <SystemLine names={NAMES} by={by} at={minutesAgo(90)} line={{ kind: "assigned", agent_id: ANNA.id }} />
      <SystemLine names={NAMES} by={by} at={minutesAgo(80)} line={{ kind: "assigned", agent_id: JONAS.id }} />
      <SystemLine names={NAMES} by={by} at={minutesAgo(79)} line={{ kind: "assigned", agent_id: null }} />
      <SystemLine
        names={NAMES}
        by={by}
        at={minutesAgo(78)}
        line={{ kind: "assignees_changed", added: [JONAS.id, SAMIRA.id], removed: [] }}
      />
      <SystemLine names={NAMES} by={by} at={minutesAgo(77)} line={{ kind: "team_changed", team_id: "team-workshop" }} />
      <SystemLine names={NAMES} by={by} at={minutesAgo(70)} line={{ kind: "snoozed", until: inHours(20) }} />
      <SystemLine names={NAMES} at={minutesAgo(60)} line={{ kind: "woken" }} />
      <SystemLine names={NAMES} by={by} at={minutesAgo(50)} line={{ kind: "priority_changed", priority: "urgent" }} />
      <SystemLine
        names={NAMES}
        by={by}
        at={minutesAgo(49)}
        line={{ kind: "tags_changed", added: ["e-bike", "delivery"], removed: ["billing"] }}
      />
      <SystemLine names={NAMES} by={by} at={minutesAgo(40)} line={{ kind: "closed" }} />
      <SystemLine names={NAMES} at={minutesAgo(30)} line={{ kind: "reopened_by_contact" }} />
      <SystemLine names={NAMES} by={by} at={minutesAgo(20)} line={{ kind: "moved", place: "archived" }} />
      {(["agent", "answered", "handed_over", "asked", "silent", "failing"] as const).map((why) => (
        <SystemLine
          key={why}
          names={NAMES}
          by={by}
          at={minutesAgo(10)}
          line={{ kind: "bot_blocked", bot_id: BOT_WRITES.id, why, until: why === "agent" ? inHours(1) : null }}
        />
      ))}
      <SystemLine names={NAMES} by={by} at={minutesAgo(9)} line={{ kind: "bot_unblocked", bot_id: BOT_WRITES.id }} />
      <SystemLine names={NAMES} by={by} at={minutesAgo(8)} line={{ kind: "bot_asked", bot_id: BOT_WRITES.id }} />
      <SystemLine
        names={NAMES}
        by={MARIE}
        at={minutesAgo(7)}
        line={{ kind: "pressed", number: 3, row: 0, column: 0, text: "Yes" }}
      />
    </div>
  );
}

function Writing({
  begin,
  text,
  ...rest
}: { readonly begin: ComposerMode; readonly text: string } & Partial<Parameters<typeof Composer>[0]>) {
  const [mode, setMode] = useState(begin);
  const [value, setValue] = useState(text);
  return (
    <Composer
      mode={mode}
      onMode={setMode}
      value={value}
      onInput={setValue}
      onSend={() => setValue("")}
      to={MARIE.name}
      onFiles={nothing}
      {...rest}
    />
  );
}

export function ComposerStates() {
  return (
    <div class="stage__columns">
      <Writing begin="reply" text="" />
      <Writing begin="note" text="" />
      <Writing
        begin="reply"
        text="Very good. Until Thursday, and ask for Jonas if I am not there."
        notice={
          <Banner
            tone="warning"
            action={
              <Button size="small" kind="quiet">
                {t("compose.over")}
              </Button>
            }
          >
            {t("compose.overBody", { who: JONAS.name })}
          </Banner>
        }
        files={[
          {
            key: "1",
            name: "gazelle-workshop.jpg",
            mediaType: "image/jpeg",
            bytes: 1_840_000,
            thumbnail: PICTURE,
            onRemove: nothing,
          },
          {
            key: "2",
            name: "manual-gazelle-ultimate-c380-all-languages.pdf",
            mediaType: "application/pdf",
            bytes: 8_400_000,
            state: { kind: "running", part: 0.62 },
            onRemove: nothing,
          },
        ]}
      />
      <Writing begin="note" text={"She paid for the lock too.\nIt lies in the drawer under the desk."} busy />
    </div>
  );
}

export function Files() {
  return (
    <div class="stage">
      <div class="stage__row" style={{ alignItems: "start" }}>
        <AttachmentTile name="invoice-2026-1187.pdf" mediaType="application/pdf" bytes={84_300} href="#" />
        <AttachmentTile name="orders.csv" mediaType="text/csv" bytes={2_100} href="#" />
        <AttachmentTile name="voice.ogg" mediaType="audio/ogg" bytes={312_000} href="#" />
        <AttachmentTile name="صورة الخوذة.zip" mediaType="application/zip" bytes={24_000_000} href="#" />
        <AttachmentTile
          name="workshop.jpg"
          mediaType="image/jpeg"
          bytes={1_840_000}
          thumbnail={PICTURE}
          onRemove={nothing}
        />
        <AttachmentTile
          name="manual.pdf"
          mediaType="application/pdf"
          bytes={9_000_000}
          state={{ kind: "running", part: 0.4 }}
          onRemove={nothing}
        />
        <AttachmentTile
          name="notes.txt"
          mediaType="text/plain"
          bytes={1_200}
          state={{ kind: "waiting", why: "Goes up by itself when you are connected again." }}
          onRemove={nothing}
        />
        <AttachmentTile
          name="setup.exe"
          mediaType="application/octet-stream"
          bytes={9_000_000}
          state={{ kind: "failed" }}
          onRetry={nothing}
          onRemove={nothing}
        />
        <AttachmentTile name="workshop.jpg" mediaType="image/jpeg" bytes={1_840_000} thumbnail={PICTURE} href="#" />
      </div>
    </div>
  );
}
