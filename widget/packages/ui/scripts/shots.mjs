// Photographs the gallery: both themes, both directions, wide and narrow; and each scene of the wide ones on its own with
// --scenes. Says where the pictures are.
//
//     npm run shots -w @switchboard/ui [-- --scenes] [-- FOLDER]

import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { withGallery } from "./gallery.mjs";

const words = process.argv.slice(2);
const scenes = words.includes("--scenes");
const folder = words.find((word) => !word.startsWith("--")) ?? join(tmpdir(), "switchboard-shots");
const HEIGHT = 900;

await mkdir(folder, { recursive: true });
await withGallery(async (page, open) => {
  for (const theme of ["light", "dark"]) {
    for (const [direction, language] of [
      ["ltr", "en"],
      ["rtl", "ar"],
    ]) {
      for (const width of [360, 1280]) {
        await page.setViewportSize({ width, height: HEIGHT });
        await open({ theme, direction, language });
        // A sticky bar would lie over what is photographed.
        await page.addStyleTag({ content: ".switches { position: static }" });
        const name = `${theme}-${direction}-${width}`;
        await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
        if (!scenes || width === 360) continue;
        for (const scene of await page.locator(".gallery__scene").all()) {
          const title = await scene.getAttribute("aria-label");
          await scene.screenshot({ path: join(folder, `${name}-${title?.toLowerCase().replace(/\W+/g, "-")}.png`) });
        }
      }
    }
  }
});
process.stdout.write(`${folder}\n`);
