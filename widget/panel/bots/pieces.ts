/** A text cut where its formats begin and end: pieces to draw, never HTML. */

import type { Format } from "@switchboard/protocol";

export type Piece = string | readonly [format: Format, within: Piece[]];

/** Parts that lie within each other stay so; of two with one extent the first is the outer one. */
export function piecesOf(text: string, formats: readonly Format[]): Piece[] {
  const next = [...formats].sort((a, b) => a.offset - b.offset || b.length - a.length);

  function within(done: number, to: number): Piece[] {
    const pieces: Piece[] = [];
    for (let [format] = next; format && format.offset < to; [format] = next) {
      next.shift();
      const { offset } = format;
      // The hub lets none overlap; one that does ends with what it is in.
      const end = Math.min(offset + format.length, to);
      if (offset < done || end <= offset) continue;
      pieces.push(text.slice(done, offset), [format, within(offset, end)]);
      done = end;
    }
    return [...pieces, text.slice(done, to)].filter((piece) => piece.length > 0);
  }

  return within(0, text.length);
}
