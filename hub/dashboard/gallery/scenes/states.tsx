// What a view says of itself: offline, empty, loading, done, somebody types.

import { Banner, OfflineBanner } from "@switchboard/ui/banner";
import { Button } from "@switchboard/ui/button";
import { EmptyState } from "@switchboard/ui/empty-state";
import { t } from "@switchboard/ui/i18n/dashboard";
import { Skeleton } from "@switchboard/ui/skeleton";
import { locale } from "@switchboard/ui/ticker";
import { Toast, toast } from "@switchboard/ui/toast";
import { TypingLine } from "@switchboard/ui/typing";
import { Inbox, SearchX } from "lucide-preact";

import { OPENED } from "../fixtures";

const nothing = () => {};

export function Banners() {
  const language = locale.value.language;
  return (
    <div class="stage stage--bare">
      <OfflineBanner retryAt={OPENED + 12_000} now={OPENED} language={language} onRetry={nothing} />
      <OfflineBanner now={OPENED} language={language} onRetry={nothing} />
      <Banner>A new version is here.</Banner>
      <Banner
        tone="danger"
        action={
          <Button kind="quiet" size="small">
            {t("action.retry")}
          </Button>
        }
      >
        {t("error.unknown")}
      </Banner>
    </div>
  );
}

export function ToastStates() {
  return (
    <div class="stage">
      <div class="stage__row">
        <Toast text="Closed. Marie hears nothing of it." onUndo={nothing} onClose={nothing} />
        <Toast text="The note was not kept: you may only read this inbox." tone="danger" onClose={nothing} />
      </div>
      <div class="stage__row">
        <Button onClick={() => toast({ text: "Closed.", onUndo: nothing })}>{t("conversation.close")}</Button>
      </div>
    </div>
  );
}

export function EmptyStates() {
  return (
    <div class="stage__columns">
      <div class="stage">
        <EmptyState
          icon={Inbox}
          title={t("empty.list")}
          body={t("empty.listBody")}
          action={<Button kind="primary">Put the chat on your site</Button>}
        />
      </div>
      <div class="stage">
        <EmptyState
          icon={SearchX}
          title={t("empty.search", { query: "gazelle ultimate" })}
          body={t("empty.searchBody")}
        />
      </div>
      <div class="stage">
        <EmptyState title={t("empty.choose")} body={t("empty.chooseBody")} />
      </div>
    </div>
  );
}

export function Loading() {
  return (
    <div class="stage__columns">
      <div class="stage stage--bare">
        <Skeleton as="row" />
      </div>
      <div class="stage stage--bare">
        <Skeleton as="message" count={2} />
      </div>
      <div class="stage">
        <Skeleton as="line" count={4} />
      </div>
    </div>
  );
}

export function Typing() {
  return (
    <div class="stage">
      <TypingLine names={[]} />
      <TypingLine names={["Marie"]} />
      <TypingLine names={["Anna", "Jonas"]} />
      <TypingLine names={["Anna", "Jonas", "Samira"]} />
    </div>
  );
}
