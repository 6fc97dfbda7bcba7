/** The built widget on a strict site, in Chromium: what a visitor does and sees. */

import { expect, test } from "vitest";

import {
  axe,
  field,
  frame,
  hub,
  launcher,
  openChat,
  PNG,
  page,
  panel,
  pick,
  problems,
  say,
  shot,
  site,
  siteWith,
  stage,
  visit,
} from "./stage.js";

stage();

test("nothing is asked of the hub but the loader before the first click", async () => {
  await visit();
  await launcher().waitFor();
  await shot("closed");
  expect(page.frames()).toHaveLength(1);
  expect(await page.evaluate("document.activeElement === document.body")).toBe(true);
  expect(await page.evaluate("Object.keys(window).filter((name) => /switch/i.test(name))")).toEqual(["Switchboard"]);
});

test("the launcher wears the site's colour from the start, with what stands out on it", async () => {
  const look = () =>
    launcher().evaluate((button) => {
      const { backgroundColor, color } = getComputedStyle(button);
      const [on] = /[\d.]+/.exec(color.replace("oklch", "")) ?? [];
      return `${backgroundColor} ${Number(on) > 0 ? "white" : "black"}`;
    });
  const worn: string[] = [];
  for (const accent of ["#0f766e", "#facc15"]) {
    await siteWith(`data-accent="${accent}"`);
    await page?.context().close();
    await visit();
    await launcher().waitFor();
    worn.push(await look());
  }
  expect(worn).toEqual(["rgb(15, 118, 110) white", "rgb(250, 204, 21) black"]);
});

test("opened by a click, the field has the focus; Escape closes and gives it back", async () => {
  await visit();
  await openChat();
  await expect.poll(() => frame().evaluate("document.activeElement.tagName")).toBe("TEXTAREA");
  await shot("empty");
  await page.keyboard.press("Escape");
  await launcher().waitFor();
  expect(await page.evaluate("document.activeElement.shadowRoot.activeElement.ariaLabel")).toBe("Open chat");
});

test("opened by the site, the focus stays where it is", async () => {
  await visit();
  await launcher().waitFor();
  await page.evaluate("Switchboard('open')");
  await field().waitFor();
  expect(await page.evaluate("document.activeElement === document.body")).toBe(true);
});

test("a conversation: sent, read, answered, typed in both ways, with its source", async () => {
  await visit({}, "/shop?utm_source=letter");
  await openChat();
  expect(hub.said.filter(({ t }) => t === "command")).toEqual([]);
  await say("Do you ship to Norway?");
  await panel().getByText("Sent", { exact: true }).waitFor();
  expect(hub.said.find((each) => each.t === "command" && each.do === "send")).toMatchObject({
    source: {
      url: `${site.origin}/shop?utm_source=letter`,
      title: "Lamps and more",
      campaign: [["utm_source", "letter"]],
    },
  });
  hub.agentTypes(true);
  await panel().getByText("Anna de Vries is typing").waitFor();
  await shot("typing");
  hub.agentSays("Yes, we do. See https://lamps.example/shipping.");
  await panel().getByText("Anna de Vries is typing").waitFor({ state: "detached" });
  const link = panel().getByRole("link");
  expect([await link.getAttribute("href"), await link.getAttribute("rel")]).toEqual([
    "https://lamps.example/shipping",
    "noopener noreferrer nofollow",
  ]);
  hub.agentReads();
  await panel().getByText("Read", { exact: true }).waitFor();
  await expect
    .poll(() => hub.said.findLast((each) => each.t === "command" && each.do === "seen"))
    .toMatchObject({ delivered: 2, read: 2 });
  await field().pressSequentially("Thank");
  await expect.poll(() => hub.said.some((each) => each.t === "command" && each.do === "typing" && each.on)).toBe(true);
  await shot("conversation");
  expect(await axe()).toEqual([]);
  expect(problems).toEqual([]);
});

test("what comes while the window is closed is counted and not read", async () => {
  await visit();
  await openChat();
  await say("Hello");
  await panel().getByText("Sent", { exact: true }).waitFor();
  await launcher("Close chat").click();
  hub.agentSays("One");
  hub.agentSays("Two");
  await launcher("Open chat (2)").waitFor();
  await shot("unread");
  expect(hub.said.findLast((each) => each.t === "command" && each.do === "seen")).toMatchObject({
    delivered: 3,
    read: 0,
  });
  await launcher("Open chat (2)").click();
  await expect
    .poll(() => hub.said.findLast((each) => each.t === "command" && each.do === "seen"))
    .toMatchObject({ read: 3 });
});

test("on the site's next page the conversation goes on", async () => {
  await visit();
  await openChat();
  await say("Hello");
  await panel().getByText("Sent", { exact: true }).waitFor();
  await launcher("Close chat").click();
  await page.getByRole("link", { name: "Next" }).click();
  await page.waitForURL("**/next/");
  hub.agentSays("Still there?");
  await launcher("Open chat (1)").click();
  await panel().getByText("Hello", { exact: true }).waitFor();
  await panel().getByText("Still there?").waitFor();
});

test("a move within a single-page site is told, with the title that it then has", async () => {
  await visit();
  await openChat();
  await page.evaluate("history.pushState({}, '', '/desk-lamps'); document.title = 'Desk lamps'");
  await expect
    .poll(() => hub.said.findLast((each) => each.t === "command" && each.do === "page"))
    .toMatchObject({ page: { url: `${site.origin}/desk-lamps`, title: "Desk lamps" } });
  await say("This one?");
  await expect
    .poll(() => hub.said.find((each) => each.t === "command" && each.do === "send"))
    .toMatchObject({
      source: { pages: [{ url: `${site.origin}/` }, { url: `${site.origin}/desk-lamps`, title: "Desk lamps" }] },
    });
});

test("written offline it is kept, also over a reload, and sent once", async () => {
  await visit();
  await openChat();
  await say("Hello");
  await panel().getByText("Sent", { exact: true }).waitFor();
  hub.offline();
  await say("Are you there?");
  await panel().getByText("Kept, goes out when you are connected").waitFor();
  await panel().getByText("You are not connected.").waitFor();
  await shot("offline");
  expect(await axe()).toEqual([]);
  hub.online();
  await page.reload();
  await panel().getByText("Are you there?").waitFor();
  await expect.poll(() => hub.messages.map(({ text }) => text)).toEqual(["Hello", "Are you there?"]);
});

test("refused: the reason is shown, the text is kept, and it can be tried again", async () => {
  await visit();
  await openChat();
  hub.refuseNext = "This message is too long.";
  await say("A very long story");
  await panel().getByText("Not sent. Your text is kept.").waitFor();
  await shot("failed");
  expect(await axe()).toEqual([]);
  await panel().getByRole("button", { name: "Try again" }).click();
  await panel().getByText("Sent", { exact: true }).waitFor();
  expect(hub.messages.map(({ text }) => text)).toEqual(["A very long story"]);
});

test("a draft, and what was refused, are there after a reload", async () => {
  await visit();
  await openChat();
  await say("Hello");
  await panel().getByText("Sent", { exact: true }).waitFor();
  hub.refuseNext = "This message is too long.";
  await say("A very long story");
  await panel().getByText("Not sent. Your text is kept.").waitFor();
  await field().fill("And another th");
  await page.reload();
  await panel().getByText("Not sent. Your text is kept.").waitFor();
  expect(await field().inputValue()).toBe("And another th");
  await panel().getByRole("button", { name: "Delete" }).click();
  await field().fill("");
  await page.reload();
  await panel().getByText("Hello", { exact: true }).waitFor();
  expect(await panel().getByText("A very long story").count()).toBe(0);
  expect(await field().inputValue()).toBe("");
  expect(hub.messages.map(({ text }) => text)).toEqual(["Hello"]);
});

test("a text that is too long is not cut: it says so, and is sent when it fits", async () => {
  await visit();
  await openChat();
  await say("x".repeat(10_001));
  await panel().getByText("Too long: 10,001 of at most 10,000 characters.").waitFor();
  expect(await panel().getByRole("button", { name: "Send" }).isDisabled()).toBe(true);
  await say("x".repeat(10_000));
  await expect.poll(() => hub.messages.map(({ text }) => text.length)).toEqual([10_000]);
});

test("a file that was refused keeps the message back, and says why", async () => {
  await visit();
  await openChat();
  await frame()
    .locator("input[type=file]")
    .setInputFiles([
      { name: "lamp.png", mimeType: "image/png", buffer: PNG },
      { name: "prog.exe", mimeType: "application/x-msdownload", buffer: PNG },
    ]);
  await panel().getByText("Files of this kind cannot be sent.").waitFor();
  await say("See the picture");
  await panel().getByText("Remove the files that could not be uploaded, then send.").waitFor();
  await shot("refused-file");
  expect(await axe()).toEqual([]);
  await panel().getByRole("button", { name: "Remove prog.exe" }).click();
  await field().press("Enter");
  await panel().getByRole("button", { name: "Open lamp.png" }).waitFor();
  expect(hub.messages.map(({ text }) => text)).toEqual(["See the picture"]);
});

test("without a network it says so at once, and does not say who is there", async () => {
  await visit();
  await openChat();
  const here = panel().getByText("We are here and answer in a few minutes");
  await here.waitFor();
  hub.offline();
  await page.context().setOffline(true);
  const bar = panel().getByText("You are not connected.");
  await bar.waitFor();
  expect(await here.isVisible()).toBe(false);
  await page.context().setOffline(false);
  hub.online();
  // By itself: the browser says that there is a network again.
  await bar.waitFor({ state: "detached" });
  await here.waitFor();
});

test("a file picked without a connection says that it waits, and goes up by itself", async () => {
  await visit();
  await openChat();
  hub.offline();
  await panel().getByText("You are not connected.").waitFor();
  await pick("lamp.png", "image/png");
  await panel().getByText("Kept, goes out when you are connected").waitFor();
  await shot("waiting-file");
  expect(await axe()).toEqual([]);
  hub.online();
  await panel().getByText("70 byte").waitFor();
  await panel().getByRole("button", { name: "Send" }).click();
  await panel().getByRole("button", { name: "Open lamp.png" }).waitFor();
});

test("sent without a connection, a message goes out by itself once its files are up", async () => {
  await visit();
  await openChat();
  hub.offline();
  await panel().getByText("You are not connected.").waitFor();
  await pick("lamp.png", "image/png");
  await panel().getByText("Kept, goes out when you are connected").waitFor();
  await say("Here is a photo");
  await panel().getByText("Goes out by itself once the files are up.").waitFor();
  await shot("sent-before-its-files");
  expect(await axe()).toEqual([]);
  hub.online();
  await panel().getByRole("button", { name: "Open lamp.png" }).waitFor();
  expect(hub.messages.map(({ text, attachments }) => [text, attachments?.length])).toEqual([["Here is a photo", 1]]);
  expect(await field().inputValue()).toBe("");
});

test("who writes on after Enter says anew when it goes out", async () => {
  await visit();
  await openChat();
  hub.stallUploads = true;
  await pick("lamp.png", "image/png");
  await say("Here is a photo");
  const goes = panel().getByText("Goes out by itself once the files are up.");
  await goes.waitFor();
  await field().press("End");
  await field().pressSequentially(" of");
  await goes.waitFor({ state: "detached" });
  hub.stallUploads = false;
  await panel().getByText("70 byte").waitFor();
  await field().press("Enter");
  await panel().getByRole("button", { name: "Open lamp.png" }).waitFor();
  expect(hub.messages.map(({ text }) => text)).toEqual(["Here is a photo of"]);
});

test("files of a draft are there on the next page; one that was not up by then says so", async () => {
  await visit();
  await openChat();
  await field().fill("Here is a photo");
  await pick("lamp.png", "image/png");
  await panel().getByText("70 byte").waitFor();
  hub.stallUploads = true;
  await pick("shade.png", "image/png");
  await panel()
    .getByText(/Uploading/)
    .waitFor();
  await page.getByRole("link", { name: "Next" }).click();
  hub.stallUploads = false;
  await openChat();
  await panel().getByText("70 byte").waitFor();
  await panel().getByText("Not uploaded").waitFor();
  await shot("files-of-a-draft");
  expect(await axe()).toEqual([]);
  await field().press("Enter");
  await panel().getByText("Remove the files that could not be uploaded, then send.").waitFor();
  await panel().getByRole("button", { name: "Remove shade.png" }).click();
  await field().press("Enter");
  await panel().getByRole("button", { name: "Open lamp.png" }).waitFor();
  expect(hub.messages.map(({ text, attachments }) => [text, attachments?.length])).toEqual([["Here is a photo", 1]]);
  await page.reload();
  await panel().getByText("Sent", { exact: true }).waitFor();
  expect(
    await panel()
      .getByRole("button", { name: /^Remove/ })
      .count(),
  ).toBe(0);
});

test("a draft's file that the hub no longer has is said to be gone", async () => {
  await visit();
  await openChat();
  await pick("lamp.png", "image/png");
  await panel().getByText("70 byte").waitFor();
  await page.clock.setFixedTime(Date.now() + 25 * 3_600_000);
  await page.reload();
  await openChat();
  await panel().getByText("Not uploaded").waitFor();
});

test("what calls itself a picture and cannot be drawn is shown as a file", async () => {
  await visit();
  await openChat();
  await frame()
    .locator("input[type=file]")
    .setInputFiles([{ name: "evil.png", mimeType: "image/png", buffer: Buffer.from("<script>") }]);
  await panel().getByText("evil.png").waitFor();
  const tile = panel().getByRole("listitem");
  await tile.locator("svg").nth(1).waitFor();
  expect(await tile.locator("img").count()).toBe(0);
});

test("older messages that come after a new snapshot leave no hole", async () => {
  for (let i = 1; i <= 6; i++) hub.add({ kind: i % 2 ? "you" : "bot", name: "Lamp" }, `Message ${i}.`);
  hub.page = 2;
  await visit();
  await openChat();
  await panel().getByText("Message 6.").waitFor();
  const older = panel().getByRole("button", { name: "Older messages" });
  hub.stallOlder = true;
  await older.click();
  for (let i = 7; i <= 9; i++) hub.agentSays(`Message ${i}.`);
  await panel().getByText("Message 9.").waitFor();
  hub.reset();
  await panel().getByText("Message 5.").waitFor({ state: "detached" });
  const answered = page.waitForResponse((response) => response.url().includes("before="));
  hub.stallOlder = false;
  await answered;
  const shown = () =>
    panel()
      .getByText(/^Message \d\.$/)
      .allTextContents();
  await older.click();
  await expect.poll(shown).toEqual(["Message 6.", "Message 7.", "Message 8.", "Message 9."]);
});

test("what was sent and is no longer in the newest messages is not shown as waiting", async () => {
  await visit();
  await openChat();
  await say("Hello");
  await panel().getByText("Sent", { exact: true }).waitFor();
  hub.page = 2;
  hub.breakNext = true;
  await say("Are you there?");
  await panel().getByText("You are not connected.").waitFor();
  for (let i = 1; i <= 3; i++) hub.agentSays(`Message ${i}.`);
  hub.forgetFeed();
  hub.online();
  await panel().getByText("Message 3.").waitFor();
  await panel().getByText("Are you there?").waitFor({ state: "detached" });
  expect(hub.messages.filter(({ text }) => text === "Are you there?")).toHaveLength(1);
});

test("what the team puts into a conversation of its own stays where it stood, and the talk goes on there", async () => {
  await visit();
  await openChat();
  await say("Where is my lamp?");
  await panel().getByText("Sent", { exact: true }).waitFor();
  hub.agentSays("On its way.");
  await say("And do you sell shades?");
  const seen = () => hub.said.flatMap((frame) => (frame.t === "command" && frame.do === "seen" ? [frame] : [])).at(-1);
  await expect.poll(() => hub.messages.length).toBe(3);
  hub.splits(3);
  hub.agentSays("We do.");
  await panel().getByText("We do.").waitFor();
  // Read there, by that conversation's own numbers.
  await expect.poll(seen).toMatchObject({ conversation_id: "conversation-2", delivered: 2, read: 2 });
  const said = panel().getByText(/^(Where is my lamp\?|On its way\.|And do you sell shades\?|We do\.)$/);
  await expect
    .poll(() => said.allTextContents())
    .toEqual(["Where is my lamp?", "On its way.", "And do you sell shades?", "We do."]);
  await say("Good.");
  await panel().getByText("Sent", { exact: true }).waitFor();
  expect(hub.messages.at(-1)).toMatchObject({ conversation_id: "conversation-2", number: 3, text: "Good." });
  expect(problems).toEqual([]);
});

test("a file whose upload broke off on a good connection can be tried again", async () => {
  await visit();
  await openChat();
  hub.breakUploads = true;
  await pick("lamp.png", "image/png");
  const again = panel().getByRole("button", { name: "Try again" });
  await again.waitFor();
  await panel().getByText("Not uploaded").waitFor();
  await shot("broken-file");
  expect(await axe()).toEqual([]);
  hub.breakUploads = false;
  await again.click();
  await panel().getByText("70 byte").waitFor();
  expect(await again.count()).toBe(0);
});

test("files go up with their progress and come back as pictures, without a token in a URL", async () => {
  await visit();
  await openChat();
  const urls: string[] = [];
  page.on("request", (request) => urls.push(request.url()));
  hub.stallUploads = true;
  await frame()
    .locator("input[type=file]")
    .setInputFiles([
      { name: "lamp.png", mimeType: "image/png", buffer: PNG },
      { name: "invoice.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(3_000_000) },
    ]);
  await panel()
    .getByText(/Uploading/)
    .first()
    .waitFor();
  await field().fill("This one is broken");
  await shot("upload");
  hub.stallUploads = false;
  await panel().getByText("3 MB").waitFor();
  await panel().getByRole("button", { name: "Send" }).click();
  await panel().getByRole("button", { name: "Open lamp.png" }).locator("img").waitFor();
  await panel().getByText("invoice.pdf").waitFor();
  await shot("files");
  expect(await axe()).toEqual([]);
  expect(urls.filter((url) => url.includes("token"))).toEqual([]);
  expect(problems).toEqual([]);
});

test("a picture that cannot be had is a file with its name", async () => {
  await visit();
  await openChat();
  await say("Hello");
  await panel().getByText("Sent", { exact: true }).waitFor();
  hub.agentSays("Look", [{ id: "gone", name: "lamp.png", media_type: "image/png", bytes: 2_000, picture: true }]);
  await panel().getByRole("button", { name: "lamp.png 2 kB" }).waitFor();
  expect(await panel().getByRole("button", { name: "Open lamp.png" }).count()).toBe(0);
});

test("text is never markup", async () => {
  await visit();
  await openChat();
  await say("<img src=x onerror=alert(1)><b>bold</b> javascript:alert(1)");
  await panel().getByText("<b>bold</b>").waitFor();
  expect(await panel().locator(".bubble b, .bubble img, .bubble a").count()).toBe(0);
});

test("a site that the inbox does not name is refused", async () => {
  hub.origins = ["https://another.example"];
  await visit();
  await launcher().click();
  await panel().getByText("The chat is not available on this page.").waitFor();
});

test("an inbox that is gone is said so, and there is nothing to write in", async () => {
  hub.gone = true;
  await visit();
  await launcher().click();
  await panel().getByText("The chat is not available on this page.").waitFor();
  expect(await field().count()).toBe(0);
});

test("dark, and in Arabic from right to left", async () => {
  await siteWith("", "ar");
  hub.add({ kind: "you" }, "مرحبا، هل تشحنون إلى النرويج؟", [], "x", Date.now() - 90_000_000);
  hub.agentSays("نعم، خلال ثمانية أيام.", [], "آنا");
  await visit({ colorScheme: "dark", locale: "ar" });
  await launcher("افتح المحادثة").click();
  await field().waitFor();
  expect(await frame().evaluate("document.documentElement.dir")).toBe("rtl");
  await shot("arabic-dark");
  expect(await axe()).toEqual([]);
});

test("dark", async () => {
  hub.accent = "#facc15";
  hub.add({ kind: "you" }, "Do you ship to Norway?", [], "x", Date.now() - 90_000_000);
  hub.agentSays("Yes, within eight days.");
  await visit({ colorScheme: "dark" });
  await openChat();
  await shot("dark");
  expect(await axe()).toEqual([]);
});

test("on a phone it takes the whole screen and gives it back", async () => {
  await visit({ viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true });
  await openChat();
  await say("Hello");
  hub.agentSays("Good morning. How can we help you today? We are here until five.");
  await panel().getByText("Good morning").waitFor();
  const box = await page.locator("iframe").boundingBox();
  expect(box).toEqual({ x: 0, y: 0, width: 360, height: 640 });
  await shot("phone");
  expect(await axe()).toEqual([]);
  // Nothing of the launcher lies over what is pressed there.
  await field().fill("Is the lamp in stock?");
  const sends = await panel().getByRole("button", { name: "Send" }).boundingBox();
  await page.mouse.click((sends?.x ?? 0) + 8, (sends?.y ?? 0) + 8);
  await panel().getByText("Is the lamp in stock?").waitFor();
  await expect.poll(() => hub.messages.at(-1)?.text).toBe("Is the lamp in stock?");
  await panel().getByRole("button", { name: "Minimise" }).click();
  await launcher().waitFor();
});
