/** Makes a desk with the real hub, clock and storage. */
import { type Api, browser, connect, type Me, webStorageOutbox } from "@switchboard/protocol";
import { upload } from "../net/upload";
import type { ListQuery } from "../state/lists";
import { type Desk, makeDesk } from "./desk";

/** When the page is hidden nothing is drawn, yet counts and the title go on; this often, milliseconds. */
const HIDDEN_DRAWING_MS = 200;

/** Whichever comes first: a page that is hidden in between draws no frame until it is shown again. */
function beforeDrawing(work: () => void): void {
  let done = false;
  const once = (): void => {
    if (done) return;
    done = true;
    clearTimeout(timer);
    cancelAnimationFrame(frame);
    work();
  };
  const timer = setTimeout(once, HIDDEN_DRAWING_MS);
  const frame = requestAnimationFrame(once);
}

export function openDesk(api: Api, me: Me, first: ListQuery, signedOut: () => void): Desk {
  const socket = connect<"agent">({
    face: "agent",
    url: `${window.location.origin.replace(/^http/, "ws")}/ws/agent`,
    outbox: webStorageOutbox<"agent">(localStorage, `switchboard.outbox.${me.agent.id}.`),
  });
  return makeDesk({
    api,
    socket,
    me,
    first,
    sendFile: upload,
    signedOut,
    storage: localStorage,
    otherTabs(listener) {
      const heard = ({ key, oldValue, newValue, storageArea }: StorageEvent): void => {
        if (key !== null && storageArea === localStorage) listener(key, oldValue, newValue);
      };
      window.addEventListener("storage", heard);
      return () => window.removeEventListener("storage", heard);
    },
    clock: () => Date.now(),
    newId: browser.newId,
    random: browser.random,
    beforeDrawing,
    later(work, ms) {
      const timer = setTimeout(work, ms);
      return () => clearTimeout(timer);
    },
  });
}
