/** A conversation on paper: whole, clean, with nothing in it that the customer may not see. */
import { writeFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { MAIL, withChannels } from "./channels";
import type { FakeHub } from "./fake-hub";
import { desks, shot, stories } from "./page";

const comes = stories();
const desk = desks();

const signedIn =
  (prepare: (hub: FakeHub) => void = () => undefined) =>
  (hub: FakeHub) => {
    prepare(hub);
    hub.signedIn = true;
  };
const sheet = (page: Page) => page.locator(".dk-print__sheet");

/** Pages of a document as Chromium writes it. */
async function pagesOf(page: Page, name: string): Promise<number> {
  const pdf = await page.pdf({ format: "A4", preferCSSPageSize: true });
  if (process.env.SHOTS) await writeFile(`${process.env.SHOTS}/${name}.pdf`, pdf);
  return pdf.toString("latin1").match(/\/Type\s*\/Page\b(?!s)/gu)?.length ?? 0;
}

describe("a conversation is printed", () => {
  it("with head, days and times of the reader's zone, and without the team's notes until they are asked for", async () => {
    const { page } = await comes("/print/C900", signedIn(), { timezoneId: "Asia/Tokyo" });
    await sheet(page).getByText("My address is unchanged.").waitFor();
    await expect.poll(() => sheet(page).innerText()).toContain("Asia/Tokyo");
    const words = await sheet(page).innerText();
    for (const said of ["SB-4700", "Maria Jansen", "maria@example.nl", "Anna de Vries", "delivery"])
      expect(words).toContain(said);
    expect(words).not.toContain("Carrier says depot Utrecht");
    await page.getByRole("checkbox", { name: "With the team’s notes" }).check();
    await sheet(page).getByText("Carrier says depot Utrecht").waitFor();
    await shot(page, "print");
  });

  it("on as many sheets as it needs, all of its messages and nothing of the page around it", async () => {
    const { page, hub } = await comes(
      "/print/C900",
      signedIn((one) => {
        for (let place = 0; place < 180; place += 1) one.say("C900", `Line ${place} of a long talk`);
      }),
      { colorScheme: "dark" },
    );
    await sheet(page).getByText("Line 179 of a long talk").waitFor();
    // The first of all stands there too, which came with the last page that was asked for.
    await sheet(page).getByText("Hi, I ordered the blue lamp on Tuesday").waitFor();
    const inWords = hub.messages.get("C900")?.filter((one) => one.kind !== "note").length;
    expect(await page.locator(".dk-print__message").count()).toBe(inWords);
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    expect(await page.locator(".dk-print__bar").isVisible()).toBe(false);
    const looks = await sheet(page).evaluate((one) => {
      const luminance = (colour: string): number => {
        const canvas = document.createElement("canvas").getContext("2d") as CanvasRenderingContext2D;
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return canvas.getImageData(0, 0, 1, 1).data[0] ?? 255;
      };
      return { ink: luminance(getComputedStyle(one).color), whole: document.documentElement.scrollHeight };
    });
    // Dark on white, whatever the screen is; and it runs on over the sheets.
    expect(looks.ink).toBeLessThan(90);
    expect(looks.whole).toBeGreaterThan(3000);
    expect(await pagesOf(page, "print-long")).toBeGreaterThan(4);
  });

  it("mails as they were sent, in their sandbox, or as text", async () => {
    const elsewhere: string[] = [];
    const { page } = await comes(`/print/${MAIL}`, signedIn(withChannels));
    page.on("request", (request) => {
      if (!/^http:\/\/dashboard\.test\/|^data:/u.test(request.url())) elsewhere.push(request.url());
    });
    const frame = page.locator("iframe.dk-print__frame").first();
    await frame.waitFor();
    expect(await frame.getAttribute("sandbox")).toBe("allow-same-origin");
    // The first height of all is a guess.
    await expect.poll(async () => (await frame.boundingBox())?.height ?? 162).not.toBe(162);
    expect((await frame.boundingBox())?.height).toBeGreaterThan(20);
    await shot(page, "print-mail");
    expect(await pagesOf(page, "print-mail")).toBeGreaterThan(0);
    await page.getByRole("checkbox", { name: "Mails as they were sent" }).uncheck();
    await expect.poll(() => page.locator("iframe.dk-print__frame").count()).toBe(0);
    expect(elsewhere).toEqual([]);
  });

  it("once it is drawn: a mail that is still on its way is waited for", async () => {
    let letGo = (): void => undefined;
    const held = new Promise<void>((done) => {
      letGo = done;
    });
    const { page } = await comes("/inbox", signedIn(withChannels));
    await page.route("**/api/messages/*/frame*", async (route) => {
      await held;
      await route.fallback();
    });
    await page.goto(`http://dashboard.test/print/${MAIL}`);
    await page.locator("iframe.dk-print__frame").first().waitFor();
    const print = page.getByRole("button", { name: /^Print/u });
    expect(await print.getAttribute("aria-busy")).toBe("true");
    letGo();
    await expect.poll(() => print.getAttribute("aria-busy")).toBeNull();
    expect(await page.locator("iframe.dk-print__frame").first().boundingBox()).not.toMatchObject({ height: 162 });
  });

  it("from the menu, from the palette, and by who may only read", async () => {
    const { page } = await desk("/inbox/C900");
    const opened: string[] = [];
    page.context().on("page", (one) => opened.push(one.url()));
    await page.route("**/print/**", (route) => route.fulfill({ body: "" }));
    await page.getByRole("button", { name: "More", exact: true }).first().click();
    await page.getByRole("menuitem", { name: "Print…" }).click();
    await expect.poll(() => opened.length).toBe(1);
    await page.keyboard.press("Control+k");
    await page.keyboard.type("print");
    await page.keyboard.press("Enter");
    await expect.poll(() => opened.length).toBe(2);

    const reader = await desk("/inbox/C900", (hub) => {
      (hub.me as { role: string }).role = "read_only";
    });
    await reader.page.getByRole("button", { name: "More", exact: true }).first().click();
    await reader.page.getByRole("menuitem", { name: "Print…" }).waitFor();
    expect(await reader.page.getByRole("menuitem").count()).toBe(2);
  });
});
