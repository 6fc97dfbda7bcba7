// What a first load of the built dashboard costs: the document's own scripts and styles with all that they import at once,
// and one language. Exits 1 when it is over the budget.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

/** Budget of the first load, bytes after gzip. */
const BUDGET = 150_000;

const dist = new URL("../dist/", import.meta.url);
const assets = new URL("assets/", dist);
const wanted = new Set(readFileSync(new URL("index.html", dist), "utf8").match(/assets\/[\w.-]+\.(?:js|css)/g));
for (const file of wanted) {
  if (!file.endsWith(".js")) continue;
  const text = readFileSync(new URL(file, dist), "utf8");
  for (const [, name] of text.matchAll(/\bfrom\s*["']\.\/([\w.-]+\.js)["']/g)) wanted.add(`assets/${name}`);
}
// The words of one language, taken as the dearest.
for (const section of ["common", "dashboard", "desk"]) {
  const files = readdirSync(assets).filter((name) => name.startsWith(`${section}-`) && name.endsWith(".js"));
  const dearest = files.sort((a, b) => packed(`assets/${b}`) - packed(`assets/${a}`))[0];
  if (dearest) wanted.add(`assets/${dearest}`);
}

function packed(file) {
  return gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length;
}

const total = [...wanted].reduce((sum, file) => sum + packed(file), 0);
process.stdout.write(
  `dashboard, first load: ${(total / 1000).toFixed(1)} kB gzip of ${BUDGET / 1000} kB in ${wanted.size} files\n`,
);
process.exit(total > BUDGET ? 1 : 0);
