/** How a screen comes to the desk. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Desk } from "./desk/desk";

export const DeskContext = createContext<Desk | null>(null);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error("screens of the desk are drawn inside DeskContext");
  return desk;
}
