/**
 * SHA-256 of a text that fits one block (FIPS 180-4), as its first 32 bits: all that a proof is looked for in. The browser's
 * own is asynchronous, and slower for so little; and it is not there on pages without TLS.
 */

const FRACTION = 2 ** 32;
const BLOCK_CHARS = 55;

/** Fractional parts of the roots of the first primes: the constants, without writing them out. */
function roots(count: number, power: number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n += 1) {
    let prime = true;
    for (let divisor = 2; divisor * divisor <= n; divisor += 1) if (n % divisor === 0) prime = false;
    if (prime) found.push((n ** power * FRACTION) | 0);
  }
  return found;
}

const START = roots(8, 1 / 2);
const ROUNDS = roots(64, 1 / 3);
const w = new Int32Array(64);

const turn = (value: number, by: number): number => (value >>> by) | (value << (32 - by));

/** ASCII of at most 55 signs. */
export function firstBits(text: string): number {
  if (text.length > BLOCK_CHARS) throw new RangeError("more than one block");
  w.fill(0, 0, 16);
  for (let at = 0; at <= text.length; at += 1) {
    const sign = at < text.length ? text.charCodeAt(at) : 0x80;
    w[at >> 2] = (w[at >> 2] ?? 0) | (sign << (24 - (at % 4) * 8));
  }
  w[15] = text.length * 8;
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = START;
  for (let round = 0; round < 64; round += 1) {
    if (round >= 16) {
      const x = w[round - 15] ?? 0;
      const y = w[round - 2] ?? 0;
      const small = turn(x, 7) ^ turn(x, 18) ^ (x >>> 3);
      const large = turn(y, 17) ^ turn(y, 19) ^ (y >>> 10);
      w[round] = (w[round - 16] ?? 0) + small + (w[round - 7] ?? 0) + large;
    }
    const mixed = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
    const one = (h + mixed + ((e & f) ^ (~e & g)) + (ROUNDS[round] ?? 0) + (w[round] ?? 0)) | 0;
    const two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    [a, b, c, d, e, f, g, h] = [(one + two) | 0, a, b, c, (d + one) | 0, e, f, g];
  }
  return (a + (START[0] ?? 0)) >>> 0;
}
