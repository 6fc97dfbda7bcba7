/** By what a site signs who is signed in there: made, renewed and taken away, in Chromium, with a hub in memory. */
import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { desks, ORIGIN } from "./page";

const desk = desks();
const PICTURES = process.env.PICTURES;

async function opened(): Promise<{ page: Page; part: Locator; hub: Awaited<ReturnType<typeof desk>>["hub"] }> {
  const { page, hub } = await desk("/inbox");
  await page.goto(`${ORIGIN}/settings/inboxes`);
  await page.getByRole("button", { name: "Edit Shop" }).click();
  return { page, hub, part: page.locator(".dk-part", { hasText: "Signed-in customers" }) };
}

describe("the identity secret of a web inbox", () => {
  it("is shown once, with how a server signs by it", async () => {
    const { page, part } = await opened();
    await part.getByText("There is no secret yet").waitFor();
    await part.getByRole("button", { name: "Make the secret" }).click();
    await part.getByText("sbid_1", { exact: true }).waitFor();
    await part.getByText("The secret was made on").waitFor();
    await part.getByText("createHmac").first().waitFor();
    await part.getByLabel("On your server, in").selectOption("python");
    await part.getByText("hmac.new").waitFor();
    if (PICTURES) await part.screenshot({ path: `${PICTURES}/identity.png` });
    await page.reload();
    await page.getByRole("button", { name: "Edit Shop" }).click();
    await part.getByText("The secret was made on").waitFor();
    expect(await part.getByText("sbid_1", { exact: true }).count()).toBe(0);
  });

  it("is renewed with a time for the one before, and taken away after a question", async () => {
    const { page, part, hub } = await opened();
    await part.getByRole("button", { name: "Make the secret" }).click();
    await part.getByRole("button", { name: "Make a new secret" }).click();
    const asked = page.getByRole("dialog");
    await asked.getByLabel("The present one counts").selectOption("168");
    if (PICTURES) await page.screenshot({ path: `${PICTURES}/identity-renew.png` });
    await asked.getByRole("button", { name: "Make a new secret" }).click();
    await part.getByText("sbid_2", { exact: true }).waitFor();
    await part.getByText("The one before it counts until").waitFor();
    await part.getByRole("button", { name: "Remove the secret" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove the secret" }).click();
    await part.getByText("There is no secret yet").waitFor();
    expect(hub.identity.made_at).toBeNull();
    expect(await part.getByText("sbid_2", { exact: true }).count()).toBe(0);
  });
});
