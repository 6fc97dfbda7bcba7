/**
 * Autobahn's cases on the hub's frame codec. They speak to an echo, which debug builds offer on `/ws/echo`: the same
 * handshake and codec as the agents' and the visitors' sockets.
 *
 * Left out: 9 (throughput), 12 and 13 (compression, which the hub does not offer).
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

import { ALONE, Deployment } from "../src/deployment.js";
import { finish } from "../src/process.js";
import { tool } from "../src/tools.js";

/** NON-STRICT is what the suite calls right but later than it could be; INFORMATIONAL has no right answer. */
const RIGHT = ["OK", "NON-STRICT", "INFORMATIONAL"];

type Verdict = { behavior: string; behaviorClose: string };

const cases = await runCases();

test("the suite ran whole", () => {
  expect(cases.length).toBeGreaterThanOrEqual(247);
});

test.each(cases)("case %s", (_id, verdict) => {
  expect(RIGHT).toContain(verdict.behavior);
  expect(RIGHT).toContain(verdict.behaviorClose);
});

async function runCases(): Promise<[string, Verdict][]> {
  const deployment = await Deployment.start(ALONE);
  const out = await mkdtemp(join(tmpdir(), "switchboard-autobahn-"));
  try {
    const url = `${deployment.hubUrl(0).replace("http", "ws")}/ws/echo`;
    const skip = ["9.*", "12.*", "13.*"].flatMap((section) => ["-x", section]);
    const run = await finish(tool("KOSOKU"), [...skip, "-o", out, url]);
    const report = await readFile(join(out, "index.json"), "utf8").catch(() => {
      throw new Error(`no report was written:\n${run.output}`);
    });
    const [verdicts] = Object.values(JSON.parse(report) as Record<string, Record<string, Verdict>>);
    return Object.entries(verdicts ?? {});
  } finally {
    await deployment.stop();
    await rm(out, { recursive: true, force: true });
  }
}
