/** Work for one message: a number whose hash begins with zero bits. In parts, so that typing is never held up. */

import { firstBits } from "./sha256";

/** How long one part may take, milliseconds: less than a frame. */
const PART_MS = 8;
/** Hashes between two looks at the clock. */
const AT_ONCE = 64;

/** `bits` at most 32. */
export async function prove(token: string, bits: number): Promise<string> {
  const workedOn = token.slice(-32);
  let until = performance.now() + PART_MS;
  for (let n = 0; ; n += 1) {
    if (Math.clz32(firstBits(`${workedOn}:${n}`)) >= bits) return String(n);
    if (n % AT_ONCE === 0 && performance.now() > until) {
      await new Promise((resolve) => setTimeout(resolve));
      until = performance.now() + PART_MS;
    }
  }
}
