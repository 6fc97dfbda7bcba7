/** What a person is told because it concerns them: the bell, the list behind it, and how they want it. */
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import type { FakeHub } from "./fake-hub";
import { desks, ORIGIN, shot } from "./page";

const desk = desks();
const BEN = { kind: "agent", id: "agent-ben" } as const;

/** Counts what the page would have sounded and shown, in place of the browser's own. */
const LISTENS = () => {
  const heard = { sounds: 0, shown: [] as string[] };
  Object.assign(window, {
    heard,
    AudioContext: class {
      constructor() {
        heard.sounds += 1;
        throw new Error("no loudspeaker");
      }
    },
    Notification: class {
      static permission = "granted";
      constructor(title: string) {
        heard.shown.push(title);
      }
      close() {}
    },
  });
};

const heard = (page: Page): Promise<{ sounds: number; shown: string[] }> =>
  page.evaluate(() => (window as unknown as { heard: { sounds: number; shown: string[] } }).heard);

const bell = (page: Page) => page.getByRole("button", { name: /^Notifications/ });
const ids = (hub: FakeHub): string[] => [...hub.rows.keys()];

it("shows what is new on the bell, and leads to the conversation", async () => {
  const { page, hub } = await desk();
  await bell(page).click();
  await page.getByText("Nothing new for you").waitFor();
  await shot(page, "notices-none");
  await page.keyboard.press("Escape");
  const [first = "", second = ""] = ids(hub);
  hub.notices.tells("assigned", first, BEN);
  hub.notices.tells("answered", second, { kind: "contact", id: "somebody" });
  await page.getByRole("button", { name: "Notifications, unread: 2" }).click();
  const rows = page.locator(".dk-notice");
  await rows.filter({ hasText: "Ben Okafor gave you" }).waitFor();
  expect(await rows.count()).toBe(2);
  await shot(page, "notices-list");
  await rows.filter({ hasText: "Ben Okafor gave you" }).getByRole("button", { name: "Ben Okafor gave you" }).click();
  await page.waitForURL(`${ORIGIN}/inbox/${first}`);
  await page.getByRole("button", { name: "Notifications, unread: 1" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Mark all as read" }).click();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Notifications", exact: true }).waitFor();
  expect(hub.notices.rows.every((one) => one.read)).toBe(true);
});

it("rings for what concerns one, not while one looks at it, and not for what is off", async () => {
  const { page, hub } = await desk();
  await page.evaluate(LISTENS);
  const [first = "", second = ""] = ids(hub);
  hub.notices.tells("answered", first, { kind: "contact", id: "somebody" });
  await expect.poll(async () => (await heard(page)).shown.length).toBe(1);
  expect((await heard(page)).sounds).toBe(1);
  await page.goto(`${ORIGIN}/inbox/${second}`);
  await page.locator(".dk-thread").waitFor();
  await page.evaluate(LISTENS);
  hub.notices.tells("answered", second, { kind: "contact", id: "somebody" });
  await expect.poll(() => hub.notices.rows[0]?.read).toBe(true);
  hub.notices.choices = hub.notices.choices.map((one) => ({ ...one, sound: false }));
  hub.push({ event: "notification_choices_changed", choices: hub.notices.choices });
  hub.notices.tells("assigned", first, BEN);
  await expect.poll(async () => (await heard(page)).shown).toHaveLength(1);
  expect((await heard(page)).shown[0]).toContain("Ben Okafor gave you");
  expect((await heard(page)).sounds).toBe(0);
});

it("is told as one chooses, kind by kind", async () => {
  const { page, hub } = await desk("/inbox");
  await page.goto(`${ORIGIN}/settings/notifications`);
  const box = page.getByRole("checkbox", { name: "A customer begins a conversation: In the list" });
  expect(await box.isChecked()).toBe(false);
  await box.check({ force: true });
  await expect.poll(() => hub.notices.choices.find((one) => one.kind === "new_conversation")?.app).toBe(true);
  await shot(page, "notices-settings");
  await page.setViewportSize({ width: 360, height: 740 });
  await shot(page, "notices-settings-phone");
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto(`${ORIGIN}/inbox`);
  const [first = "", second = ""] = ids(hub);
  hub.notices.tells("mention", first, BEN);
  hub.notices.tells("reminder_due", second, { kind: "system" });
  await page.locator(".dk-bell--menu").getByText("2").waitFor();
  await shot(page, "notices-inbox-phone-dark");
  await page.getByRole("button", { name: "Folders" }).click();
  await shot(page, "notices-drawer-phone-dark");
  await page.locator(".dk-drawer").getByRole("button", { name: "Notifications" }).click();
  await page.getByText("Ben Okafor named you").waitFor();
  await shot(page, "notices-list-phone-dark");
});

it("keeps a conversation put off though the customer answers, where one says so", async () => {
  const { page, hub } = await desk();
  const [first = ""] = ids(hub);
  await page.goto(`${ORIGIN}/inbox/${first}`);
  await page.locator(".dk-thread").waitFor();
  await page.keyboard.press("h");
  await page.getByRole("checkbox", { name: "Keep it put off if the customer answers" }).check({ force: true });
  await shot(page, "notices-remind");
  await page.getByRole("option", { name: /^Tomorrow morning/ }).click();
  await expect.poll(() => hub.rows.get(first)?.snooze_stays).toBe(true);
});

it("says when it does not know them, in the list and in the settings, and asks again", async () => {
  const { page, hub } = await desk();
  await page.route("**/api/notifications", (route) =>
    route.fulfill({ status: 503, json: { code: "unavailable", message: "" } }),
  );
  await page.reload();
  await page.locator(".sb-row").first().waitFor();
  await bell(page).click();
  await page.getByText("This could not be loaded").waitFor();
  await shot(page, "notices-unknown");
  await page.keyboard.press("Escape");
  await page.goto(`${ORIGIN}/settings/notifications`);
  await page.getByText("This could not be loaded").waitFor();
  await shot(page, "notices-settings-unknown");
  await page.unroute("**/api/notifications");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("checkbox", { name: "A customer begins a conversation: In the list" }).waitFor();
  const [first = ""] = ids(hub);
  hub.notices.tells("assigned", first, BEN);
  await page.getByRole("button", { name: "Notifications, unread: 1" }).waitFor();
  hub.notices.rows = [];
  hub.rows.delete(first);
  hub.push({ event: "conversation_removed", conversation_id: first });
  await page.getByRole("button", { name: "Notifications", exact: true }).waitFor();
});
