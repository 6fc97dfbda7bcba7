/** The templates that this person sees: asked for when they are first wanted, and again whenever one of them has changed. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { ApiError, Template } from "@switchboard/protocol";
import { apiError } from "../net/errors";
import type { Core } from "./core";

export interface Templates {
  /** Null: nobody has asked yet, or no answer has come. */
  readonly list: ReadonlySignal<readonly Template[] | null>;
  /** Why the last answer did not come. */
  readonly error: ReadonlySignal<ApiError | null>;
  /** Asks, if they are not known. */
  want(): void;
  /** Rejects with an `ApiError`. */
  load(): Promise<void>;
  /** What is known may be old. */
  stale(): void;
}

export function makeTemplates({ api }: Pick<Core, "api">): Templates {
  const list = signal<readonly Template[] | null>(null);
  const error = signal<ApiError | null>(null);
  let asked = false;
  let latest = 0;

  async function load(): Promise<void> {
    asked = true;
    latest += 1;
    const mine = latest;
    error.value = null;
    try {
      const { templates } = await api("GET /api/templates");
      // What was asked for later knows better.
      if (mine === latest) list.value = templates;
    } catch (cause) {
      if (mine === latest) error.value = apiError(cause);
      throw cause;
    }
  }

  // The next who wants them asks again.
  const quietly = (): void => void load().catch(() => (asked = list.value !== null));

  return {
    list,
    error,
    load,
    want: () => {
      if (!asked) quietly();
    },
    stale: () => {
      if (asked) quietly();
    },
  };
}

/** Those whose name or text has the words; what begins with them stands first. */
export function found(templates: readonly Template[], words: string): readonly Template[] {
  const wanted = words.toLocaleLowerCase().split(/\s+/u).filter(Boolean);
  const first = wanted[0];
  if (first === undefined) return templates;
  const hits = templates.filter(({ name, text }) => {
    const whole = `${name} ${text}`.toLocaleLowerCase();
    return wanted.every((word) => whole.includes(word));
  });
  const rank = ({ name }: Template): number => {
    const low = name.toLocaleLowerCase();
    return low.startsWith(first) ? 0 : low.includes(first) ? 1 : 2;
  };
  return [...hits].sort((one, other) => rank(one) - rank(other));
}

/** What stands behind the "/" that begins the word at the caret; null: none does. */
export function slashWord(before: string): string | null {
  return /(?:^|\s)\/([^\s/]{0,40})$/u.exec(before)?.[1] ?? null;
}
