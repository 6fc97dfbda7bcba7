import { expect, test } from "vitest";

import { campaignOf } from "../panel/source";

test("only campaign parameters are taken from an address", () => {
  expect(campaignOf("https://shop.example/?utm_source=letter&session=secret&gclid=1")).toEqual([
    ["utm_source", "letter"],
    ["gclid", "1"],
  ]);
  expect(campaignOf("not an address")).toEqual([]);
});

test("their number and length are bounded", () => {
  const many = Array.from({ length: 40 }, (_, i) => `utm_${i}=${"x".repeat(500)}`).join("&");
  const taken = campaignOf(`https://shop.example/?${many}`);
  expect(taken).toHaveLength(12);
  expect(taken.every(([, value]) => value.length === 200)).toBe(true);
});
