/**
 * `/widget.js`: a launcher on somebody else's page, and behind it, from the first click on, a frame of the hub's origin.
 *
 *     <script async src="https://hub.example/widget.js" data-inbox="WIDGET_KEY"></script>
 *
 * Attributes: `data-side` (`start` or `end`), `data-x`, `data-y` (distance from the edges, px), `data-accent`
 * (`#rrggbb`), `data-language`, `data-theme` (`light`, `dark`).
 *
 * A guest: one element with a shadow root, one name on `window`, styles by CSSOM only (strict CSP), no markup from
 * strings (Trusted Types), no request before the first click, and no focus taken that the person did not give. The chat
 * itself, its token and its socket live in the frame. Nothing of them passes here, but for a browser that gives the frame
 * of another site no storage: there the page keeps the token, as it would keep a chat of its own.
 */

import { HANDSHAKE, type ToLoader, type ToPanel } from "../shared/frame";
import { drawWidget } from "./view";
import { readVisit } from "./visit";
import { words } from "./words";

type Verb = "open" | "close" | "toggle" | "on";
type Heard = "open" | "close" | "unread";
type Call = [verb: Verb, ...rest: unknown[]];
type Door = ((...call: Call) => void) & { q?: Call[]; ready?: true };

declare global {
  interface Window {
    Switchboard?: Door;
  }
}

function start(script: HTMLScriptElement) {
  const origin = new URL(script.src).origin;
  const inbox = script.dataset.inbox ?? "";
  const visit = readVisit(script.dataset, tellPage);
  const text = words(visit.host().languages);
  const listeners: [Heard, (value: unknown) => void][] = [];
  let port: MessagePort | undefined;
  let open = false;
  let focus = false;

  const view = drawWidget(script.dataset, text, {
    toggle: () => show(!open, true),
    close: () => show(false, true),
    loaded: handOver,
  });

  function tell(message: ToPanel) {
    port?.postMessage(message);
  }

  function tellPage() {
    const { page, pages } = visit.host();
    tell({ t: "page", page, pages });
  }

  function handOver(frame: HTMLIFrameElement) {
    const channel = new MessageChannel();
    port?.close();
    port = channel.port1;
    port.onmessage = ({ data }: MessageEvent<ToLoader>) => hear(data);
    frame.contentWindow?.postMessage(HANDSHAKE, origin, [channel.port2]);
    tell({ t: "host", host: visit.host(), open, focus });
  }

  function hear(message: ToLoader) {
    if (message.t === "look") view.look(message);
    else if (message.t === "unread") {
      view.unread(message.count);
      say("unread", message.count);
    } else if (message.t === "talked") visit.talked();
    else if (message.t === "keep") visit.keep(message.lent);
    else show(false, message.focus);
  }

  function load() {
    view.load(`${origin}/widget/panel?inbox=${encodeURIComponent(inbox)}`);
  }

  /** `person`: it was their key or click, so the focus may follow. */
  function show(next: boolean, person: boolean) {
    if (next === open) return;
    open = next;
    focus = person;
    if (open) load();
    view.show(open, focus);
    tell(open ? { t: "open", focus } : { t: "close" });
    visit.keepOpen(open);
    say(open ? "open" : "close");
  }

  function say(what: Heard, value?: unknown) {
    for (const [wanted, listener] of listeners) if (wanted === what) listener(value);
  }

  const door: Door = (verb, what, listener) => {
    if (verb === "on") listeners.push([what as Heard, listener as () => void]);
    else show(verb === "toggle" ? !open : verb === "open", false);
  };
  door.ready = true;
  const queued = window.Switchboard?.q ?? [];
  window.Switchboard = door;
  for (const call of queued) door(...call);

  if (visit.resumes === "open") show(true, false);
  else if (visit.resumes === "unseen") load();
}

const script = document.currentScript ?? document.querySelector("script[data-inbox]");
if (script instanceof HTMLScriptElement && !window.Switchboard?.ready) {
  if (document.body) start(script);
  else addEventListener("DOMContentLoaded", () => start(script));
}
