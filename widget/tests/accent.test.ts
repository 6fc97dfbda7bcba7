import fc from "fast-check";
import { expect, test } from "vitest";

import { contrast, parse, shades } from "../panel/accent";

const channel = fc.integer({ min: 0, max: 255 });

test("whatever colour the site has, words stand out from it and in it", () => {
  fc.assert(
    fc.property(channel, channel, channel, (red, green, blue) => {
      const { fill, onFill, textLight, textDark } = shades([red, green, blue]);
      expect(contrast(fill, onFill)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(textLight, [255, 255, 255])).toBeGreaterThanOrEqual(4.5);
      expect(contrast(textDark, [30, 30, 34])).toBeGreaterThanOrEqual(4.5);
    }),
  );
});

test("a colour that is good already stays what it is", () => {
  expect(shades([79, 70, 229]).fill).toEqual([79, 70, 229]);
  expect(shades([250, 204, 21])).toMatchObject({ fill: [250, 204, 21], onFill: [17, 17, 20] });
});

test("only #rrggbb is a colour", () => {
  expect(parse("#4f46e5")).toEqual([79, 70, 229]);
  for (const text of ["", "red", "#fff", "#12345g", "#4f46e5;}"]) expect(parse(text)).toBeUndefined();
});
