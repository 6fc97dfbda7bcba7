/**
 * How a text is cut into SMS, for the counter under the field: what the hub's `connectors/sms/src/segments.rs` does, proved
 * by the same cases. The tables are those of 3GPP TS 23.038, section 6.2.
 */

/** Seven bits a character (two of them for one of the extension table), or UTF-16 for what that cannot write. */
export type Encoding = "gsm7" | "ucs2";

export interface Segments {
  readonly encoding: Encoding;
  /** Septets, or UTF-16 units. */
  readonly units: number;
  /** How many SMS; none for an empty text. */
  readonly count: number;
  /** Units that the last one still has room for. */
  readonly left: number;
}

/** Units in an SMS that stands alone, and in each piece of a longer text. */
const ROOM = { gsm7: { alone: 160, piece: 153 }, ucs2: { alone: 70, piece: 67 } } as const;

const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ" +
    " !\"#¤%&'()*+,-./0123456789:;<=>?" +
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§" +
    "¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENSION = new Set("\f^{}\\[~]|€");

export function segments(text: string): Segments {
  const characters = [...text];
  const encoding = characters.every((one) => BASIC.has(one) || EXTENSION.has(one)) ? "gsm7" : "ucs2";
  // A character is never cut: two septets, or two halves of a surrogate pair, stay in one piece.
  const unitsOf = (one: string) => (encoding === "ucs2" ? one.length : EXTENSION.has(one) ? 2 : 1);
  const { alone, piece } = ROOM[encoding];
  const units = characters.reduce((sum, one) => sum + unitsOf(one), 0);
  if (units <= alone) return { encoding, units, count: units > 0 ? 1 : 0, left: alone - units };
  let count = 1;
  let filled = 0;
  for (const one of characters) {
    const wanted = unitsOf(one);
    if (filled + wanted > piece) {
      count += 1;
      filled = 0;
    }
    filled += wanted;
  }
  return { encoding, units, count, left: piece - filled };
}

/** The first sign that seven bits cannot write: because of it fewer fit into an SMS. Empty: there is none. */
export function foreignSign(text: string): string {
  return [...text].find((one) => !BASIC.has(one) && !EXTENSION.has(one)) ?? "";
}
