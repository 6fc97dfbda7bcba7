/**
 * A mail as its author meant it, in a frame of its own. The hub's document for it is harmless, runs nothing and loads
 * nothing from elsewhere (`http/mail_frame.rs`); this sandbox is one fence more.
 *
 * Nothing in the frame can tell how high it is, for nothing runs in it. The sandbox leaves it our origin and no scripts, so
 * that this page can look.
 */
import { useSignal } from "@preact/signals";
import type { MessageId } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { t } from "@switchboard/ui/i18n/desk";
import { useEffect, useRef } from "preact/hooks";
import { useDesk } from "../context";

/** Higher than this, it scrolls in itself, px. */
const HIGHEST = 12_000;
/** As long as nothing is known of it, px. */
const AT_FIRST = 160;
/** Room for a bar by which it scrolls sideways, px. */
const BAR = 18;

export interface MailFrameProps {
  readonly id: MessageId;
  readonly subject: string;
  /** Whose pictures may be shown from now on; none: ours. */
  readonly from: string | undefined;
  /** Addresses of the files that it shows itself. */
  shows(files: ReadonlySet<string>): void;
}

export function MailFrame({ id, subject, from, shows }: MailFrameProps) {
  const { trusted } = useDesk();
  const asked = useSignal(false);
  const remote = useSignal(false);
  const failed = useSignal(false);
  const tries = useSignal(0);
  const always = from !== undefined && trusted.senders.value.has(from.toLowerCase());
  const pictures = asked.value || always;

  function loaded(document: Document | null): void {
    failed.value = document === null;
    if (document === null) return;
    remote.value = document.documentElement.dataset.remote !== undefined;
    if (always && remote.value) trusted.trust(from);
    shows(new Set(Array.from(document.images, (picture) => picture.getAttribute("src") ?? "")));
  }

  return (
    <>
      {remote.value && !failed.value && (
        <Pictures
          from={from}
          shown={pictures}
          always={always}
          show={() => (asked.value = true)}
          doubt={() => {
            asked.value = false;
            if (from !== undefined) trusted.doubt(from);
          }}
        />
      )}
      {failed.value ? (
        <p class="dk-mail__error" role="alert">
          {t("mail.notLoaded")}{" "}
          <Button
            size="small"
            onClick={() => {
              failed.value = false;
              tries.value += 1;
            }}
          >
            {t("action.retry")}
          </Button>
        </p>
      ) : (
        // A new frame each time: one that goes elsewhere would leave a step behind in the page's history.
        <Frame
          key={`${pictures}${tries.value}`}
          src={`/api/messages/${id}/frame${pictures ? "?pictures=1" : ""}`}
          title={t("mail.asSentOf", { subject })}
          loaded={loaded}
        />
      )}
    </>
  );
}

interface PicturesProps {
  readonly from: string | undefined;
  readonly shown: boolean;
  readonly always: boolean;
  show(): void;
  doubt(): void;
}

function Pictures({ from, shown, always, show, doubt }: PicturesProps) {
  const { trusted } = useDesk();
  // An address runs from the left, whatever runs around it (UAX 9: FSI … PDI).
  const who = `\u2068${from}\u2069`;
  return (
    <p class="dk-mail__pictures">
      {!shown && (
        <>
          <Button size="small" onClick={show}>
            {t("mail.pictures")}
          </Button>
          <span class="dk-muted">{t("mail.picturesHelp")}</span>
        </>
      )}
      {shown && !always && from !== undefined && (
        <Button kind="quiet" size="small" onClick={() => trusted.trust(from)}>
          {t("mail.picturesAlways", { who })}
        </Button>
      )}
      {always && (
        <Button kind="quiet" size="small" onClick={doubt}>
          {t("mail.picturesAsk", { who })}
        </Button>
      )}
    </p>
  );
}

interface FrameProps {
  readonly src: string;
  readonly title: string;
  /** With nothing if it is not the document of a mail that has come. */
  loaded(document: Document | null): void;
}

function Frame({ src, title, loaded }: FrameProps) {
  const height = useSignal(AT_FIRST);
  const watch = useRef<ResizeObserver>();
  useEffect(() => () => watch.current?.disconnect(), []);

  function look(frame: HTMLIFrameElement): void {
    const document = frame.contentDocument;
    // What the hub refuses is JSON, and what the browser shows in place of it is nobody's to look at.
    const isMail = document?.contentType === "text/html" && document.URL.endsWith(src);
    loaded(isMail ? document : null);
    if (!isMail) return;
    const root = document.documentElement;
    const measure = (): void => {
      const bar = root.scrollWidth > root.clientWidth ? BAR : 0;
      height.value = Math.min(HIGHEST, Math.ceil(document.body.getBoundingClientRect().height) + bar);
    };
    watch.current?.disconnect();
    // Pictures come later, and the window's width changes.
    watch.current = new ResizeObserver(measure);
    watch.current.observe(document.body);
    measure();
  }

  return (
    <iframe
      class="dk-mail__frame"
      title={title}
      sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"
      referrerpolicy="no-referrer"
      src={src}
      style={{ blockSize: `${height.value + 2}px` }}
      onLoad={(event) => look(event.currentTarget)}
    />
  );
}
