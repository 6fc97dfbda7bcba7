/** The launcher, its badge and the frame: one element with a shadow root, styled by CSSOM only. */

import type { Words } from "./words";

const CSS = `:host{--a:#4f46e5;--x:20px;--y:20px}
button,.f{position:fixed;inset-inline-end:max(var(--x),env(safe-area-inset-right))}
.start button,.start .f{inset-inline:max(var(--x),env(safe-area-inset-left)) auto}
button{bottom:max(var(--y),env(safe-area-inset-bottom));width:56px;height:56px;padding:0;border:0;border-radius:50%;background:var(--a);color:var(--o,oklch(from var(--a) clamp(0,70 - l*99,1) 0 0));cursor:pointer;box-shadow:0 8px 24px #0f172a40}
button:focus-visible{outline:3px solid var(--a);outline-offset:3px}
svg{display:block;margin:auto;width:28px;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
span{position:absolute;top:-4px;inset-inline-end:-4px;min-width:22px;border-radius:11px;background:#d22;color:#fff;font:600 12px/22px system-ui}
span:empty{display:none}
.f{bottom:calc(var(--y) + 72px);width:376px;height:640px;max-width:calc(100vw - 2*var(--x));max-height:calc(100dvh - var(--y) - 92px);border-radius:16px;overflow:hidden;background:Canvas;box-shadow:0 0 0 1px #0f172a12,0 8px 24px #0f172a40;visibility:hidden;opacity:0;transform:translateY(12px)}
.v .f{visibility:inherit;opacity:1;transform:none}
iframe{width:100%;height:100%;border:0;color-scheme:normal}
@media(max-width:480px){.f,.start .f{inset:0;min-width:100%;height:100%;max-height:100%;border-radius:0}.r button{visibility:hidden}}
.hidden button{display:none}
@media(prefers-reduced-motion:no-preference){.f{transition:.15s}}`;
const PHONE = "(max-width:480px)";

const BUBBLE = "M12 3a9 9 0 1 1-4.5 16.8L3 21l1.2-4.5A9 9 0 0 1 12 3Z";
const DOWN = "m6 9 6 6 6-6";

export interface ViewHooks {
  toggle(): void;
  /** The frame's document is there, for the first time or again. */
  loaded(frame: HTMLIFrameElement): void;
}

export interface View {
  load(url: string): void;
  show(open: boolean, person: boolean): void;
  unread(count: number): void;
  look(colours: { accent: string; onAccent: string }): void;
  /** As the script's attributes are now, with these labels. */
  draw(words?: Words): void;
  remove(): void;
}

const svg = (name: string) => document.createElementNS("http://www.w3.org/2000/svg", name);

export function drawWidget(wishes: DOMStringMap, words: Words, hooks: ViewHooks): View {
  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);
  root.adoptedStyleSheets = [sheet];
  const set = (name: string, value: string) => host.style.setProperty(name, value, "important");
  // The page's own rules must not reach the host element either.
  set("all", "initial");
  set("position", "fixed");
  set("z-index", "2147483000");
  for (const name of ["x", "y"]) {
    const px = Number(wishes[name]);
    if (px >= 0) set(`--${name}`, `${px}px`);
  }

  const body = document.createElement("div");
  const button = document.createElement("button");
  const icon = svg("svg");
  const line = svg("path");
  const badge = document.createElement("span");
  let frame: HTMLIFrameElement | undefined;
  let box: HTMLElement | undefined;
  let open = false;
  let ready = false;
  let count = 0;
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.append(line);
  button.append(icon, badge);
  button.onclick = hooks.toggle;
  body.onkeydown = (event) => {
    if (event.key === "Escape" && open) hooks.toggle();
  };
  body.append(button);
  root.append(body);
  document.body.append(host);

  function draw(next = words) {
    words = next;
    const [toOpen, toClose, title] = words;
    body.dir = title ? "rtl" : "ltr";
    if (frame) frame.title = title ?? "Chat";
    // A phone's launcher goes only for a panel that has its own way out.
    body.className = `${open ? (ready ? "v r" : "v") : ""} ${wishes.side} ${wishes.launcher}`;
    line.setAttribute("d", open ? DOWN : BUBBLE);
    button.ariaExpanded = `${open}`;
    button.ariaLabel = open ? toClose : count ? `${toOpen} (${count})` : toOpen;
    badge.textContent = open || !count ? "" : count > 9 ? "9+" : `${count}`;
    fit();
  }

  /** On a phone the on-screen keyboard covers the layout's viewport; the frame keeps to what can be seen. */
  function fit() {
    const seen = window.visualViewport;
    if (!box || !seen) return;
    const whole = open && matchMedia(PHONE).matches;
    box.style.height = whole ? `${seen.height}px` : "";
    box.style.top = whole ? `${seen.offsetTop}px` : "";
  }
  for (const moved of ["resize", "scroll"]) window.visualViewport?.addEventListener(moved, fit);

  // What is on it is white or black by the styles, until the panel, which knows about contrast, says otherwise.
  if (wishes.accent) set("--a", wishes.accent);
  draw();

  return {
    load(url) {
      if (frame) return;
      box = document.createElement("div");
      box.className = "f";
      const opened = document.createElement("iframe");
      frame = opened;
      opened.referrerPolicy = "origin";
      opened.src = url;
      opened.onload = () => hooks.loaded(opened);
      draw();
      box.append(opened);
      body.prepend(box);
      // A style that is computed before it changes is one that can move.
      void box.offsetWidth;
    },
    show(next, person) {
      open = next;
      draw();
      if (!person) return;
      if (open) frame?.focus();
      else button.focus();
    },
    unread(next) {
      count = next;
      draw();
    },
    draw,
    remove: () => host.remove(),
    look({ accent, onAccent }) {
      ready = true;
      set("--a", accent);
      set("--o", onAccent);
      draw();
    },
  };
}
