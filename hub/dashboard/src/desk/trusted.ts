/**
 * Senders whose pictures from other sites this person wants to see without being asked, kept in this browser. Who is not
 * read for some weeks is asked about again.
 */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { Core } from "./core";
import { shelf } from "./shelf";

export interface Trusted {
  /** Addresses, in lower case. */
  readonly senders: ReadonlySignal<ReadonlySet<string>>;
  trust(address: string): void;
  /** Asks about them from now on. */
  doubt(address: string): void;
}

export function makeTrusted(core: Core): Trusted {
  const kept = shelf<string>(core, "switchboard.trusted", core.state.me);
  const senders = signal<ReadonlySet<string>>(new Set(kept.all()));
  return {
    senders,
    trust(address) {
      const one = address.toLowerCase();
      // Again each time, so that it is kept as long as it is used.
      kept.put(one, one);
      if (!senders.value.has(one)) senders.value = new Set([...senders.value, one]);
    },
    doubt(address) {
      const one = address.toLowerCase();
      kept.remove(one);
      senders.value = new Set([...senders.value].filter((other) => other !== one));
    },
  };
}
