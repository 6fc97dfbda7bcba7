// Holds the gallery against axe-core: both themes and directions, wide and narrow, and with a menu and a dialog open.
// Any finding fails.
//
//     npm run axe -w @switchboard/ui

import { createRequire } from "node:module";

import { withGallery } from "./gallery.mjs";

const axe = createRequire(import.meta.url).resolve("axe-core");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Of a whole document; here each panel, which is one elsewhere, stands within the gallery's. */
const OF_DOCUMENTS = ["landmark-main-is-top-level", "landmark-no-duplicate-main", "landmark-unique"];

async function findings(page) {
  await page.addScriptTag({ path: axe });
  const { violations } = await page.evaluate(
    ([tags, off]) =>
      window.axe.run(document, { runOnly: tags, rules: Object.fromEntries(off.map((id) => [id, { enabled: false }])) }),
    [TAGS, OF_DOCUMENTS],
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(
      (node) =>
        `${id}: ${help}\n    ${node.target.join(" ")}\n    ${node.html.slice(0, 200)}\n    ${node.any.map((check) => check.message).join("; ")}`,
    ),
  );
}

let failed = 0;
await withGallery(async (page, open) => {
  const look = async (what) => {
    const found = await findings(page);
    failed += found.length;
    process.stdout.write(`${what}: ${found.length} findings\n${found.map((text) => `  ${text}\n`).join("")}`);
  };
  for (const theme of ["light", "dark"]) {
    for (const [language, width] of [
      ["en", 1280],
      ["ar", 360],
    ]) {
      await page.setViewportSize({ width, height: 900 });
      await open({ theme, language });
      await look(`${theme} ${language} ${width}`);
    }
  }
  await open({ theme: "light", language: "en" });
  await page.getByRole("region", { name: "Menus" }).getByRole("button", { name: "More" }).click();
  await page.getByRole("menu").first().waitFor();
  await look("with a menu open");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Delete forever" }).click();
  await page.getByRole("dialog").waitFor();
  await look("with a dialog open");
});
process.exitCode = failed === 0 ? 0 : 1;
