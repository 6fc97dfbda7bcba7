/**
 * Schemathesis on the HTTP API: requests made from its own description, right ones and wrong ones, and every answer must
 * be one that the description names. One test for each operation.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

import { ALONE } from "../src/deployment.js";
import { finish } from "../src/process.js";
import { tool } from "../src/tools.js";
import { open, UNLIMITED } from "../src/workspace.js";

/** Requests made up for each operation; the seed makes a failure come again. */
const EXAMPLES = 30;
const SEED = 1;

/**
 * What is asked of every answer. Left out: that what the description does not forbid is accepted, and that what it cannot
 * express is refused (an id of nobody, a name taken): those are the hub's to decide.
 */
const CHECKS = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_headers_conformance",
  "response_schema_conformance",
  "unsupported_method",
];

/** Enough of a failure to see what was asked and answered. */
const FAILURE_CHARS = 1_500;

/** A path and what schemathesis found wrong with it; none: nothing. */
type Operation = readonly [name: string, failures: readonly string[]];

const operations = await run();

test("every operation was tried", () => {
  expect(operations.length).toBeGreaterThan(30);
});

test.each(operations)("%s", (_name, failures) => {
  expect(failures).toEqual([]);
});

async function run(): Promise<Operation[]> {
  const { deployment, owner } = await open(ALONE, UNLIMITED);
  const out = await mkdtemp(join(tmpdir(), "switchboard-schemathesis-"));
  try {
    const program = await owner.program("schemathesis", ["read", "write", "admin"]);
    const junit = join(out, "junit.xml");
    const run = await finish(
      tool("SCHEMATHESIS"),
      [
        ...["run", `${deployment.hubUrl(0)}/api/openapi.json`, "--phases", "examples,coverage,fuzzing"],
        ...["--header", `Authorization: Bearer ${program.secret}`, "--checks", CHECKS.join(",")],
        ...["--max-examples", `${EXAMPLES}`, "--seed", `${SEED}`, "--continue-on-failure", "--no-color"],
        ...["--report-junit-path", junit],
      ],
      { cwd: out },
    );
    const report = await readFile(junit, "utf8").catch(() => {
      throw new Error(`no report was written:\n${run.output}`);
    });
    return readJunit(report);
  } finally {
    await deployment.stop();
    await rm(out, { recursive: true, force: true });
  }
}

function readJunit(xml: string): Operation[] {
  const cases = [...xml.matchAll(/<testcase name="([^"]+)"[^>]*?(?:\/>|>(.*?)<\/testcase>)/gs)];
  return cases.map(([, name = "", inside = ""]) => {
    const failures = [...inside.matchAll(/<(?:failure|error)[^>]*>(.*?)<\/(?:failure|error)>/gs)];
    return [name, failures.map(([, text = ""]) => text.slice(0, FAILURE_CHARS))] as const;
  });
}
