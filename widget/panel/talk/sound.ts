/** A short sound for a new message: only where it is wanted, only while nobody looks, once for all tabs of a site. */

import { effect, type ReadonlySignal } from "@preact/signals";

import type { Chat } from "../chat";
import type { Host } from "../host";

/** Two tones, hertz. */
const TONES = [660, 880];
/** From one tone to the next, and until it is silent, seconds. */
const NEXT_S = 0.12;
const LASTS_S = 0.3;
const LOUD = 0.08;
/** Later than this it is of no use, and so long no other tab rings, ms. */
const ONE_RING_MS = 1_000;

let audio: AudioContext | undefined;

export function ring() {
  const asked = Date.now();
  audio ??= new AudioContext();
  const { destination } = audio;
  // A browser may hold it back until the next click: by then nobody waits for it.
  void audio.resume().then(() => {
    if (!audio || Date.now() - asked > ONE_RING_MS) return;
    for (const [place, hertz] of TONES.entries()) {
      const from = audio.currentTime + place * NEXT_S;
      const tone = audio.createOscillator();
      const gain = audio.createGain();
      tone.frequency.value = hertz;
      gain.gain.setValueAtTime(LOUD, from);
      gain.gain.exponentialRampToValueAtTime(LOUD / 1_000, from + LASTS_S);
      tone.connect(gain).connect(destination);
      tone.start(from);
      tone.stop(from + LASTS_S);
    }
  });
}

/** Until what it gives back is called. */
export function rings(chat: Chat, host: Host, wanted: ReadonlySignal<boolean>): () => void {
  let heard: string | undefined;
  return effect(() => {
    const newest = chat.messages.value.findLast(({ author }) => author.kind !== "you");
    const isNew = heard !== undefined && newest && newest.id > heard;
    if (newest && (heard === undefined || isNew)) heard = newest.id;
    heard ??= "";
    if (!isNew || !wanted.peek() || (host.open.peek() && !document.hidden)) return;
    if (!navigator.locks) return ring();
    void navigator.locks.request("switchboard.ring", { ifAvailable: true }, async (mine) => {
      if (!mine) return;
      ring();
      await new Promise((done) => setTimeout(done, ONE_RING_MS));
    });
  });
}
