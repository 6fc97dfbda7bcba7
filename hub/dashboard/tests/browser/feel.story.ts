/** How the page holds itself: what one may not open, what is still coming, one's own time zone, every width, little motion. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { FakeHub } from "./fake-hub";
import { desks, shot, stories } from "./page";

const desk = desks();
const comes = stories();

const as = (role: "agent" | "read_only") => (hub: FakeHub) => {
  (hub.me as { role: string }).role = role;
  hub.signedIn = true;
};

describe("one who may not", () => {
  it("is told whose page it is and whom to ask, and finds their own pages beside it", async () => {
    const { page } = await comes("/settings/agents", as("agent"));
    await page.getByText("Only owners and admins open this page").waitFor();
    await page.getByText(/Ask .Chloé Martin.\./u).waitFor();
    await shot(page, "not-yours");
    await page.getByRole("link", { name: "Profile" }).click();
    await page.getByLabel("Time zone").waitFor();
  });

  it("opens the settings without naming a page and stands at the first of their own", async () => {
    const { page } = await comes("/settings", as("agent"));
    await page.getByRole("heading", { name: "Templates" }).waitFor();
    expect(await page.getByText("Only owners and admins").count()).toBe(0);
  });

  it("and has no inbox yet is told whom to ask", async () => {
    const { page } = await comes("/inbox", (hub) => {
      as("agent")(hub);
      hub.inboxes.splice(0);
      hub.rows.clear();
    });
    await page.getByText("You have no inbox yet").waitFor();
    await page.getByText("Ask an owner or an admin").waitFor();
  });
});

it("what takes a while to come has its shape on the page, and is there when it has come", async () => {
  const { page } = await desk("/inbox");
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await page.route("**/assets/settings-*.js", async (route) => {
    await held;
    await route.fallback();
  });
  await page.getByRole("link", { name: "Settings" }).click();
  await page.locator(".dk-waits .sb-skeleton").first().waitFor();
  letGo();
  await page.locator(".dk-settings__page").waitFor();
});

describe("one's own time zone", () => {
  it("is chosen once and holds for every time on the page, and for when one is reminded", async () => {
    const { page, hub } = await comes("/settings/profile", as("agent"), { timezoneId: "America/Lima" });
    await page.getByLabel("Time zone").selectOption("Asia/Tokyo");
    const clock = (zone: string, at: number) =>
      new Intl.DateTimeFormat("en-GB", { timeStyle: "short", timeZone: zone }).format(at);
    await page.goto("http://dashboard.test/inbox/C900");
    const said = hub.messages.get("C900")?.at(-2)?.at ?? 0;
    const time = page.locator(".sb-message__time").last();
    await time.waitFor();
    expect(await time.innerText()).toBe(clock("Asia/Tokyo", said));
    await page.locator(".sb-composer__text").fill("Until tomorrow.");
    await page.getByRole("button", { name: "More ways to send" }).click();
    await page.getByRole("menuitem", { name: /^Tomorrow.*09:00/u }).waitFor();
    await page.keyboard.press("Escape");
    await page.locator(".dk-thread").focus();
    await page.keyboard.press("h");
    await page.getByText("Times of Asia/Tokyo").waitFor({ state: "detached" });
    await page
      .getByRole("option", { name: /^Tomorrow/u })
      .getByText("09:00")
      .waitFor();
    await page.keyboard.type("time");
    await page.keyboard.press("Enter");
    await page.getByText("Times of Asia/Tokyo").waitFor();
    const day = new Date(hub.now() + 3 * 86_400_000).toISOString().slice(0, 10);
    await page.locator("input[type=datetime-local]").fill(`${day}T09:30`);
    await page.keyboard.press("Enter");
    await expect.poll(() => hub.rows.get("C900")?.snoozed_until).toBe(Date.parse(`${day}T09:30:00+09:00`));
  });
});

describe("the page is as wide as its window", () => {
  for (const width of [768, 1024, 1920, 2560])
    it(`of ${width} px, and its text no wider than one reads well`, async () => {
      const { page } = await comes("/inbox/C900", as("agent"), { viewport: { width, height: 900 } });
      await page.waitForSelector(".sb-message");
      await shot(page, `width-${width}`);
      expect(await overflow(page)).toBe(0);
      const texts = await page
        .locator(".sb-message__main")
        .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().width));
      expect(Math.max(...texts)).toBeLessThanOrEqual(720);
      await page.goto("http://dashboard.test/settings/profile");
      await page.getByLabel("Time zone").waitFor();
      expect(await overflow(page)).toBe(0);
    });
});

function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** Milliseconds that anything which ends takes, as the browser runs it. */
function longest(page: Page): Promise<number> {
  return page.evaluate(() =>
    Math.max(
      0,
      ...document.getAnimations().map((one) => {
        const { duration, iterations } = one.effect?.getTiming() ?? {};
        return iterations === Number.POSITIVE_INFINITY ? 0 : Number(duration ?? 0);
      }),
    ),
  );
}

describe("motion", () => {
  for (const [wish, most] of [
    ["reduce", 0],
    ["no-preference", 150],
  ] as const)
    it(`takes no more than ${most} ms for who wishes: ${wish}`, async () => {
      const { page } = await desk("/inbox/C900", undefined, { reducedMotion: wish });
      await page.waitForSelector(".sb-message");
      let seen = 0;
      const look = async (): Promise<void> => {
        seen = Math.max(seen, await longest(page));
      };
      for (const key of ["Control+k", "Escape", "h", "Escape", "?", "Escape", "e"]) {
        await page.keyboard.press(key);
        await look();
      }
      await page.locator(".dk-rail a, .sb-icon-button").first().hover();
      await look();
      expect(seen).toBeLessThanOrEqual(most);
    });
});
