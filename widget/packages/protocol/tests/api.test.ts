import { beforeEach, describe, expect, test, vi } from "vitest";

import { api, type Me } from "../src/index.js";

function hub(status: number, body: string) {
  const asked: { url: string; init: RequestInit }[] = [];
  const call = api({
    base: "https://hub.example",
    token: () => "secret",
    fetch: async (url, init) => {
      asked.push({ url: String(url), init: init ?? {} });
      return new Response(status === 204 ? null : body, { status });
    },
  });
  return { asked, call };
}

test("path, query, body and token go where they belong", async () => {
  const { asked, call } = hub(200, "{}");
  await call("POST /api/conversations/{id}/messages", { id: "a/b", body: { text: "Hello" }, idempotencyKey: "k" });
  await call("GET /api/conversations", { query: { folder: "mine", limit: 50 } });
  expect(asked.map(({ url }) => url)).toEqual([
    "https://hub.example/api/conversations/a%2Fb/messages",
    "https://hub.example/api/conversations?folder=mine&limit=50",
  ]);
  expect(asked[0]?.init).toMatchObject({
    method: "POST",
    body: '{"text":"Hello"}',
    credentials: "omit",
    headers: { Authorization: "Bearer secret", "Idempotency-Key": "k", "Content-Type": "application/json" },
  });
});

test("what the hub answers comes back as its type, and nothing as nothing", async () => {
  const me: Me = await hub(200, '{"agent":{"name":"An"}}').call("GET /api/session");
  expect(me.agent.name).toBe("An");
  expect(await hub(204, "").call("DELETE /api/session")).toBeUndefined();
});

test("an error is thrown as the hub's own words", async () => {
  const error = {
    code: "invalid",
    message: "Say who.",
    fields: [{ field: "name", code: "required", message: "Say who." }],
  };
  await expect(hub(422, JSON.stringify({ error })).call("GET /api/counts")).rejects.toMatchObject(error);
});

test("a proxy's page and a dead line are `unavailable`", async () => {
  await expect(hub(200, "<h1>Pay for the net</h1>").call("GET /api/counts")).rejects.toMatchObject({
    code: "unavailable",
  });
  await expect(hub(502, "<h1>Bad gateway</h1>").call("GET /api/counts")).rejects.toMatchObject({ code: "unavailable" });
  const dead = api({ fetch: () => Promise.reject(new TypeError("Failed to fetch")) });
  await expect(dead("GET /api/counts")).rejects.toMatchObject({ code: "unavailable" });
});

describe("a request that gets no end", () => {
  // A fetch, or a body, that lasts until it is called off, as the browser's do.
  const until = (signal: AbortSignal | null | undefined) =>
    new Promise<never>((_, reject) => {
      if (signal?.aborted) reject(signal.reason);
      signal?.addEventListener("abort", () => reject(signal.reason));
    });
  const silent: typeof fetch = (_, init) => until(init?.signal);
  const stuck: typeof fetch = async (_, init) => ({ ok: true, text: () => until(init?.signal) }) as unknown as Response;
  let outOfTime: AbortController;
  beforeEach(() => {
    outOfTime = new AbortController();
    vi.spyOn(AbortSignal, "timeout").mockReturnValue(outOfTime.signal);
    return () => void vi.restoreAllMocks();
  });

  test.each([
    ["before its answer", silent],
    ["in the middle of its answer", stuck],
  ])("%s is called off by the one who asked, and by the time limit", async (_, fetch) => {
    const call = api({ fetch });
    const person = new AbortController();
    const left = call("GET /api/counts", { signal: person.signal });
    const waited = call("GET /api/counts");
    const both = call("GET /api/counts", { signal: new AbortController().signal });
    person.abort();
    await expect(left).rejects.toMatchObject({ name: "AbortError" });
    outOfTime.abort(new DOMException("", "TimeoutError"));
    await expect(waited).rejects.toMatchObject({ code: "unavailable" });
    await expect(both).rejects.toMatchObject({ code: "unavailable" });
  });
});

test("a line that breaks in the middle of an answer is `unavailable`", async () => {
  const text = () => Promise.reject(new TypeError("network error"));
  const call = api({ fetch: async () => ({ ok: true, text }) as unknown as Response });
  await expect(call("GET /api/counts")).rejects.toMatchObject({ code: "unavailable" });
});
