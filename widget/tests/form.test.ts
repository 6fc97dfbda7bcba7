import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { prove } from "../form/proof";
import { firstBits } from "../form/sha256";

const known = (text: string) => createHash("sha256").update(text).digest().readUInt32BE();

test("a hash begins as everybody's does, up to the longest text that fits", () => {
  for (const text of ["", "abc", "0".repeat(55), `${"f".repeat(32)}:12345678901234567890`]) {
    expect(firstBits(text), text).toBe(known(text));
  }
  for (let n = 0; n < 1_000; n += 1) expect(firstBits(`${n}`.repeat(9)), `${n}`).toBe(known(`${n}`.repeat(9)));
  expect(() => firstBits("0".repeat(56))).toThrow(RangeError);
});

test("a proof is a number that gives the zero bits which are asked for", async () => {
  const token = `f1.${"0123456789abcdef".repeat(9)}`;
  const proof = await prove(token, 12);
  expect(proof).toMatch(/^\d{1,20}$/);
  expect(known(`${token.slice(-32)}:${proof}`) >>> 20).toBe(0);
});
