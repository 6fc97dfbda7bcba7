/**
 * `/form.js`: makes a contact form of the hub, on anybody's page, answer in place.
 *
 *     <form action="https://hub.example/form/KEY" method="post">…</form>
 *     <script async src="https://hub.example/form.js"></script>
 *
 * It fetches a token when the person begins to fill in and works for it while they write. A guest: nothing on `window`, no
 * styles, no markup from strings; what it adds has a class for the page's own styles (`form-error`, `form-note`). All words
 * come from the hub, in the form's language. Where anything is missing, the form is sent as it would be without it, and
 * the hub's own page takes over.
 */

import { prove } from "./proof";

interface Token {
  token: string;
  bits: number;
  wait_ms: number;
  sending: string;
  failed: string;
}

interface Answer {
  thanks?: string;
  error?: { message: string; retry_after_ms?: number; fields?: { field: string; message: string }[] };
}

interface Pass extends Token {
  proof: string;
}

/** A message that came too soon is sent again by itself if that is no longer away, milliseconds. */
const PATIENCE_MS = 5_000;
/** A token that has lain for longer is not used, milliseconds: the hub takes them for a day. */
const TOKEN_MS = 23 * 3_600_000;

let forms = 0;

function enhance(form: HTMLFormElement, action: string): void {
  forms += 1;
  const prefix = `form-${forms}`;
  const note = element("p", "form-note");
  let pass: Promise<Pass> | undefined;
  let asked = 0;
  let busy = false;

  function prepare(): Promise<Pass> {
    if (!pass || Date.now() - asked > TOKEN_MS) {
      asked = Date.now();
      pass = fetchPass(form, action);
      // Asked for again at the next occasion.
      pass.catch(() => {
        pass = undefined;
      });
    }
    return pass;
  }

  function say(text: string, role: "status" | "alert"): void {
    note.setAttribute("role", role);
    note.textContent = text;
    if (!note.isConnected) form.append(note);
  }

  function thank(text: string): void {
    note.setAttribute("role", "status");
    note.textContent = text;
    note.tabIndex = -1;
    form.replaceChildren(note);
    note.focus();
  }

  function mark(fields: { field: string; message: string }[]): void {
    for (const old of form.querySelectorAll(".form-error")) old.remove();
    for (const old of form.querySelectorAll("[aria-invalid]")) {
      old.removeAttribute("aria-invalid");
      old.removeAttribute("aria-describedby");
    }
    let first: HTMLElement | undefined;
    for (const { field, message } of fields) {
      const input = form.elements.namedItem(field);
      if (!(input instanceof HTMLElement)) continue;
      const error = element("span", "form-error");
      error.id = `${prefix}-${field}`;
      error.textContent = message;
      input.after(error);
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", error.id);
      first ??= input;
    }
    first?.focus();
  }

  async function send(again: boolean): Promise<void> {
    const { token, proof, wait_ms, sending, failed } = await prepare();
    say(sending, "status");
    await pause(asked + wait_ms - Date.now());
    let answer: Answer;
    try {
      const headers = { accept: "application/json" };
      const body = fieldsOf(form, token, proof);
      const response = await fetch(action, { method: "POST", body, headers, credentials: "omit" });
      answer = await response.json();
    } catch {
      // The token stays: if the message has come after all, it will not come twice.
      return say(failed, "alert");
    }
    if (answer.thanks !== undefined) return thank(answer.thanks);
    const { message = failed, fields = [], retry_after_ms: wait = 0 } = answer.error ?? {};
    const stale = fields.some(({ field }) => field === "token");
    if (!again && (stale || (wait > 0 && wait < PATIENCE_MS))) {
      if (stale) pass = undefined;
      await pause(wait);
      return send(true);
    }
    say(message, "alert");
    mark(fields);
  }

  form.addEventListener("focusin", () => void prepare().catch(() => undefined), { once: true });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    mark([]);
    send(false)
      // The hub's own page says what is wrong, or the browser does.
      .catch(() => HTMLFormElement.prototype.submit.call(form))
      .finally(() => {
        busy = false;
      });
  });
}

async function fetchPass(form: HTMLFormElement, action: string): Promise<Pass> {
  const language = new FormData(form).get("language") ?? "";
  const response = await fetch(`${action}/token?language=${language}`, { credentials: "omit" });
  if (!response.ok) throw new Error("no token");
  const token: Token = await response.json();
  return { ...token, proof: await prove(token.token, token.bits) };
}

/** The token first: files that come before it are not kept. */
function fieldsOf(form: HTMLFormElement, token: string, proof: string): FormData {
  const fields = new FormData();
  fields.set("token", token);
  fields.set("proof", proof);
  const given = new FormData(form);
  for (const [name, value] of given) {
    if (name !== "token" && name !== "proof") fields.append(name, value);
  }
  if (!given.has("page")) fields.set("page", location.href);
  return fields;
}

function element<Tag extends "p" | "span">(tag: Tag, name: string): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  made.className = name;
  return made;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

function start(origin: string): void {
  for (const form of document.forms) {
    // A field may be called `action`; the attribute is the form's own.
    const action = new URL(form.getAttribute("action") ?? "", document.baseURI).href;
    if (action.startsWith(`${origin}/form/`)) enhance(form, action);
  }
}

const script = document.currentScript;
if (script instanceof HTMLScriptElement) {
  const { origin } = new URL(script.src);
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", () => start(origin));
  else start(origin);
}
