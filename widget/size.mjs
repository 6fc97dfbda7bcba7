/** The budgets (W1): what a visitor's browser gets, gzip. Fails above them. Run after a build. */

import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LOADER_BYTES = 3_000;
const FORM_BYTES = 3_000;
const PANEL_BYTES = 25_000;
/** Comes with the first message of a bot, and not to who never hears of one. */
const BOTS_BYTES = 3_000;

/** What a page says of who is signed in: comes where one does. */
const SITE_BYTES = 2_000;
/** Comes with the first file, of a message or of what is being written. */
const FILES_BYTES = 2_500;
/** Comes once somebody has written, with its words. */
const TALK_BYTES = 3_000;
/** Comes where the site asks something before the first message, and while an inbox is closed, with its words. */
const BEFORE_BYTES = 2_500;

const gzipped = (path) => gzipSync(readFileSync(new URL(`dist/${path}`, import.meta.url)), { level: 9 }).length;

const assets = readdirSync(new URL("dist/panel/assets", import.meta.url)).map((name) => `panel/assets/${name}`);
const uncounted = assets.filter((path) => !/\/(index|chat|parts|files|talk|cases|before|asked|site)-/.test(path));
if (uncounted.length) throw new Error(`Nobody counts ${uncounted.join()}: say which budget they are of.`);
// A visitor loads one language: the largest is counted.
const largest = (section) => Math.max(...assets.filter((path) => path.includes(`/${section}-`)).map(gzipped));
const always = assets.filter((path) => /\/index-/.test(path)).reduce((sum, path) => sum + gzipped(path), 0);

const sizes = [
  ["loader", gzipped("widget.js"), LOADER_BYTES],
  ["form", gzipped("form.js"), FORM_BYTES],
  // Its styles are in its script.
  ["bots", largest("parts"), BOTS_BYTES],
  ["files", largest("files"), FILES_BYTES],
  ["talk", largest("talk") + largest("cases"), TALK_BYTES],
  ["before", largest("before") + largest("asked"), BEFORE_BYTES],
  ["site", largest("site"), SITE_BYTES],
  ["panel", gzipped("panel/index.html") + always + largest("chat"), PANEL_BYTES],
];
for (const [name, bytes, bound] of sizes) process.stdout.write(`${name}: ${bytes} of ${bound} bytes\n`);
process.exit(sizes.every(([, bytes, bound]) => bytes <= bound) ? 0 : 1);
