/** What a site's own script may call and hear: `Switchboard(…)`. */

import { expect, test } from "vitest";

import { field, frame, hub, launcher, openChat, page, panel, say, shot, stage, visit } from "./stage.js";

stage();

const call = (...args: unknown[]) => page.evaluate((given) => (window as unknown as Site).Switchboard(...given), args);

/** The page's own globals. */
interface Site {
  heard: unknown[];
  Switchboard(...call: unknown[]): void;
}

/** What a page hears from now on, by name. */
async function listen(...names: string[]) {
  await page.evaluate((all) => {
    const site = window as unknown as Site;
    site.heard = [];
    for (const name of all) site.Switchboard("on", name, (value: unknown) => site.heard.push([name, value]));
  }, names);
  return () => page.evaluate<unknown[]>("heard");
}

const MARIA = { user_id: "4711", hash: "aa", name: "Maria", email: "maria@shop.example", attributes: { plan: "gold" } };

function sends() {
  return hub.said.flatMap((said) => (said.t === "command" && said.do === "send" ? [said] : []));
}

function described() {
  return hub.said.flatMap((said) => (said.t === "command" && said.do === "describe" ? [said.about] : []));
}

/** All that the panel keeps. */
const kept = () => frame().evaluate("JSON.stringify(localStorage)") as Promise<string>;

test("a call that nobody knows says so and leaves the chat as it is", async () => {
  await visit();
  const warned: string[] = [];
  page.on("console", (message) => message.type() === "warning" && warned.push(message.text()));
  await openChat();
  await call("identfy", { user_id: "4711" });
  await expect.poll(() => warned).toContain('Switchboard: there is no "identfy"');
  await launcher("Close chat").waitFor();
  await say("Hello");
  await panel().getByText("Sent", { exact: true }).waitFor();
});

test("a page hears of messages and conversations, and nothing of what is said", async () => {
  await visit();
  const heard = await listen("open", "message_created", "conversation_created", "conversation_changed");
  await openChat();
  await say("Hello");
  await panel().getByText("Sent", { exact: true }).waitFor();
  hub.agentSays("The secret of the lamp");
  await panel().getByText("The secret of the lamp").waitFor();
  hub.changes({ closed: true });
  await expect.poll(heard).toContainEqual(["conversation_changed", { closed: true }]);
  expect(await heard()).toContainEqual(["message_created", { kind: "agent", name: "Anna de Vries" }]);
  expect(await heard()).toContainEqual(["conversation_created", { closed: false }]);
  expect(JSON.stringify(await heard())).not.toContain("lamp");
  await page.evaluate(() => {
    const site = window as unknown as Site;
    const listener = () => site.heard.push("off");
    site.Switchboard("on", "close", listener);
    site.Switchboard("off", "close", listener);
  });
  await call("close");
  await launcher("Open chat").waitFor();
  expect(await heard()).not.toContain("off");
});

test("the launcher goes and comes, and the language changes, as the page says", async () => {
  await visit();
  await launcher().waitFor();
  await call("hide");
  await launcher().waitFor({ state: "hidden" });
  await call("open");
  await field().waitFor();
  await call("show");
  await launcher("Close chat").waitFor();
  await call("language", "nl");
  await launcher("Chat sluiten").waitFor();
  await panel().getByPlaceholder("Schrijf een bericht").waitFor();
  await call("language", "ar");
  await expect.poll(() => frame().evaluate("document.documentElement.dir")).toBe("rtl");
  await shot("arabic-by-call");
});

test("shut down, nothing is left on the page", async () => {
  await visit();
  await openChat();
  await call("shutdown");
  expect(page.frames()).toHaveLength(1);
  expect(await launcher().count()).toBe(0);
  expect(await page.evaluate("'Switchboard' in window")).toBe(false);
});

test("who is signed in is told to the hub, with what the page says of them", async () => {
  await visit();
  await launcher().waitFor();
  expect(page.frames()).toHaveLength(1);
  const heard = await listen("identified");
  await call("identify", MARIA);
  await call("attributes", { basket: 3 });
  await openChat();
  await expect.poll(heard).toEqual([["identified", true]]);
  expect(hub.opened).toEqual([{ widget_key: "key", user: { id: "4711", hash: "aa" } }]);
  await say("Hello");
  await panel().getByText("Sent", { exact: true }).waitFor();
  const about = {
    user_id: "4711",
    name: "Maria",
    email: "maria@shop.example",
    attributes: { plan: "gold", basket: "3" },
  };
  expect(sends()[0]?.about).toEqual(about);
  await call("attributes", { basket: 4, coupon: null });
  await expect.poll(() => described().at(-1)?.attributes).toEqual({ plan: "gold", basket: "4", coupon: "" });
});

test("who signs in takes along what this browser has said, also what waits", async () => {
  await visit();
  await openChat();
  await field().fill("Half a sen");
  await call("identify", MARIA);
  await expect
    .poll(() => hub.opened.at(-1))
    .toEqual({
      widget_key: "key",
      token: "token",
      user: { id: "4711", hash: "aa" },
    });
  await expect.poll(() => field().inputValue()).toBe("Half a sen");
});

test("who is not believed is nobody else instead", async () => {
  hub.doubtful = true;
  await visit();
  await launcher().waitFor();
  const heard = await listen("identified");
  await call("identify", MARIA);
  await launcher().click();
  await panel().getByText("The chat is not available on this page.").waitFor();
  await expect.poll(heard).toEqual([["identified", false]]);
  expect(hub.opened.every(({ user }) => user?.id === "4711")).toBe(true);
});

test("after reset nothing of whoever was here is left, and the next one finds nothing", async () => {
  await visit();
  await launcher().waitFor();
  await call("identify", MARIA);
  await openChat();
  await field().fill("My secret");
  await expect.poll(kept).toContain("My secret");
  await call("reset");
  await expect.poll(kept).not.toContain("My secret");
  await field().waitFor();
  expect(await field().inputValue()).toBe("");
  await expect.poll(() => hub.opened.at(-1)).toEqual({ widget_key: "key" });
  expect(await kept()).not.toContain("4711");
  // Said anew it does nothing more.
  await field().fill("Mine");
  await call("attributes", { plan: "none" });
  expect(await field().inputValue()).toBe("Mine");
});

test("without a word from the page nobody is signed in, in a browser where somebody was", async () => {
  await visit();
  await launcher().waitFor();
  await call("identify", MARIA);
  await openChat();
  await field().fill("My secret");
  await expect.poll(kept).toContain("My secret");
  await page.reload();
  await openChat();
  expect(await field().inputValue()).toBe("");
  expect(hub.opened.at(-1)).toEqual({ widget_key: "key" });
});
