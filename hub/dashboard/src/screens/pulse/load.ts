/** What each of the team has to do now, asked from the hub by the lists that there are: bounded, and not kept in the store. */
import type { AgentId, Api, ApiError } from "@switchboard/protocol";
import { useEffect, useState } from "preact/hooks";
import { apiError } from "../../net/errors";

/** Conversations of one person that are counted; more are "50+". */
export const COUNTED = 50;
/** People that are asked about; of a larger house those who are here come first. */
export const PEOPLE = 30;
/** Asked again this often while the page is looked at, milliseconds. */
const AGAIN_MS = 30_000;

/** Nobody's: what waits for somebody to take it. */
export const NOBODY = "nobody";

export interface Load {
  /** Open conversations, no more than `COUNTED` + 1. */
  readonly open: number;
  /** Since when the customer waits who waits longest; none waits: null. */
  readonly waitingSince: number | null;
}

export type Loads = ReadonlyMap<AgentId | typeof NOBODY, Load>;

async function loadOf(api: Api, assignee: string): Promise<Load> {
  const query = { folder: "inbox", status: "open", sort: "waiting", assignee, limit: COUNTED + 1 } as const;
  const { rows } = await api("GET /api/conversations", { query });
  return { open: rows.length, waitingSince: rows[0]?.waiting_since ?? null };
}

export interface Asked {
  readonly loads: Loads;
  readonly error: ApiError | null;
  again(): void;
}

/** One after the other: a page that is only looked at takes no room from those who work. */
export function useLoads(api: Api, people: readonly string[]): Asked {
  const [loads, setLoads] = useState<Loads>(new Map());
  const [error, setError] = useState<ApiError | null>(null);
  const [time, setTime] = useState(0);
  const names = people.join();
  useEffect(() => {
    let gone = false;
    let asking = false;
    // One round at a time, however long it takes; and at once when the page is looked at again.
    const ask = async (): Promise<void> => {
      if (asking || document.visibilityState !== "visible") return;
      asking = true;
      try {
        for (const one of names.split(",").filter(Boolean)) {
          const load = await loadOf(api, one);
          if (gone) return;
          setLoads((before) => new Map(before).set(one, load));
        }
        setError(null);
      } catch (cause) {
        if (!gone) setError(apiError(cause));
      }
      asking = false;
    };
    void ask();
    const timer = setInterval(() => void ask(), AGAIN_MS);
    const looked = (): void => void ask();
    document.addEventListener("visibilitychange", looked);
    return () => {
      gone = true;
      document.removeEventListener("visibilitychange", looked);
      clearInterval(timer);
    };
  }, [names, time]);
  return { loads, error, again: () => setTime((before) => before + 1) };
}
