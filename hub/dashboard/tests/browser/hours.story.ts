/** When an inbox is open, and what is known of a customer besides: set in Chromium, with a hub in memory. */
import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { desks, type Opened, ORIGIN } from "./page";
import { withBots } from "./with-bots";

const desk = desks();
const PICTURES = process.env.PICTURES;

const thing = (page: Page, name: string): Locator =>
  page.locator(".dk-thing", { has: page.locator("strong", { hasText: name }) });

async function settings(at: string, prepare: (hub: Opened["hub"]) => void = () => undefined): Promise<Opened> {
  const made = await desk("/inbox", prepare);
  await made.page.goto(`${ORIGIN}/settings/${at}`);
  await made.page.locator(".dk-settings__head").waitFor();
  return made;
}

async function hoursOf(page: Page): Promise<Locator> {
  await thing(page, "Shop").getByRole("button", { name: "Edit Shop" }).click();
  return page.locator(".dk-part", { hasText: "Business hours" });
}

const focused = (page: Page) => page.evaluate(() => document.activeElement?.getAttribute("aria-label"));

describe("the business hours of an inbox", () => {
  it("begin with the browser's zone and a working week, and are kept as they are set", async () => {
    const { page, hub } = await settings("inboxes");
    const hours = await hoursOf(page);
    await hours.getByText("counts as always open").waitFor();
    await hours.getByLabel("This inbox has business hours").check();
    expect(await hours.getByLabel("Time zone").inputValue()).toBe("Europe/Amsterdam");
    const monday = hours.getByRole("group", { name: "Monday" });
    await monday.getByLabel("Closes on Monday").fill("12:00");
    await monday.getByRole("button", { name: "Add a time on Monday" }).press("Enter");
    await expect.poll(() => focused(page)).toBe("Opens on Monday");
    await monday.getByLabel("Closes on Monday").last().fill("00:00");
    await hours.getByRole("button", { name: "Copy Monday to all weekdays" }).press("Enter");
    const friday = hours.getByRole("group", { name: "Friday" });
    await friday.getByRole("button", { name: "Remove 13:00 to 00:00 on Friday" }).press("Enter");
    await expect.poll(() => focused(page)).toBe("Add a time on Friday");
    await hours.getByRole("group", { name: "Sunday" }).getByText("Closed").waitFor();
    await hours.getByLabel("Day", { exact: true }).fill("2026-12-25");
    await hours.getByRole("button", { name: "Add day" }).press("Enter");
    await hours.getByText("25 December 2026").waitFor();
    await hours.getByText("Not saved yet").waitFor();
    await hours.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved", { exact: true }).waitFor();
    const long = ["monday", "tuesday", "wednesday", "thursday"] as const;
    expect(hub.hours.hours).toEqual({
      zone: "Europe/Amsterdam",
      open: [
        ...long.flatMap((day) => [
          { day, from: 540, to: 720 },
          { day, from: 780, to: 1440 },
        ]),
        { day: "friday", from: 540, to: 720 },
      ],
      holidays: ["2026-12-25"],
    });
    await hours.getByLabel("This inbox has business hours").uncheck();
    await hours.getByRole("button", { name: "Save" }).click();
    await expect.poll(() => hub.hours).toEqual({ hours: null });
  });

  it("say at each time what is wrong with it, and keep what was typed", async () => {
    const { page } = await settings("inboxes", (hub) => {
      hub.hoursWrong = [{ field: "hours.open.1", code: "invalid", message: "No." }];
    });
    const hours = await hoursOf(page);
    await hours.getByLabel("This inbox has business hours").check();
    const tuesday = hours.getByRole("group", { name: "Tuesday" });
    await tuesday.getByLabel("Opens on Tuesday").fill("18:00");
    await hours.getByRole("button", { name: "Save" }).click();
    await tuesday.getByRole("alert").getByText("It has to end after it begins.").waitFor();
    expect(await hours.getByRole("group", { name: "Monday" }).getByRole("alert").count()).toBe(0);
    expect(await tuesday.getByLabel("Opens on Tuesday").inputValue()).toBe("18:00");
  });

  it("are asked for where a bot is to answer outside of them", async () => {
    const { page } = await settings("bots", withBots);
    await thing(page, "Robo").getByRole("button", { name: "Edit Robo" }).click();
    await page.getByLabel("When it answers in Shop").selectOption("outside_hours");
    await page.getByText("Shop has no business hours yet.").waitFor();
    await page.getByLabel("When it answers in Shop").selectOption("always");
    expect(await page.getByText("Shop has no business hours yet.").count()).toBe(0);
  });

  it.runIf(PICTURES)("have their pictures", async () => {
    for (const [name, language, options] of [
      ["light", "en", { viewport: { width: 1280, height: 1500 } }],
      ["dark", "en", { viewport: { width: 1280, height: 1500 }, colorScheme: "dark" }],
      ["360", "en", { viewport: { width: 360, height: 1900 } }],
      ["360-ar", "ar", { viewport: { width: 360, height: 1900 }, colorScheme: "dark" }],
    ] as const) {
      const origins = [{ origin: ORIGIN, localStorage: [{ name: "switchboard.language", value: language }] }];
      const { page } = await desk(
        "/inbox",
        (hub) => {
          const open = (["monday", "tuesday", "friday"] as const).flatMap((day) => [
            { day, from: 540, to: 720 },
            { day, from: 780, to: 1440 },
          ]);
          hub.hours = { hours: { zone: "Asia/Kathmandu", open, holidays: ["2026-12-25", "2027-01-01"] } };
          hub.hoursWrong = [{ field: "hours.open.1", code: "overlaps", message: "No." }];
        },
        { ...options, storageState: { cookies: [], origins } },
      );
      await page.goto(`${ORIGIN}/settings/inboxes`);
      await page.locator(".dk-thing button").first().click();
      const form = page.locator(".dk-part", { has: page.locator(".dk-week") });
      await form.locator(".dk-form__foot button").click();
      await form.locator(".dk-span .dk-form-error").waitFor();
      await form.screenshot({ path: `${PICTURES}/hours-${name}.png` });
    }
  });
});

describe("the attributes of a customer", () => {
  it("are added, edited where they stand, and taken away with the way back", async () => {
    const { page, hub } = await desk("/inbox/C900", () => undefined, { viewport: { width: 1440, height: 900 } });
    const section = page.locator(".dk-customer__section", { hasText: "Attributes" });
    await section.getByRole("button", { name: "Add attribute" }).click();
    await expect.poll(() => section.getByLabel("Name").count()).toBe(1);
    // What is typed at once is its name, and no shortcuts.
    await page.keyboard.type("plan");
    expect(await section.getByLabel("Name").inputValue()).toBe("plan");
    await section.getByLabel("Value").fill("gold");
    await page.keyboard.press("Enter");
    await section.getByRole("button", { name: "plan: gold" }).click();
    await page.keyboard.type("en");
    await page.keyboard.press("Enter");
    await section.getByRole("button", { name: "plan: golden" }).waitFor();
    await section.getByRole("button", { name: "Remove plan" }).click();
    await section.getByRole("button", { name: "plan: golden" }).waitFor({ state: "detached" });
    await expect.poll(() => focused(page)).toBe("Add attribute");
    await page.getByRole("button", { name: "Undo" }).click();
    await section.getByRole("button", { name: "plan: golden" }).waitFor();
    const contact = hub.rows.get("C900")?.contact.id ?? "";
    expect(hub.contacts.get(contact)?.attributes).toEqual({ plan: "golden" });
    await section.getByRole("button", { name: "Add attribute" }).click();
    await section.getByLabel("Name").waitFor();
    await page.keyboard.type("Size");
    expect(await section.getByLabel("Name").inputValue()).toBe("Size");
    await page.keyboard.press("Escape");
    await expect.poll(() => section.getByLabel("Name").count()).toBe(0);
    if (PICTURES) await page.locator(".dk-customer").screenshot({ path: `${PICTURES}/attributes.png` });
  });
});
