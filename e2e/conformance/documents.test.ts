/** The documents that the hub serves about itself are what they say they are. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DiagnosticSeverity, Parser } from "@asyncapi/parser";
import { afterAll, beforeAll, expect, test } from "vitest";

import { ALONE, Deployment } from "../src/deployment.js";
import { finish } from "../src/process.js";
import { tool } from "../src/tools.js";

let deployment: Deployment;
beforeAll(async () => {
  deployment = await Deployment.start(ALONE);
});
afterAll(() => deployment?.stop());

const fetchText = async (path: string) => (await fetch(deployment.url + path)).text();

test("the OpenAPI document is valid", async () => {
  const folder = await mkdtemp(join(tmpdir(), "switchboard-openapi-"));
  try {
    const file = join(folder, "openapi.json");
    await writeFile(file, await fetchText("/api/openapi.json"));
    const { code, output } = await finish(tool("OPENAPI_SPEC_VALIDATOR"), ["--errors", "all", file]);
    expect(code, output).toBe(0);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("the AsyncAPI document is valid", async () => {
  const { document, diagnostics } = await new Parser().parse(await fetchText("/api/asyncapi.json"));
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === DiagnosticSeverity.Error);
  expect(errors.map((error) => `${error.path.join("/")}: ${error.message}`)).toEqual([]);
  expect(document?.channels().all().length).toBeGreaterThanOrEqual(2);
});
