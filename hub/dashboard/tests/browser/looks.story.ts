/** Each screen in each look: axe finds nothing, nothing is wider than the window, and the picture is kept to be looked at. */
import { mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { BrowserContextOptions, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { BOT_CHAT } from "./bot-chat";
import { MAIL, saysStop, TEXTS, withChannels } from "./channels";
import type { FakeHub } from "./fake-hub";
import { ORIGIN, stories } from "./page";
import { mariaTwice } from "./same-person";
import { BOTS, botSays, withBots } from "./with-bots";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
/** Where the pictures go; none are kept if it is not given. */
const PICTURES = process.env.PICTURES;

const DESK = { width: 1280, height: 800 };
const PHONE = { width: 360, height: 740 };

interface Look {
  readonly name: string;
  readonly language: "en" | "ar";
  readonly options: BrowserContextOptions;
}

/** `LOOKS=all`: every look. Without it the two that differ in everything, which find nearly all and keep the run short. */
const ALL = process.env.LOOKS === "all";
const EVERY_DAY: ReadonlySet<string> = new Set(["light-1280-en", "dark-360-ar"]);

const LOOKS: readonly Look[] = (["light", "dark"] as const).flatMap((colorScheme) =>
  ([DESK, PHONE] as const).flatMap((viewport) =>
    (["en", "ar"] as const).map((language) => ({
      name: `${colorScheme}-${viewport.width}-${language}`,
      language,
      options: { colorScheme, viewport, ...(viewport === PHONE ? { hasTouch: true, isMobile: true } : {}) },
    })),
  ),
);

/** An answer with everything that a mail may have. */
async function writesMail(page: Page): Promise<void> {
  await page.locator(".dk-mail-to button").last().click();
  await page.locator(".dk-mail-to button").first().click();
  await page.keyboard.type("depot@shop.example nobody ");
  await page.locator(".sb-composer__foot button").nth(2).click();
  await page.locator(".dk-rich").click();
  await page.keyboard.type("We send you a ");
  await page.keyboard.press("Control+b");
  await page.keyboard.type("new lamp");
  await page.keyboard.press("Control+b");
}

interface Screen {
  readonly name: string;
  readonly path: string;
  /** Is there when the page has come. */
  readonly ready: string;
  readonly out?: boolean;
  prepare?(hub: FakeHub): void;
  act?(page: Page): Promise<void>;
  /** Is there when `act` has done something. */
  readonly shows?: string;
}

const press = (key: string) => (page: Page) => page.keyboard.press(key);
const first = (page: Page) => page.locator(".dk-thing button").first().click();
const edit = (name: string) => (page: Page) =>
  page
    .locator(".dk-thing", { has: page.locator("strong", { hasText: name }) })
    .locator("button")
    .first()
    .click();
const THREAD = { path: "/inbox/C900", ready: ".sb-message" };

/** A conversation in which one bot answers and another was kept out. */
const BOT_THREAD = {
  path: `/inbox/${BOTS}`,
  ready: ".dk-bot-badge",
  prepare(hub: FakeHub): void {
    withBots(hub);
    botSays(hub);
    hub.bots.blocks(BOTS, "bot-orders", "answered", { kind: "agent", id: "agent-ben" }, hub.now() + 3_600_000);
  },
};

async function showsBots(page: Page): Promise<void> {
  if (!(await page.locator(".dk-customer").isVisible())) await page.locator(".dk-bot-badge").click();
  await page.locator(".dk-bot").first().waitFor();
}

/** A mail as it was sent, once it is found to say more than its text. */
const MAIL_SEEN = ".dk-mail__frame:not(.dk-mail__frame--unseen)";

const SCREENS: readonly Screen[] = [
  {
    name: "sign-in",
    path: "/",
    ready: "input[type=password]",
    out: true,
    act: (page) => page.locator("summary").click(),
    shows: "details[open]",
  },
  { name: "set-up", path: "/setup#token", ready: "input[type=password]", out: true },
  { name: "invitation", path: "/invitation#join", ready: "input[type=password]", out: true },
  { name: "new-password", path: "/password#new_password", ready: "input[type=password]", out: true },
  { name: "dead-link", path: "/password#gone", ready: ".dk-door a", out: true },
  { name: "list", path: "/inbox", ready: ".sb-row" },
  { name: "thread", ...THREAD },
  { name: "gone", path: "/inbox/C1", ready: ".dk-conversation .sb-empty" },
  {
    name: "customer",
    ...THREAD,
    act: async (page) => {
      if (!(await page.locator(".dk-customer").isVisible())) await page.keyboard.press("p");
    },
    shows: ".dk-customer .dk-in-place",
  },
  {
    name: "same-person",
    path: "/inbox/C897",
    ready: ".sb-message",
    prepare: mariaTwice,
    act: async (page) => {
      if (!(await page.locator(".dk-customer").isVisible())) await page.keyboard.press("p");
      await page.locator(".dk-person__maybe").first().scrollIntoViewIfNeeded();
    },
    shows: ".dk-person__maybe",
  },
  {
    name: "settings-tags",
    path: "/settings/tags",
    ready: ".dk-thing",
    prepare: (hub) => void hub.tags.colours.set("order", "green").set("bug", "red").set("delivery", "violet"),
    act: first,
    shows: ".dk-thing select",
  },
  { name: "customers", path: "/contacts", ready: ".dk-customers__row" },
  { name: "customer-whole", path: "/contacts/contact-C900", ready: ".dk-previous" },
  {
    name: "customer-erased",
    path: "/contacts/contact-C900",
    ready: ".dk-previous",
    act: (page) => page.locator(".dk-customers__buttons button").click(),
    shows: ".sb-dialog",
  },
  {
    name: "merged",
    path: "/inbox/C897",
    ready: ".sb-message",
    prepare: (hub) => {
      mariaTwice(hub);
      hub.persons.answer("PUT", new URL("/api/contacts/contact-C897/merged/contact-C900", ORIGIN), {});
    },
    act: async (page) => {
      if (!(await page.locator(".dk-customer").isVisible())) await page.keyboard.press("p");
    },
    shows: ".dk-person__part",
  },
  { name: "channel", path: "/inbox?channel=sms", ready: ".sb-row" },
  {
    name: "note",
    path: "/inbox/C898",
    ready: ".sb-message",
    act: press("n"),
    shows: ".sb-composer--note textarea:focus",
  },
  {
    name: "bot-chat",
    path: `/inbox/${BOT_CHAT}`,
    ready: ".sb-message",
    prepare: withChannels,
    act: press("q"),
    shows: ".dk-answering",
  },
  { name: "bot-thread", ...BOT_THREAD, shows: ".sb-keyboard" },
  { name: "bot-panel", ...BOT_THREAD, act: showsBots, shows: ".dk-bot__why" },
  {
    name: "bot-block",
    ...BOT_THREAD,
    act: async (page) => {
      await showsBots(page);
      await page.locator(".dk-bot__reins .sb-button").first().click();
    },
    shows: ".sb-menu",
  },
  {
    name: "bot-log",
    ...BOT_THREAD,
    act: async (page) => {
      await showsBots(page);
      await page.locator(".dk-bot__reins").first().locator("button").last().click();
    },
    shows: ".dk-bot-log__line",
  },
  { name: "palette", ...THREAD, act: press("Control+k"), shows: ".dk-picker [role=option]" },
  {
    name: "account",
    path: "/inbox",
    ready: ".sb-row",
    act: (page) => page.evaluate(() => document.querySelector<HTMLElement>(".dk-rail__me")?.click()),
    shows: ".dk-picker [role=option]",
  },
  { name: "assign", ...THREAD, act: press("a"), shows: ".dk-picker .sb-avatar" },
  { name: "snooze", ...THREAD, act: press("h"), shows: ".dk-picker [role=option]" },
  {
    name: "own-time",
    ...THREAD,
    act: async (page) => {
      await page.keyboard.press("h");
      await page.locator(".dk-picker [role=option]").last().click();
    },
    shows: "input[type=datetime-local]",
  },
  {
    name: "start",
    path: "/inbox",
    ready: ".sb-row",
    act: async (page) => {
      await page.keyboard.press("c");
      await page.locator(".dk-start select").selectOption("inbox-email");
      await page.locator(".dk-start__field input").fill("Sam Lee <sam@example.com>");
      await page.keyboard.press("Enter");
      await page.locator(".dk-start__field input").fill("camille");
    },
    shows: ".dk-start__option",
  },
  { name: "keys", path: "/inbox", ready: ".sb-row", act: press("?"), shows: ".dk-help kbd" },
  { name: "search", path: "/search?q=parcel", ready: ".sb-row" },
  { name: "empty", path: "/spam", ready: ".sb-empty" },
  { name: "inboxes", path: "/settings/inboxes", ready: ".dk-thing", act: first, shows: ".dk-code" },
  {
    name: "identity",
    path: "/settings/inboxes",
    ready: ".dk-thing",
    act: async (page) => {
      await edit("Shop")(page);
      await page.locator("[data-part=identity] .dk-form__foot button").first().click();
      await page.locator("[data-part=identity] [role=status]").scrollIntoViewIfNeeded();
    },
    shows: "[data-part=identity] select",
  },
  {
    name: "asking",
    path: "/settings/inboxes",
    ready: ".dk-thing",
    act: async (page) => {
      await edit("Shop")(page);
      const asking = page.locator("[data-part=asking]");
      await asking.getByRole("checkbox").nth(1).check();
      await asking.locator("fieldset select").nth(1).selectOption("choice");
      await asking.scrollIntoViewIfNeeded();
    },
    shows: "[data-part=asking] textarea",
  },
  {
    name: "new-inbox",
    path: "/settings/inboxes",
    ready: ".dk-thing",
    act: (page) => page.locator(".dk-settings__head button").click(),
    shows: ".dk-kind",
  },
  { name: "channel-mail", path: "/settings/inboxes", ready: ".dk-thing", act: edit("Mail"), shows: ".dk-server" },
  {
    name: "channel-tested",
    path: "/settings/inboxes",
    ready: ".dk-thing",
    act: async (page) => {
      await edit("Text messages")(page);
      await page.locator(".dk-channel .dk-form__foot button").nth(1).click();
    },
    shows: ".dk-found",
  },
  { name: "channel-bot", path: "/settings/inboxes", ready: ".dk-thing", act: edit("Telegram"), shows: ".dk-channel" },
  {
    name: "channel-gateway",
    path: "/settings/inboxes",
    ready: ".dk-thing",
    act: async (page) => {
      await edit("Gateway")(page);
      await page.locator(".dk-example button").click();
    },
    shows: ".dk-unsaved",
  },
  {
    name: "mails",
    path: `/inbox/${MAIL}`,
    ready: MAIL_SEEN,
    act: (page) => page.locator(".dk-mail__views button").last().click(),
    shows: ".dk-mail__views [aria-expanded]",
  },
  { name: "receives-nothing", path: "/inbox?inbox=inbox-sms", ready: ".sb-banner--warning" },
  {
    name: "held",
    path: "/settings/inboxes",
    ready: ".dk-thing",
    act: async (page) => {
      await edit("Text messages")(page);
      await page.locator(".dk-health .sb-button").click();
    },
    shows: ".dk-held a",
  },
  {
    name: "mail-as-sent",
    path: `/inbox/${MAIL}`,
    ready: ".dk-mail__head",
    act: (page) => page.locator(MAIL_SEEN).scrollIntoViewIfNeeded(),
    shows: MAIL_SEEN,
  },
  {
    name: "sms-answer",
    path: `/inbox/${TEXTS}`,
    ready: ".sb-composer",
    act: (page) =>
      page.locator(".sb-composer__text").fill("Your lamp is ready – come by whenever you like. ".repeat(3)),
    shows: ".dk-reply__segments",
  },
  {
    name: "sms-stopped",
    path: `/inbox/${TEXTS}`,
    ready: ".dk-reply__stopped",
    prepare: (hub) => saysStop(hub, true),
  },
  { name: "mail-answer", path: `/inbox/${MAIL}`, ready: ".dk-mail-to", act: writesMail, shows: ".dk-rich b" },
  {
    name: "remove-inbox",
    path: "/settings/inboxes",
    ready: ".dk-thing",
    act: async (page) => {
      await first(page);
      await page.locator(".dk-part button").last().click();
    },
    shows: ".sb-dialog[open]",
  },
  { name: "agents", path: "/settings/agents", ready: ".dk-thing" },
  {
    name: "password-link",
    path: "/settings/agents",
    ready: ".dk-thing",
    act: async (page) => {
      await page.locator(".dk-thing button").nth(1).click();
      await page.locator(".dk-thing__more .dk-password-link button").click();
    },
    shows: ".dk-code",
  },
  { name: "retention", path: "/settings/retention", ready: ".dk-retention" },
  {
    name: "filters",
    path: "/inbox?tag=delivery&flagged=false",
    ready: ".sb-row",
    prepare(hub) {
      hub.views.has("Orders that wait", { folder: "inbox", sort: "waiting", team: "team-orders" }, true);
      hub.views.has("Deliveries", { folder: "inbox", sort: "activity", tag: "delivery", flagged: false });
    },
    act: (page) => page.locator(".dk-list__head .dk-list__filtered").click(),
    shows: ".dk-list__filters",
  },
  { name: "sent-none", path: "/sent", ready: ".sb-empty" },
  { name: "teams", path: "/settings/teams", ready: ".dk-thing", act: first, shows: ".dk-thing .dk-checks" },
  { name: "bots-none", path: "/settings/bots", ready: ".sb-empty" },
  { name: "bots", path: "/settings/bots", ready: ".dk-thing", prepare: withBots },
  { name: "bot", path: "/settings/bots", ready: ".dk-thing", prepare: withBots, act: first, shows: ".dk-bot-facts" },
  {
    name: "bot-new",
    path: "/settings/bots",
    ready: ".dk-thing",
    prepare: withBots,
    act: async (page) => {
      await page.locator(".dk-settings__head button").click();
      await page.locator("input[name=name]").fill("Robo");
      await page.locator("input[name=username]").fill("robo_bot");
      await page.locator(".dk-bot-where input").first().check();
    },
    shows: ".dk-bot-where select",
  },
  {
    name: "bot-token",
    path: "/settings/bots",
    ready: ".dk-thing",
    prepare: withBots,
    act: async (page) => {
      await first(page);
      await page.locator(".dk-part .dk-form__foot button").first().click();
      await page.locator(".sb-dialog__foot button").last().click();
    },
    shows: ".dk-bot-token",
  },
  {
    name: "hours",
    path: "/settings/inboxes",
    ready: ".dk-thing",
    prepare: (hub) => {
      hub.hoursWrong = [{ field: "hours.open.1", code: "overlaps", message: "No." }];
      const open = [
        { day: "monday", from: 540, to: 720 },
        { day: "monday", from: 660, to: 1020 },
      ] as const;
      hub.hours = { hours: { zone: "Asia/Kathmandu", open: [...open], holidays: ["2026-12-25"] } };
    },
    act: async (page) => {
      await first(page);
      await page
        .locator(".dk-part", { has: page.locator(".dk-week") })
        .locator(".dk-form__foot button")
        .click();
      await page.locator(".dk-week").scrollIntoViewIfNeeded();
    },
    shows: ".dk-span .dk-form-error",
  },
  {
    name: "bot-rules",
    path: "/settings/inboxes",
    ready: ".dk-thing",
    prepare: withBots,
    act: async (page) => {
      await first(page);
      await page.locator(".dk-order").scrollIntoViewIfNeeded();
    },
    shows: ".dk-order",
  },
  { name: "profile", path: "/settings/profile", ready: "input[readonly]" },
  { name: "sessions", path: "/settings/sessions", ready: ".dk-thing" },
  {
    name: "tokens",
    path: "/settings/tokens",
    ready: ".dk-thing",
    act: (page) => page.locator(".dk-settings__head button").click(),
    shows: ".dk-checks",
  },
  { name: "password", path: "/settings/password", ready: "input[type=password]" },
  {
    name: "not-yours",
    path: "/settings/agents",
    ready: ".sb-empty",
    prepare: (hub) => {
      (hub.me as { role: string }).role = "agent";
    },
  },
  { name: "emoji", ...THREAD, act: press("Control+e"), shows: ".dk-emoji__one" },
  { name: "go-to", ...THREAD, act: press("o"), shows: ".dk-picker__item" },
  { name: "team-now", path: "/pulse", ready: ".dk-pulse__team a" },
  { name: "print", path: `/print/${MAIL}`, ready: ".dk-print__frame" },
];

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[];
}

async function findings(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(AXE, "utf8"));
  const violations = (await page.evaluate(
    "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then((r) => r.violations)",
  )) as Finding[];
  return violations.flatMap((one) =>
    one.nodes.map((node) => `${one.id}: ${node.target.join(" ")}: ${node.failureSummary.replace(/\s+/g, " ")}`),
  );
}

if (PICTURES) mkdirSync(PICTURES, { recursive: true });
const comes = stories();

describe.each(LOOKS.filter(({ name }) => ALL || EVERY_DAY.has(name)))("$name", ({ name, language, options }) => {
  it.each(SCREENS)("$name", async (screen) => {
    const origins = [{ origin: ORIGIN, localStorage: [{ name: "switchboard.language", value: language }] }];
    const { page } = await comes(
      screen.path,
      (hub) => {
        withChannels(hub);
        screen.prepare?.(hub);
        hub.channels.found = { ok: false, sentence: "Twilio does not know this Account SID or Auth token." };
        hub.signedIn = screen.out !== true;
        for (const purpose of ["join", "new_password"] as const)
          hub.links.set(purpose, { purpose, name: "Claire Petit", email: "claire@example.org", expires_at: hub.now() });
      },
      { ...options, storageState: { cookies: [], origins } },
    );
    await page.waitForSelector(screen.ready);
    await screen.act?.(page);
    if (screen.shows) await page.waitForSelector(screen.shows);
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
    if (PICTURES) await page.screenshot({ path: `${PICTURES}/${screen.name}-${name}.png` });
    expect(await findings(page)).toEqual([]);
    expect(await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")).toBe(
      true,
    );
  });
});
