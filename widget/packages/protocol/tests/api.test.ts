import { expect, test } from "vitest";

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
  await expect(hub(502, "<h1>Bad gateway</h1>").call("GET /api/counts")).rejects.toMatchObject({ code: "unavailable" });
  const dead = api({ fetch: () => Promise.reject(new TypeError("Failed to fetch")) });
  await expect(dead("GET /api/counts")).rejects.toMatchObject({ code: "unavailable" });
});
