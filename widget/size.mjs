/** The budgets (W1): what a visitor's browser gets, gzip. Fails above them. Run after a build. */

import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LOADER_BYTES = 3_000;
const FORM_BYTES = 3_000;
const PANEL_BYTES = 25_000;
/** Comes with the first message of a bot, and not to who never hears of one. */
const BOTS_BYTES = 3_000;

const gzipped = (path) => gzipSync(readFileSync(new URL(`dist/${path}`, import.meta.url)), { level: 9 }).length;

const assets = readdirSync(new URL("dist/panel/assets", import.meta.url)).map((name) => `panel/assets/${name}`);
const uncounted = assets.filter((path) => !/\/(index|chat|parts)-/.test(path));
if (uncounted.length) throw new Error(`Nobody counts ${uncounted.join()}: say which budget they are of.`);
// A visitor loads one language: the largest is counted.
const largest = (section) => Math.max(...assets.filter((path) => path.includes(`/${section}-`)).map(gzipped));
const always = assets.filter((path) => /\/index-/.test(path)).reduce((sum, path) => sum + gzipped(path), 0);

const sizes = [
  ["loader", gzipped("widget.js"), LOADER_BYTES],
  ["form", gzipped("form.js"), FORM_BYTES],
  // Its styles are in its script.
  ["bots", largest("parts"), BOTS_BYTES],
  ["panel", gzipped("panel/index.html") + always + largest("chat"), PANEL_BYTES],
];
for (const [name, bytes, bound] of sizes) process.stdout.write(`${name}: ${bytes} of ${bound} bytes\n`);
process.exit(sizes.every(([, bytes, bound]) => bytes <= bound) ? 0 : 1);
