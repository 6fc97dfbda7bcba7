/** The names of all tags that can be offered: those that the page has met, which are there at once, and the house's own. */
import { useEffect, useState } from "preact/hooks";
import { useDesk } from "../context";

export function useTagNames(): ReadonlySet<string> {
  const desk = useDesk();
  const [house, setHouse] = useState<readonly string[]>([]);
  useEffect(() => {
    desk.tags.names().then(setHouse, () => undefined);
  }, []);
  const met = [...desk.core.state.conversations.values()].flatMap(({ thing }) => thing.tags);
  return new Set([...met, ...house]);
}
