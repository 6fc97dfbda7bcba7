/**
 * A mail as its author meant it, in a frame of its own. It is loaded when it comes near to what is seen, and may be looked at
 * unseen first, whether it says more than its text. The hub's document for it is harmless, runs nothing and loads
 * nothing from elsewhere (`http/mail_frame.rs`); this sandbox is one fence more.
 *
 * Nothing in the frame can tell how high it is, for nothing runs in it. The sandbox leaves it our origin and no scripts, so
 * that this page can look.
 */
import { useSignal } from "@preact/signals";
import type { MessageId } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { t } from "@switchboard/ui/i18n/desk";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { useDesk } from "../context";
import { fit, type Quoted, quotedIn, saysMore } from "../parts/mail-document";

/** Higher than this, it scrolls in itself, px. */
const HIGHEST = 12_000;
/** As long as nothing is known of it, px. */
const AT_FIRST = 160;
/** Room for a bar by which it scrolls sideways, px. */
const BAR = 18;
/** Nearer than this to what is seen, it is loaded, px. */
const NEAR = 800;
/** Mails whose looks are remembered while the page lives. */
const REMEMBERED = 1_000;

/** What was found out about a mail's document, so that it stands there at once and as high as it is when it comes again. */
export interface Looks {
  readonly saysMore: boolean;
  /** There is something in it that it quotes. */
  readonly quotes: boolean;
  /** Height, px. */
  readonly height: number;
}

const looks = new Map<MessageId, Looks>();

export function looksOf(id: MessageId): Looks | undefined {
  return looks.get(id);
}

function remember(id: MessageId, found: Looks): void {
  const [oldest] = looks.keys();
  if (looks.size >= REMEMBERED && oldest !== undefined) looks.delete(oldest);
  looks.set(id, found);
}

export interface MailFrameProps {
  readonly id: MessageId;
  readonly subject: string;
  /** Whose pictures may be shown from now on; none: ours. */
  readonly from: string | undefined;
  /** It is looked at and not shown: the text stands there meanwhile. */
  readonly unseen: boolean;
  /** With what it quotes. */
  readonly whole: boolean;
  /** Addresses of the files that it shows itself. */
  shows(files: ReadonlySet<string>): void;
  found(looks: Looks): void;
}

export function MailFrame({ id, subject, from, unseen, whole, shows, found }: MailFrameProps) {
  const { trusted } = useDesk();
  const asked = useSignal(false);
  const remote = useSignal(false);
  const failed = useSignal(false);
  const tries = useSignal(0);
  const near = useSignal(false);
  const place = useRef<HTMLDivElement>(null);
  const always = from !== undefined && trusted.senders.value.has(from.toLowerCase());
  const pictures = asked.value || always;

  function loaded(document: Document | null): void {
    failed.value = document === null;
    if (document === null) return;
    remote.value = document.documentElement.dataset.remote !== undefined;
    if (always && remote.value) trusted.trust(from);
    shows(new Set(Array.from(document.images, (picture) => picture.getAttribute("src") ?? "")));
  }
  useEffect(() => {
    const { current: element } = place;
    if (!element) return;
    const watch = new IntersectionObserver(
      (seen) => {
        if (!seen.some((one) => one.isIntersecting)) return;
        near.value = true;
        watch.disconnect();
      },
      { root: element.closest(".dk-thread"), rootMargin: `${NEAR}px 0px` },
    );
    watch.observe(element);
    return () => watch.disconnect();
  }, []);

  return (
    <div class="dk-mail__sent" ref={place}>
      {remote.value && !failed.value && !unseen && (
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
      {!near.value ? (
        !unseen && <div style={{ blockSize: `${looksOf(id)?.height ?? AT_FIRST}px` }} />
      ) : failed.value ? (
        !unseen && (
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
        )
      ) : (
        // A new frame each time: one that goes elsewhere would leave a step behind in the page's history.
        <Frame
          key={`${pictures}${tries.value}`}
          src={`/api/messages/${id}/frame${pictures ? "?pictures=1" : ""}`}
          id={id}
          title={t("mail.asSentOf", { subject })}
          unseen={unseen}
          whole={whole}
          loaded={loaded}
          found={found}
        />
      )}
    </div>
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

interface FrameProps extends Pick<MailFrameProps, "id" | "unseen" | "whole" | "found"> {
  readonly src: string;
  readonly title: string;
  /** With nothing if it is not the document of a mail that has come. */
  loaded(document: Document | null): void;
}

function Frame({ id, src, title, unseen, whole, loaded, found }: FrameProps) {
  const height = useSignal(looksOf(id)?.height ?? AT_FIRST);
  const watch = useRef<ResizeObserver>();
  const quoted = useRef<Quoted | null>(null);
  useEffect(() => () => watch.current?.disconnect(), []);
  // Its document's size tells the rest.
  useLayoutEffect(() => quoted.current?.show(whole), [whole]);

  function look(frame: HTMLIFrameElement): void {
    const document = frame.contentDocument;
    // What the hub refuses is JSON, and what the browser shows in place of it is nobody's to look at.
    const isMail = document?.contentType === "text/html" && document.URL.endsWith(src);
    loaded(isMail ? document : null);
    if (!isMail) return;
    quoted.current = quotedIn(document);
    quoted.current?.show(false);
    const more = saysMore(document);
    quoted.current?.show(whole);
    const measure = (): Looks => {
      height.value = Math.min(HIGHEST, fit(document, BAR));
      if (height.value === HIGHEST) document.documentElement.style.overflowY = "auto";
      const now = { saysMore: more, quotes: quoted.current !== null, height: height.value };
      remember(id, now);
      return now;
    };
    watch.current?.disconnect();
    // Pictures come later, and the window's width changes.
    watch.current = new ResizeObserver(() => void measure());
    watch.current.observe(document.body);
    found(measure());
  }

  return (
    <iframe
      class={unseen ? "dk-mail__frame dk-mail__frame--unseen" : "dk-mail__frame"}
      title={title}
      sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"
      referrerpolicy="no-referrer"
      src={src}
      {...(unseen ? { "aria-hidden": true, tabIndex: -1 } : {})}
      style={{ blockSize: `${height.value + 2}px` }}
      onLoad={(event) => look(event.currentTarget)}
    />
  );
}
