/** The bots as admins set them up, as they are now: how each does is told by no event, who they are and where by one. */
import type { Bot } from "@switchboard/protocol";
import { useEffect } from "preact/hooks";
import { useDesk } from "../../../context";
import { type Asked, useAsked } from "../parts";

/** How each does is asked for again after this long, while the page is looked at, milliseconds. */
const AGAIN_MS = 10_000;

export function useBots(): Asked<readonly Bot[]> {
  const { api, house, connection } = useDesk();
  const asked = useAsked<readonly Bot[]>(async () => (await api("GET /api/bots")).bots);
  const known = house.value.bots;
  const live = connection.value.status === "live";
  useEffect(() => {
    // Also what was missed while there was no connection.
    if (live && asked.value.value) void asked.again();
  }, [known, live]);
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") void asked.again();
    }, AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  return asked;
}
