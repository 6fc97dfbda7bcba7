/** Texts that are written once and sent often: picked in the reply bar by "/", looked after in the settings. */
import { mkdirSync } from "node:fs";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { MAIL, withChannels } from "./channels";
import type { FakeHub } from "./fake-hub";
import { desks, ORIGIN, stories } from "./page";

const desk = desks();
const comes = stories();
const PICTURES = process.env.PICTURES;

const field = (page: Page) => page.locator(".sb-composer__text");
const picked = (page: Page) => page.locator(".dk-templates [aria-selected=true] .dk-templates__name");
const send = (page: Page) => page.getByRole("button", { name: "Send", exact: true });

function withTemplates(hub: FakeHub): void {
  withChannels(hub);
  hub.templates.has("Thanks", "Thank you, {{customer.first_name}}!\n\n{{agent.first_name}}");
  hub.templates.has("Sorry, late", "Sorry, {{customer.name}}, we are late with {{case}}.", {
    html: "<div>Sorry, <b>{{customer.name}}</b>, we are late with {{case}}.</div>",
    for: { scope: "team", team_id: "team-orders" },
  });
  hub.templates.has("Call back", "We call you at {{customer.phone}}.", { for: { scope: "personal" } });
  hub.templates.has("Prices", "Our prices are in the file.", {
    attachments: [{ id: "file-1", name: "prices.txt", media_type: "text/plain", bytes: 12, picture: false }],
    mine_to_change: false,
  });
}

async function picture(page: Page, name: string): Promise<void> {
  if (!PICTURES) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: `${PICTURES}/${name}.png` });
}

const webChat = (hub: FakeHub) => [...hub.rows.values()].find(({ channel }) => channel === "web")?.id ?? "";

async function inChat(more: (hub: FakeHub) => void = () => undefined, options = {}) {
  const made = await desk(
    "/inbox",
    (hub) => {
      withTemplates(hub);
      more(hub);
    },
    options,
  );
  await made.page.goto(`${ORIGIN}/inbox/${webChat(made.hub)}`);
  await field(made.page).waitFor();
  return made;
}

describe("in the reply bar", () => {
  it("says that they did not come to who has asked for them by the menu, and asks again", async () => {
    const { page } = await inChat();
    await page.route("**/api/templates", (route) =>
      route.fulfill({ status: 503, json: { code: "unavailable", message: "" } }),
    );
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("menuitem", { name: "Template", exact: true }).click();
    const lost = page.locator(".dk-templates--lost");
    await lost.waitFor();
    await picture(page, "templates-lost");
    await page.unroute("**/api/templates");
    await lost.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("listbox", { name: "Templates" }).waitFor();
  });

  it("picks by keys alone, fills in, and sends nothing by itself", async () => {
    const { page, hub } = await inChat();
    await field(page).click();
    await page.keyboard.type("Hello /");
    await page.getByRole("listbox", { name: "Templates" }).waitFor();
    expect(await picked(page).textContent()).toBe("Call back");
    await page.keyboard.press("ArrowDown");
    await expect.poll(() => picked(page).textContent()).toBe("Prices");
    await page.keyboard.type("tha");
    await expect.poll(() => picked(page).textContent()).toBe("Thanks");
    await picture(page, "template-picker");
    await page.keyboard.press("Enter");
    const name = (hub.rows.get(webChat(hub))?.contact.name ?? "").split(" ")[0];
    await expect.poll(() => field(page).inputValue()).toBe(`Hello Thank you, ${name}!\n\nAnna`);
    await page.locator(".dk-templates").waitFor({ state: "detached" });
    expect(hub.written).toEqual([]);
    // The browser's own way back.
    await page.keyboard.press("Control+z");
    await expect.poll(() => field(page).inputValue()).toBe("Hello /tha");
  });

  it("stays away where the slash begins no word, and after Escape", async () => {
    const { page } = await inChat();
    await field(page).click();
    await page.keyboard.type("and/or https://");
    expect(await page.locator(".dk-templates").count()).toBe(0);
    await page.keyboard.type(" /tha");
    await page.locator(".dk-templates").waitFor();
    await page.keyboard.press("Escape");
    await page.locator(".dk-templates").waitFor({ state: "detached" });
    await page.keyboard.type("n");
    expect(await page.locator(".dk-templates").count()).toBe(0);
    // Escape was the list's: the conversation is still open, the text is there.
    expect(await field(page).inputValue()).toBe("and/or https:// /than");
    await page.keyboard.type(" /");
    await page.locator(".dk-templates").waitFor();
  });

  it("says what nobody knows, and sends it only when it is written in", async () => {
    const { page, hub } = await inChat((hub) => {
      for (const contact of hub.contacts.values()) contact.phone = null;
    });
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("menuitem", { name: "Template", exact: true }).click();
    await page.getByRole("listbox", { name: "Templates" }).waitFor();
    await page.keyboard.type("call");
    await page.locator(".dk-templates mark").waitFor();
    await page.keyboard.press("Enter");
    await page.getByText("Nothing is known for").waitFor();
    await picture(page, "template-open");
    expect(await send(page).isDisabled()).toBe(true);
    await page.keyboard.press("Control+Enter");
    expect(hub.written).toEqual([]);
    await field(page).fill("We call you at +31 20 123.");
    await page.getByText("Nothing is known for").waitFor({ state: "detached" });
    await send(page).click();
    await expect.poll(() => hub.written.map(({ text }) => text)).toEqual(["We call you at +31 20 123."]);
  });

  it("brings its files, each message its own", async () => {
    const { page, hub } = await inChat();
    await field(page).click();
    await page.keyboard.type("/pri");
    await page.locator(".dk-templates").waitFor();
    await page.keyboard.press("Enter");
    await page.getByText("prices.txt").waitFor();
    await send(page).click();
    await expect.poll(() => hub.written.map(({ attachments }) => attachments)).toEqual([["copy-of-file-1"]]);
  });

  it("keeps its formatting in a mail", async () => {
    const { page, hub } = await desk(`/inbox/${MAIL}`, withTemplates);
    await field(page).waitFor();
    await page.getByRole("button", { name: "Formatting", exact: true }).click();
    await page.locator(".dk-rich").click();
    await page.keyboard.type("Hi. /sor");
    await page.locator(".dk-templates").waitFor();
    await page.keyboard.press("Enter");
    await page.locator(".dk-rich b").waitFor();
    await send(page).click();
    await expect.poll(() => hub.written.length).toBe(1);
    const [reply] = hub.written;
    const row = hub.rows.get(MAIL);
    expect(reply?.text).toBe(`Hi. Sorry, ${row?.contact.name}, we are late with ${row?.case_number}.`);
    expect(reply?.do === "reply" && reply.mail?.html).toContain(`<b>${row?.contact.name}</b>`);
  });

  it("says where templates are made when there are none", async () => {
    const { page } = await inChat((hub) => {
      hub.templates.all = [];
    });
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("menuitem", { name: "Template", exact: true }).click();
    await page.getByText("No templates yet").waitFor();
    await page.keyboard.press("Escape");
    expect(await field(page).inputValue()).toBe("");
  });

  it("fits on a phone, in the dark, from right to left", async () => {
    const { page } = await inChat(() => undefined, {
      viewport: { width: 360, height: 740 },
      colorScheme: "dark",
      hasTouch: true,
      isMobile: true,
      locale: "ar",
    });
    await field(page).click();
    await page.keyboard.type("/");
    await page.locator(".dk-templates").waitFor();
    expect(await page.evaluate(() => document.documentElement.dir)).toBe("rtl");
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await picture(page, "template-picker-phone-dark");
  });
});

describe("in the settings", () => {
  const at = async (path = "/settings/templates", options = {}) => {
    const made = await comes(
      path,
      (hub) => {
        withTemplates(hub);
        hub.signedIn = true;
      },
      options,
    );
    await made.page.getByRole("heading", { name: "Templates" }).waitFor();
    return made;
  };
  const names = (page: Page) => page.locator(".dk-thing strong").allTextContents();

  it("lists, searches, and makes one with a variable at hand", async () => {
    const { page, hub } = await at();
    await expect.poll(() => names(page)).toEqual(["Call back", "Prices", "Sorry, late", "Thanks"]);
    await page.getByLabel("Find a template").fill("late");
    await expect.poll(() => names(page)).toEqual(["Sorry, late"]);
    await page.getByLabel("Find a template").fill("");
    await page.getByRole("button", { name: "New template" }).click();
    await page.getByLabel("Name").fill("Welcome");
    await page.getByLabel("For", { exact: true }).selectOption({ label: "Orders" });
    await page.getByLabel("Text", { exact: true }).click();
    await page.keyboard.type("Welcome, ");
    await page.getByRole("button", { name: "Customer’s first name" }).click();
    await page.keyboard.type("!");
    await page.getByRole("button", { name: "Preview", exact: true }).last().click();
    await page.locator(".dk-template-preview").getByText("Welcome, Maria!").waitFor();
    await picture(page, "template-form");
    await page.getByRole("button", { name: "Save" }).click();
    await expect.poll(() => names(page)).toEqual(["Call back", "Prices", "Sorry, late", "Thanks", "Welcome"]);
    expect(hub.templates.all.at(-1)).toMatchObject({
      text: "Welcome, {{customer.first_name}}!",
      for: { scope: "team", team_id: "team-orders" },
    });
  });

  it("changes, copies, throws away and takes back", async () => {
    const { page, hub } = await at();
    await page.getByRole("button", { name: "Edit Thanks" }).click();
    await page.getByLabel("Name").fill("Many thanks");
    await page.getByRole("button", { name: "Save" }).click();
    await expect.poll(() => names(page)).toContain("Many thanks");
    await page.getByRole("button", { name: "Duplicate Prices" }).click();
    await expect.poll(() => names(page)).toContain("Prices (copy)");
    const copy = hub.templates.all.find(({ name }) => name === "Prices (copy)");
    expect([copy?.for, copy?.attachments.length]).toEqual([{ scope: "personal" }, 1]);
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await expect.poll(() => names(page)).not.toContain("Prices (copy)");
    await page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => names(page)).toContain("Prices (copy)");
  });

  it("shows what others look after, and does not let it be changed", async () => {
    const { page } = await at();
    await page.getByRole("listitem").filter({ hasText: "Prices" }).getByRole("button").last().click();
    await page.getByText("Owners and admins change this one.").waitFor();
    expect(await page.getByRole("button", { name: "Save" }).count()).toBe(0);
  });

  it("fits on a phone in the dark", async () => {
    const { page } = await at("/settings/templates", {
      viewport: { width: 360, height: 740 },
      colorScheme: "dark",
      hasTouch: true,
      isMobile: true,
    });
    await page.getByRole("button", { name: "Edit Thanks" }).click();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await picture(page, "template-form-phone-dark");
  });
});

it("a file that did not go up is named, not waited for", async () => {
  const { page, hub } = await comes("/settings/templates?new", (one) => {
    one.signedIn = true;
  });
  await page.getByRole("button", { name: "New template" }).click();
  await page.getByLabel("Name").fill("With a file");
  await page.locator(".dk-template-files input[type=file]").setInputFiles({
    name: "virus.exe",
    mimeType: "application/octet-stream",
    buffer: Buffer.from("MZ"),
  });
  await page.locator(".dk-template-files").getByText("virus.exe").waitFor();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText(/virus\.exe cannot go along/u).waitFor();
  expect(hub.templates.all).toHaveLength(0);
});
