/** The ways in: the sign-in page, and the pages behind links that open once. */
import type { LinkPurpose } from "@switchboard/protocol";
import { describe, expect, it } from "vitest";
import type { FakeHub } from "./fake-hub";
import { ORIGIN, stories } from "./page";

const comes = stories();

/** A link of this token that is still good. */
function linked(purpose: LinkPurpose) {
  return (hub: FakeHub) => {
    const [name, email] = ["Claire Petit", "claire@example.org"];
    hub.links.set("token", { purpose, name, email, expires_at: hub.now() + 3_600_000 });
  };
}

describe("the doors", () => {
  it("signs in, says when it is the wrong password, and keeps the address that was asked for", async () => {
    const { page, hub } = await comes("/mine/C900");
    await page.getByLabel("E-mail").fill(hub.me.email);
    await page.getByLabel("Password", { exact: true }).fill("wrong password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("do not belong together").waitFor();
    await page.getByLabel("Password", { exact: true }).fill("right password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("log").getByText("My address is unchanged.").waitFor();
  });

  it("says who can help when a password is forgotten", async () => {
    const { page } = await comes("/");
    const help = page.getByText("Ask an owner or admin of your team for a link");
    expect(await help.isVisible()).toBe(false);
    await page.getByText("Forgotten your password?").click();
    await help.waitFor();
  });

  it("says of a dead link that it is dead, before anything is typed", async () => {
    for (const path of ["/invitation#gone", "/password#gone"]) {
      const { page } = await comes(path);
      await page.getByRole("heading", { name: "This link is no longer good" }).waitFor();
      expect(await page.getByRole("textbox").count()).toBe(0);
      await page.getByRole("link", { name: "Sign in instead" }).click();
      await page.getByRole("button", { name: "Sign in" }).waitFor();
    }
  });

  it("lets somebody join under the name that they were invited by, or another", async () => {
    const { page, hub } = await comes("/invitation#token", linked("join"));
    const name = page.getByLabel("Your name");
    await expect.poll(() => name.inputValue()).toBe("Claire Petit");
    await page.getByText("claire@example.org").waitFor();
    await name.fill("Claire Dubois");
    await page.getByLabel("Password", { exact: true }).fill("a good password");
    await page.getByRole("button", { name: "Join the team" }).click();
    await page.waitForURL("**/inbox");
    expect(hub.chosen).toMatchObject({ name: "Claire Dubois", password: "a good password" });
  });

  it("lets somebody set a new password", async () => {
    const { page, hub } = await comes("/password#token", linked("new_password"));
    await page.getByText("claire@example.org").waitFor();
    expect(await page.getByLabel("Your name").count()).toBe(0);
    await page.getByLabel("Password", { exact: true }).fill("a good password");
    await page.getByRole("button", { name: "Save and sign in" }).click();
    await page.waitForURL("**/inbox");
    expect(hub.chosen).toMatchObject({ password: "a good password" });
  });

  it("says that a link is used up also when that happened meanwhile", async () => {
    const { page, hub } = await comes("/password#token", linked("new_password"));
    await page.getByLabel("Password", { exact: true }).fill("a good password");
    hub.links.clear();
    await page.getByRole("button", { name: "Save and sign in" }).click();
    await page.getByRole("heading", { name: "This link is no longer good" }).waitFor();
  });

  it("tries again when the hub could not be asked about a link", async () => {
    const { page, offline } = await comes("/");
    await offline(true);
    await page.goto(`${ORIGIN}/password#token`);
    const again = page.getByRole("button", { name: "Try again" });
    await again.waitFor();
    await offline(false);
    await again.click();
    await page.getByRole("heading", { name: "This link is no longer good" }).waitFor();
  });

  it("makes a link for a colleague who has forgotten their password", async () => {
    const { page, hub } = await comes("/settings/agents", (hub) => {
      hub.signedIn = true;
    });
    await page.getByRole("button", { name: "Edit Ben Okafor" }).click();
    await page.getByRole("button", { name: "Make a link for a new password" }).click();
    await page.getByText("Give this link to Ben Okafor and to nobody else").waitFor();
    await page.getByText("/password#link-1").waitFor();
    // One's own takes the old password.
    await page.getByRole("button", { name: `Edit ${hub.me.name}` }).click();
    expect(await page.getByRole("button", { name: "Make a link for a new password" }).count()).toBe(1);
  });

  it("offers an admin no link to an owner", async () => {
    const { page } = await comes("/settings/agents", (hub) => {
      hub.signedIn = true;
      hub.me.role = "admin";
      for (const one of hub.agents) if (one.id === "agent-ben") one.role = "owner";
    });
    await page.getByRole("button", { name: "Edit Ben Okafor" }).click();
    await page.getByRole("button", { name: "Edit Chloé Martin" }).click();
    const offered = page.getByRole("button", { name: "Make a link for a new password" });
    await offered.waitFor();
    expect(await offered.count()).toBe(1);
  });
});
