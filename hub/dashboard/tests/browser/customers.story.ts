/** The list of customers, each one's own page, and what other systems say of them. */
import type { OutsideCard } from "@switchboard/protocol";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { FakeHub } from "./fake-hub";
import { desks, shot, stories } from "./page";

const desk = desks();
const comes = stories();
const signedIn = (hub: FakeHub): void => {
  hub.signedIn = true;
};
const PHONE = { viewport: { width: 360, height: 740 } };
const pathOf = (page: Page): string => new URL(page.url()).pathname;

const SHOP: OutsideCard = {
  source: "shop",
  changed_at: Date.now() - 60_000,
  title: "Shop",
  link: "https://shop.example/customers/4711",
  rows: [
    { label: "Plan", value: { kind: "badge", text: "Gold", tone: "good" } },
    { label: "Spent", value: { kind: "money", amount: 1249.5, currency: "EUR" } },
    { label: "Since", value: { kind: "date", date: "2024-03-01" } },
    {
      label: "Orders",
      items: [
        {
          title: "#20417",
          link: "https://shop.example/o/20417",
          values: [
            { kind: "money", amount: 89, currency: "EUR" },
            { kind: "badge", text: "Late", tone: "bad" },
          ],
        },
        { title: "#20112", values: [{ kind: "money", amount: 12.5, currency: "EUR" }] },
      ],
    },
  ],
};

async function fits(page: Page): Promise<void> {
  await expect
    .poll(() => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth))
    .toBe(0);
}

describe("customers", () => {
  it("are found by their name, and each has a page with all that is known", async () => {
    const { page } = await desk("/inbox");
    await page.getByRole("link", { name: "Customers" }).click();
    await page.locator(".dk-customers__row").first().waitFor();
    await shot(page, "customers");
    await page.getByRole("searchbox", { name: "Find a customer" }).fill("maria j");
    await expect.poll(() => page.locator(".dk-customers__row").count()).toBe(1);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Maria Jansen" }).waitFor();
    await page.getByRole("link", { name: /SB-/u }).first().waitFor();
    await shot(page, "customer");
    await page.keyboard.press("Escape");
    await expect.poll(() => pathOf(page)).toBe("/contacts");
  });

  it("show more when asked, and say when nobody is meant", async () => {
    const { page } = await comes("/contacts", (hub) => {
      signedIn(hub);
      hub.persons.atOnce = 2;
    });
    await expect.poll(() => page.locator(".dk-customers__row").count()).toBe(2);
    await page.getByRole("button", { name: "Show more" }).click();
    await expect.poll(() => page.locator(".dk-customers__row").count()).toBe(4);
    await page.getByRole("searchbox").fill("nobody at all");
    await page.getByText("Nobody has “nobody at all”").waitFor();
  });

  it("are written down by hand, and erased by who types their name", async () => {
    const { page, hub } = await comes("/contacts", signedIn);
    await page.getByRole("button", { name: "New customer" }).click();
    await page.keyboard.type("Ines Costa");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Ines Costa" }).waitFor();
    const id = pathOf(page).split("/")[2] ?? "";
    await page.getByRole("button", { name: "Erase customer" }).click();
    const sure = page.getByRole("dialog").getByRole("button", { name: "Delete forever" });
    expect(await sure.isDisabled()).toBe(true);
    await shot(page, "erase");
    await page.getByLabel("Type “Ines Costa” to confirm").fill("ines costa");
    await sure.click();
    await expect.poll(() => pathOf(page)).toBe("/contacts");
    expect(hub.contacts.has(id)).toBe(false);
    await page.getByText("Ines Costa was erased.").waitFor();
  });

  it("have on their card what another system says, at once when it says it", async () => {
    const { page, hub } = await desk("/inbox/C900", undefined, { viewport: { width: 1440, height: 900 } });
    const contact = hub.rows.get("C900")?.contact.id ?? "";
    await page.getByRole("button", { name: "Open the full profile" }).waitFor();
    hub.persons.said.set(contact, [SHOP]);
    hub.push({ event: "contact_cards_changed", contact_id: contact });
    await page.getByText("€1,249.50").waitFor();
    expect(await page.getByRole("link", { name: "#20417" }).getAttribute("rel")).toBe("noopener noreferrer");
    await page.getByText("€1,249.50").scrollIntoViewIfNeeded();
    await shot(page, "outside-card");
    hub.persons.said.delete(contact);
    hub.push({ event: "contact_cards_changed", contact_id: contact });
    await expect.poll(() => page.getByText("€1,249.50").count()).toBe(0);
  });

  it("of whom one may only read nothing looks as if it could be changed", async () => {
    const { page } = await comes("/contacts", (hub) => {
      signedIn(hub);
      Object.assign(hub.me, { role: "read_only" });
    });
    await page.locator(".dk-customers__row").first().click();
    await page.getByRole("heading", { level: 1 }).waitFor();
    expect(await page.getByRole("button", { name: "New customer" }).count()).toBe(0);
    expect(await page.locator("button.dk-in-place, .dk-attribute-new, .sb-tag__remove").count()).toBe(0);
    expect(await page.getByRole("button", { name: "Erase customer" }).count()).toBe(0);
  });

  it("fit on a phone, in the dark and in Arabic", async () => {
    const { page, hub } = await comes("/contacts", signedIn, { ...PHONE, locale: "ar", colorScheme: "dark" });
    await page.locator(".dk-customers__row").first().waitFor();
    await fits(page);
    await shot(page, "customers-360-ar");
    for (const id of hub.contacts.keys()) hub.persons.said.set(id, [SHOP]);
    await page.locator(".dk-customers__row").first().click();
    await page.locator(".dk-badge").first().waitFor();
    await fits(page);
    await shot(page, "customer-360-ar");
  });
});
