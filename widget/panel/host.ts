/**
 * The page around the panel, as its loader tells of it. The port is taken once per handshake, from the parent window
 * alone; whether that parent's origin may have this inbox is decided by `chat`, which knows the inbox's settings.
 */

import { type ReadonlySignal, signal } from "@preact/signals";

import { HANDSHAKE, type HostPage, type ToLoader, type ToPanel } from "../shared/frame";

export interface Host {
  page: ReadonlySignal<HostPage | undefined>;
  /** The window is shown. Without a loader it always is. */
  open: ReadonlySignal<boolean>;
  /** Grows each time that the person has opened the window by key or click and wants to write. */
  wantsFocus: ReadonlySignal<number>;
  origin: ReadonlySignal<string | undefined>;
  /** Of the loader, or of the browser if there is none. */
  known: Promise<HostPage>;
  tell(message: ToLoader): void;
}

export function listenToHost(): Host {
  const page = signal<HostPage>();
  const open = signal(window.parent === window);
  const wantsFocus = signal(0);
  const origin = signal<string>();
  let port: MessagePort | undefined;
  // Only the newest of each kind is of use to a loader that comes late.
  const untold = new Map<ToLoader["t"], ToLoader>();
  let arrived = (_: HostPage) => {};
  const known = new Promise<HostPage>((resolve) => {
    arrived = resolve;
  });

  function hear(message: ToPanel) {
    page.value = message.host;
    open.value = message.open;
    if (message.open && message.focus) wantsFocus.value += 1;
    arrived(message.host);
  }

  function handshake(event: MessageEvent) {
    const [given] = event.ports;
    if (event.source !== window.parent || event.source === window || event.data !== HANDSHAKE || !given) return;
    origin.value = event.origin;
    port?.close();
    port = given;
    port.onmessage = ({ data }: MessageEvent<ToPanel>) => hear(data);
    for (const message of untold.values()) port.postMessage(message);
  }
  addEventListener("message", handshake);

  // Opened by itself, there is no loader to wait for.
  if (window.parent === window)
    arrived({
      page: { url: location.href },
      referrer: "",
      landing: "",
      languages: [...navigator.languages],
      pages: [],
      theme: undefined,
    });

  return {
    page,
    open,
    wantsFocus,
    origin,
    known,
    tell(message) {
      if (port) port.postMessage(message);
      untold.set(message.t, message);
    },
  };
}
