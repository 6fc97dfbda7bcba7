/** One person over several channels, and the folders of channels, in Chromium, with a hub in memory. */
import { describe, expect, it } from "vitest";
import { TEXTS, withChannels } from "./channels";
import { desks } from "./page";
import { mariaTwice } from "./same-person";

const desk = desks();
const WIDE = { viewport: { width: 1440, height: 800 } };

describe("one person over several channels", () => {
  it("is suggested, merged by a press, shown everywhere, and separated by undo", async () => {
    const { page } = await desk("/inbox/C897", mariaTwice, WIDE);
    const panel = page.locator(".dk-customer");
    const name = panel.locator(".dk-customer__name");
    await name.getByText("Visitor 4697").waitFor();
    await panel.getByText("Same e-mail, only typed in: maria@example.nl").waitFor();
    await panel.getByRole("button", { name: "Merge with Maria Jansen" }).click();
    await name.getByText("Maria Jansen").waitFor();
    await panel.getByText("Merged with maria@example.nl").waitFor();
    await page.locator('.sb-row[href*="C897"]').getByText("Maria Jansen").waitFor();
    await panel.locator(".dk-previous").first().waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await name.getByText("Visitor 4697").waitFor();
    expect(await panel.getByText("Merged with").count()).toBe(0);
    await panel.getByText("Maybe the same person").waitFor();
  });

  it("is not suggested any more once somebody says that it is another, until that is taken back", async () => {
    const { page } = await desk("/inbox/C897", mariaTwice, WIDE);
    const maybe = page.getByText("Maybe the same person");
    await page.getByRole("button", { name: "Maria Jansen is not the same person" }).click();
    await maybe.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Undo" }).click();
    await maybe.waitFor();
  });

  it("is found by the keys where nothing suggests it", async () => {
    const { page } = await desk("/inbox/C896", mariaTwice, WIDE);
    await page.locator(".dk-customer").waitFor();
    await page.keyboard.press("Control+k");
    await page.keyboard.type("merge with another");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Merge with another customer" }).waitFor();
    expect(await page.getByText(/Nothing called/).count()).toBe(0);
    await page.keyboard.type("maria");
    await page.locator(".dk-picker [role=option]", { hasText: "maria@example.nl" }).first().waitFor();
    await page.locator(".dk-picker [role=option]", { hasText: "Maria Jansen" }).first().waitFor();
    await page.keyboard.press("Enter");
    await page.locator(".dk-customer").getByText("Merged with Maria Jansen").waitFor();
    await page.getByRole("button", { name: "Separate Maria Jansen" }).click();
    await page.getByText("Cards separated").waitFor();
    expect(await page.locator(".dk-customer").getByText("Merged with").count()).toBe(0);
  });
});

describe("the other conversations of a customer", () => {
  it("say their channel, their words or how many files, and their number", async () => {
    const { page, hub } = await desk(
      `/inbox/${TEXTS}`,
      (hub) => {
        withChannels(hub);
        const mine = hub.rows.get(TEXTS) ?? never();
        const { preview } = mine;
        const photo = preview && { ...preview, text: "", attachments: 2 };
        hub.rows.set("S1", { ...mine, id: "S1", number: 201, case_number: "SB-201", preview: photo });
        const number = { id: "contact-number", name: null, address: "+31622222222" };
        hub.rows.set("S3", { ...mine, id: "S3", number: 203, case_number: "SB-203", contact: number });
        hub.rows.set("S2", { ...mine, id: "S2", number: 202, case_number: "SB-202", status: "closed" });
      },
      WIDE,
    );
    expect(hub.rows.get("S1")?.subject).toBeNull();
    const line = (number: string) => page.locator(".dk-previous", { hasText: number });
    await line("SB-201").getByText("2 files").waitFor();
    await line("SB-202").getByText("Is my lamp ready?").waitFor();
    await line("SB-202").getByText("SB-202 · Closed").waitFor();
    await line("SB-202").getByRole("img", { name: "SMS" }).waitFor();
    // A number makes no letters.
    await page.locator('.sb-row[href*="S3"] .sb-avatar__face .lucide-smartphone').waitFor();
  });
});

describe("the folders of channels", () => {
  it("hold what their inboxes hold, count it live, and are gone where there is one channel", async () => {
    const { page, hub } = await desk("/inbox", withChannels);
    const folder = page.locator(".dk-folders a", { hasText: "SMS" }).first();
    const count = () => folder.locator(".dk-folder__count").textContent();
    const of = (channel: string) =>
      [...hub.rows.values()].filter((row) => row.channel === channel && row.status === "open").length;
    await folder.locator(".dk-folder__count").waitFor();
    expect(await count()).toBe(String(of("sms")));
    await folder.click();
    await page.getByRole("heading", { name: "SMS", exact: true }).waitFor();
    await page.locator(`.sb-row[href*="${TEXTS}"]`).waitFor();
    expect(await page.locator(".sb-row").count()).toBe(of("sms"));
    const { read_number: _mine, ...before } = hub.rows.get(TEXTS) ?? never();
    const conversation = { ...before, id: "Z1", number: 9001, last_activity_at: hub.now() };
    hub.rows.set("Z1", { ...conversation, read_number: 0 });
    hub.messages.set("Z1", []);
    hub.push({ event: "conversation_created", conversation, messages: [] });
    await page.locator('.sb-row[href*="Z1"]').waitFor();
    expect(await count()).toBe(String(of("sms")));
    const alone = await desk("/inbox");
    await alone.page.locator(".dk-folders").getByText("Inboxes").waitFor();
    expect(await alone.page.locator(".dk-folders").getByText("Channels").count()).toBe(0);
  });
});

function never(): never {
  throw new Error("the workspace has it");
}
