/** The team now: who is here, what they do, how much each has, and who waits longest. */
import { describe, expect, it } from "vitest";
import type { FakeHub } from "./fake-hub";
import { desks, shot, stories } from "./page";

const desk = desks();
const comes = stories();
const signedIn = (hub: FakeHub): void => {
  hub.signedIn = true;
};

describe("the team's pulse", () => {
  it("says who is here, what each has open, and how much each has to do", async () => {
    const { page, hub } = await desk("/inbox/C900");
    await page.getByRole("link", { name: "The team now" }).click();
    const card = (name: string) => page.locator(".dk-pulse__team > li", { hasText: name });
    const ben = [...hub.rows.values()].filter(
      (one) => one.assignees.includes("agent-ben") && one.place === "inbox" && one.status === "open",
    );
    await card("Ben Okafor").getByText(`${ben.length} open`).waitFor();
    await card("Ben Okafor").getByText("Longest wait").waitFor();
    // Who is here stands before who is not.
    expect(await page.locator(".dk-pulse__team > li").last().innerText()).toContain("Dina Haddad");
    hub.signal({
      signal: "viewers",
      conversation_id: "C899",
      viewers: [{ agent_id: "agent-ben", mode: "replying" }],
    });
    await card("Ben Okafor").getByText("Answers").waitFor();
    await shot(page, "pulse");
    await card("Ben Okafor").getByRole("link", { name: "Rechnung mit falscher Adresse" }).click();
    await expect.poll(() => new URL(page.url()).pathname).toBe("/inbox/C899");
  });

  it("leads to the list of one person, the longest wait first, and is found by key", async () => {
    const { page } = await desk("/inbox");
    await page.keyboard.press("o");
    await page.keyboard.type("team now");
    await page.keyboard.press("Enter");
    const ben = page.locator(".dk-pulse__team > li", { hasText: "Ben Okafor" });
    await ben.getByRole("link", { name: /open/u }).click();
    await expect.poll(() => new URL(page.url()).search).toContain("assignee=agent-ben");
    expect(new URL(page.url()).search).toContain("sort=waiting");
    await page.waitForSelector(".sb-row");
  });

  it("on a phone and in Arabic it fits", async () => {
    const { page } = await comes("/pulse", signedIn, {
      viewport: { width: 360, height: 740 },
      locale: "ar",
    });
    await page.locator(".dk-pulse__team > li").first().waitFor();
    await expect
      .poll(() => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth))
      .toBe(0);
    await shot(page, "pulse-360-ar");
  });
});
