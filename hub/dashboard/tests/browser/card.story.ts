/** The customer's card: what time it is there, since when they are known, their tags, and how it reads to who may only read. */
import type { ConversationRow } from "@switchboard/protocol";
import { describe, expect, it } from "vitest";
import type { FakeHub } from "./fake-hub";
import { desks, shot } from "./page";

const desk = desks();
const WIDE = { viewport: { width: 1440, height: 900 } };
const MARIA = "contact-C900";

function knowsMaria(hub: FakeHub): void {
  const contact = hub.contacts.get(MARIA);
  if (!contact) throw new Error("she is in the workspace");
  hub.contacts.set(MARIA, {
    ...contact,
    time_zone: "America/New_York",
    tags: ["wholesale"],
    attributes: { plan: "Gold" },
    identities: [
      { id: "phone", inbox_id: "inbox-shop", channel: "sms", address: "+31600000001", verified: false },
      {
        id: "old phone",
        inbox_id: "inbox-shop",
        channel: "sms",
        address: "+31600000002",
        verified: false,
        stopped_at: hub.now() - 3 * 86_400_000,
      },
    ],
    created_at: Date.UTC(2026, 2, 4, 12),
  });
}

function cameBy(hub: FakeHub, source: ConversationRow["source"]): void {
  const row = hub.rows.get("C900");
  if (row) hub.rows.set("C900", { ...row, source });
}

describe("the customer's card", () => {
  it("says what time it is where they are, since when they are known, and where they are not to be written to", async () => {
    const { page } = await desk("/inbox/C900", knowsMaria, WIDE);
    const panel = page.locator(".dk-customer");
    await panel.getByText("America/New York").waitFor();
    const there = new Intl.DateTimeFormat("en-GB", { timeStyle: "short", timeZone: "America/New_York" });
    await expect
      .poll(async () => panel.locator(".dk-facts__one", { hasText: "Local time" }).innerText())
      .toContain(there.format(Date.now()));
    const since = panel.locator(".dk-facts__one", { hasText: "Known since" }).locator("time");
    expect(await since.innerText()).toContain("4 Mar");
    expect(await since.getAttribute("title")).toContain("Wednesday");
    expect(await panel.getByText("Does not want to be written to here").count()).toBe(1);
    await panel.getByText("Does not want to be written to here (3 days ago)").waitFor();
    await shot(page, "card");
  });

  it("has tags of the customer that are put on and taken off where they stand", async () => {
    const { page, hub } = await desk("/inbox/C900", knowsMaria, WIDE);
    const panel = page.locator(".dk-customer");
    await panel.getByRole("button", { name: "Add a tag to the customer" }).click();
    await page.keyboard.type("regular");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Escape");
    await expect.poll(() => hub.contacts.get(MARIA)?.tags).toEqual(["wholesale", "regular"]);
    await panel.getByText("regular").waitFor();
    await panel.getByRole("button", { name: "Remove wholesale" }).click();
    await expect.poll(() => hub.contacts.get(MARIA)?.tags).toEqual(["regular"]);
  });

  it("offers nothing to change to who may only read", async () => {
    const { page } = await desk(
      "/inbox/C900",
      (hub) => {
        knowsMaria(hub);
        (hub.me as { role: string }).role = "read_only";
      },
      WIDE,
    );
    const panel = page.locator(".dk-customer");
    await panel.getByText("maria@example.nl").first().waitFor();
    await panel.getByText("Gold").waitFor();
    await panel.getByText("wholesale").waitFor();
    expect(await panel.locator("button.dk-in-place, button.dk-choice, .sb-tag__remove, input").count()).toBe(0);
    expect(await panel.getByRole("button", { name: /^(Add|Remove|Merge)/u }).count()).toBe(0);
    // Of what is not known there is nothing: no "Add" that would lead nowhere.
    expect(await panel.getByText("Phone", { exact: true }).count()).toBe(0);
    await shot(page, "card-reader");
  });

  it("says where a conversation came from also where only the campaign is known, and in which language they read", async () => {
    const { page } = await desk(
      "/inbox/C900",
      (hub) => {
        knowsMaria(hub);
        cameBy(hub, { campaign: [["utm_campaign", "autumn"]], language: "nl-NL" });
      },
      WIDE,
    );
    const origin = page.locator(".dk-customer__section", { hasText: "Came from" });
    await origin.getByText("autumn").waitFor();
    await origin.getByRole("button", { name: "More" }).click();
    await page.getByText("Language of the browser").waitFor();
    await page.getByText("Dutch (Netherlands)").waitFor();
  });
});
