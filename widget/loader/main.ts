/**
 * `/widget.js`: a launcher on somebody else's page, and behind it, from the first click on, a frame of the hub's origin.
 *
 *     <script async src="https://hub.example/widget.js" data-inbox="WIDGET_KEY"></script>
 *
 * Attributes: `data-side` (`start` or `end`), `data-x`, `data-y` (distance from the edges, px), `data-accent`
 * (`#rrggbb`), `data-language`, `data-theme` (`light`, `dark`), `data-launcher` (`hidden`). What a page may call stands in
 * `switchboard.d.ts` beside this folder, and in docs/widget.md.
 *
 * A guest: one element with a shadow root, one name on `window`, styles by CSSOM only (strict CSP), no markup from
 * strings (Trusted Types), no request before the first click, and no focus taken that the person did not give. The chat
 * itself, its token and its socket live in the frame. Nothing of them passes here, but for a browser that gives the frame
 * of another site no storage: there the page keeps the token, as it would keep a chat of its own.
 *
 * What the chat has to know of whoever is signed in is not understood here: it is kept as it was said (`wishes`), and told
 * to the panel when there is one.
 */

import { HANDSHAKE, type ToLoader, type ToPanel } from "../shared/frame";
import { drawWidget } from "./view";
import { readVisit } from "./visit";
import { words } from "./words";

type Call = [verb: string, what?: unknown, more?: unknown];
type Door = ((...call: Call) => void) & { q?: Call[]; ready?: true };

declare global {
  interface Window {
    Switchboard?: Door;
  }
}

function start(script: HTMLScriptElement) {
  const origin = new URL(script.src).origin;
  const set = script.dataset;
  const visit = readVisit(set, () => {
    // Another loader may have come in the place of this one.
    if (window.Switchboard !== door) return;
    visit.see();
    tell();
  });
  let listeners: [what: unknown, listener: (value: unknown) => void][] = [];
  let wishes: Record<string, unknown> = {};
  let port: MessagePort | undefined;
  let open = false;
  let focused = false;

  const view = drawWidget(set, words(visit.host().languages), {
    toggle: () => show(!open, true),
    loaded(frame) {
      const channel = new MessageChannel();
      port?.close();
      port = channel.port1;
      port.onmessage = ({ data }: MessageEvent<ToLoader>) => {
        heard[data.t]?.(data.value);
        say(data.t, data.value);
      };
      frame.contentWindow?.postMessage(HANDSHAKE, origin, [channel.port2]);
      tell(focused);
    },
  });
  function tell(focus = false) {
    port?.postMessage({ host: { ...visit.host(), wishes }, open, focus } satisfies ToPanel);
  }

  /** By the names in `ToLoader`; those that are not there are for the page alone. */
  // biome-ignore lint/suspicious/noExplicitAny: as `ToLoader` says
  const heard: Record<string, any> = { ...view, ...visit, leave: (focus: boolean) => show(false, focus) };

  function load() {
    view.load(`${origin}/widget/panel?inbox=${set.inbox}`);
  }

  /** `person`: it was their key or click, so the focus may follow. */
  function show(next: boolean, person?: boolean) {
    if (next === open) return;
    open = next;
    focused = !!person;
    if (open) load();
    view.show(open, focused);
    tell(focused);
    visit.keepOpen(open);
    say(open ? "open" : "close");
  }

  function say(what: string, value?: unknown) {
    for (const [wanted, listener] of listeners) if (wanted === what) listener(value);
  }

  function wear(change: DOMStringMap) {
    Object.assign(set, change);
    view.draw(words(visit.host().languages));
    tell();
  }

  // biome-ignore lint/suspicious/noExplicitAny: a page gives what it likes; `switchboard.d.ts` says what it should
  const verbs: Record<string, (what?: any, listener?: any) => unknown> = {
    open: () => show(true),
    close: () => show(false),
    toggle: () => show(!open),
    on: (what, listener) => listeners.push([what, listener]),
    off(what, listener) {
      listeners = listeners.filter(([wanted, each]) => wanted !== what || each !== listener);
    },
    hide: () => wear({ launcher: "hidden" }),
    show: () => wear({ launcher: "" }),
    language: (language) => wear({ language }),
    attributes: (some) => wish("attributes", { ...(wishes.attributes as object), ...some }),
    reset() {
      // The panel forgets whoever was here, also when it has not been opened on this page.
      wishes = { reset: Date.now() };
      visit.talked(false);
      load();
      tell();
    },
    shutdown() {
      port?.close();
      view.remove();
      delete window.Switchboard;
    },
  };

  /** Copied, so that what cannot be told to the frame fails where the page says it. */
  function wish(verb: string, what: unknown) {
    wishes[verb] = structuredClone(what);
    tell();
  }

  const door: Door = (verb, what, more) => {
    const known = verbs[verb];
    if (known) known(what, more);
    else wish(verb, what);
  };
  door.ready = true;
  const queued = window.Switchboard?.q ?? [];
  window.Switchboard = door;
  for (const call of queued) door(...call);
  say("ready");

  if (visit.resumes === "open") show(true);
  else if (visit.resumes) load();
}

const script = document.currentScript ?? document.querySelector("script[data-inbox]");
if (script instanceof HTMLScriptElement && !window.Switchboard?.ready) {
  if (document.body) start(script);
  else addEventListener("DOMContentLoaded", () => start(script));
}
