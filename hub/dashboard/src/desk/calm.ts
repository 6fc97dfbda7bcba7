/** For what many events ask for at once, on every page at the same moment: done once for all of them, spread, and soon. */
import type { Core } from "./core";

/** It is done this long after it was last asked for, milliseconds … */
const CALM_MS = 250;
/** … and up to so much later, milliseconds … */
const SPREAD_MS = 750;
/** … and however busy it is, at the latest after this. */
const LATEST_MS = 1_000;

export interface Calm {
  soon(): void;
  /** It is being done now: what was asked for before is dealt with. */
  done(): void;
}

export function whenCalm(core: Pick<Core, "clock" | "later" | "random">, work: () => void): Calm {
  let cancel: (() => void) | null = null;
  let since = 0;

  function done(): void {
    cancel?.();
    cancel = null;
  }

  return {
    done,
    soon() {
      if (cancel && core.clock() - since > LATEST_MS - CALM_MS) return;
      if (!cancel) since = core.clock();
      cancel?.();
      cancel = core.later(
        () => {
          cancel = null;
          work();
        },
        CALM_MS + core.random() * SPREAD_MS,
      );
    },
  };
}
