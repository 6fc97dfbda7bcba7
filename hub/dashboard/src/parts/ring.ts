/**
 * A sound, and the browser's own notice. Of several tabs one rings; none does while the person looks at that conversation in
 * one of them: that one is first, and the others hear that it was done.
 */
import type { Notification as Told } from "@switchboard/protocol";

/** Whoever is not looked at waits so long for one that is, milliseconds. */
const AFTER_YOU_MS = 150;
/** So long the others know that it was done, milliseconds. */
const DONE_MS = 3_000;

export interface Ring {
  readonly told: Told;
  /** The person looks at it in this tab. */
  readonly looking: boolean;
  readonly sound: boolean;
  readonly desktop: boolean;
  readonly title: string;
  readonly body: string;
  open(): void;
}

export async function ring(one: Ring): Promise<void> {
  const { conversation_id, kind, at } = one.told;
  if (!one.looking) await wait(AFTER_YOU_MS);
  // Only pages with a secure origin have locks; elsewhere each tab rings for itself.
  if (navigator.locks === undefined) return sounded(one);
  const name = `switchboard.ring.${conversation_id}.${kind}.${at}`;
  await navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    sounded(one);
    await wait(DONE_MS);
  });
}

function sounded({ told, looking, sound, desktop, title, body, open }: Ring): void {
  if (looking) return;
  if (sound) play();
  if (!desktop || !("Notification" in window) || Notification.permission !== "granted") return;
  const notice = new Notification(title, { body, tag: `${told.conversation_id} ${told.kind}`, silent: true });
  notice.onclick = () => {
    window.focus();
    open();
    notice.close();
  };
}

let audio: AudioContext | null = null;

/** Two short notes, one above the other. */
export function play(): void {
  try {
    audio ??= new AudioContext();
    const { currentTime: now } = audio;
    // A page that nobody has touched yet may make no sound: the browser holds it back.
    void audio.resume().catch(() => undefined);
    for (const [place, pitch] of [660, 880].entries()) {
      const [tone, loudness] = [audio.createOscillator(), audio.createGain()];
      const from = now + place * 0.12;
      tone.frequency.value = pitch;
      loudness.gain.setValueAtTime(0, from);
      loudness.gain.linearRampToValueAtTime(0.12, from + 0.02);
      loudness.gain.exponentialRampToValueAtTime(0.001, from + 0.25);
      tone.connect(loudness).connect(audio.destination);
      tone.start(from);
      tone.stop(from + 0.26);
    }
  } catch {
    // No sound here.
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
