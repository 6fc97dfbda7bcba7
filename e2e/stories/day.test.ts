/**
 * A day at the desk: two visitors, three agents, everything that they do to each other, and what goes wrong meanwhile.
 * Told on both shapes of deployment, each behind nginx.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";

import { Agent } from "../src/agent.js";
import { Crowd } from "../src/crowd.js";
import { ALONE, type Shape, TOGETHER } from "../src/deployment.js";
import { Site } from "../src/site.js";
import { Visitor } from "../src/visitor.js";
import { OWNER, open, person, type Workspace } from "../src/workspace.js";

const BEN = person("Ben Baker");
const CLEO = person("Cleo Clark");

/** A dead line is found by the missing heartbeat, within this. */
const SILENCE_MS = 30_000;
/**
 * How long the network stays away after that. STORY_REAL_MINUTE=1 makes it a minute in all; less shows the same, for
 * both sides have come to know of it.
 */
const AWAY_MS = process.env.STORY_REAL_MINUTE ? 30_000 : 1_000;

describe.each([ALONE, TOGETHER])("$name", (shape) => {
  test("a day at the desk", async () => {
    await using day = await Day.begin(shape);
    for (const scene of [arriving, writing, answering, noting, assigning, colliding, closing, offline, losingAHub]) {
      // The picture is of most use when the scene has failed.
      await scene(day).finally(() => day.crowd.picture(scene.name));
    }
  });
});

class Day {
  private constructor(
    readonly workspace: Workspace,
    readonly site: Site,
    readonly crowd: Crowd,
    readonly olive: Agent,
    readonly ben: Agent,
    readonly cleo: Agent,
    readonly vera: Visitor,
    readonly walt: Visitor,
  ) {}

  static async begin(shape: Shape): Promise<Day> {
    const workspace = await open(shape);
    const site = await Site.start();
    const { deployment, owner } = workspace;
    await owner.add(BEN, "agent");
    await owner.add(CLEO, "agent");
    const inbox = await owner.createWebInbox("Lamps and more", [site.origin]);
    const { agents } = await owner.me();
    await owner.send("PUT", `/api/inboxes/${inbox.id}/access`, { agents: agents.map(({ id }) => id), teams: [] });
    const key = inbox.web?.widget_key ?? "";
    const crowd = await Crowd.gather(deployment.url, shape.hubs === 1 ? "alone" : "together");
    const agents3 = [OWNER, BEN, CLEO].map((who) => Agent.signIn(crowd, who));
    const [olive, ben, cleo] = (await Promise.all(agents3)) as [Agent, Agent, Agent];
    const visitors = ["Vera", "Walt"].map((name) => Visitor.at(crowd, name, site, key));
    const [vera, walt] = (await Promise.all(visitors)) as [Visitor, Visitor];
    return new Day(workspace, site, crowd, olive, ben, cleo, vera, walt);
  }

  get agents(): Agent[] {
    return [this.olive, this.ben, this.cleo];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.crowd.leave();
    await this.site.close();
    await this.workspace.deployment.stop();
  }
}

/** Each agent sees that the other two are here, in whatever order they came. */
async function arriving({ agents }: Day): Promise<void> {
  for (const agent of agents) {
    for (const other of agents) if (other !== agent) await agent.seesHere(other.who);
  }
}

/** Two people write; every agent has it in the list without doing anything. */
async function writing({ vera, walt, agents }: Day): Promise<void> {
  await Promise.all([vera.openChat(), walt.openChat()]);
  await vera.write("Do you ship lamps to Norway?");
  await walt.write("My lamp arrived broken");
  for (const agent of agents) {
    await agent.row("Do you ship lamps to Norway?").waitFor();
    await agent.row("My lamp arrived broken").waitFor();
  }
}

/** Both see the other typing, and then what was typed; Walt sees nothing of Vera's. */
async function answering({ vera, walt, olive, ben, cleo }: Day): Promise<void> {
  await olive.open("Do you ship lamps to Norway?");
  await ben.open("Do you ship lamps to Norway?");
  await vera.type("It is for my mother");
  await olive.reads(/is typing/);
  await vera.send();
  await olive.sees("It is for my mother");
  await olive.type("Yes, in eight days");
  await vera.chat.getByText(/is typing/).waitFor();
  await ben.reads(/Olive Owner is (answering|typing)/);
  await olive.send();
  await vera.sees("Yes, in eight days");
  await ben.sees("Yes, in eight days");
  // What comes on Walt's line after it shows that it did not come there.
  await cleo.open("My lamp arrived broken");
  await cleo.answer("We look into it");
  await walt.sees("We look into it");
  expect(await walt.message("Yes, in eight days").count()).toBe(0);
}

/** A note reaches the team and never the visitor. */
async function noting({ vera, olive, ben }: Day): Promise<void> {
  await ben.note("Norway needs the customs form");
  await olive.sees("Norway needs the customs form");
  await olive.answer("We send the papers along");
  await vera.sees("We send the papers along");
  expect(await vera.chat.getByText("customs form").count()).toBe(0);
}

async function assigning({ olive, ben, cleo }: Day): Promise<void> {
  await olive.assignTo("Ben Baker");
  await ben.reads(/Olive Owner (gave this to|added) Ben Baker/);
  await cleo.open("We look into it");
  await cleo.assignTo("Cleo Clark");
  await cleo.reads(/Cleo Clark (took this|added Cleo Clark)/);
}

/** Ben writes while Olive answers: he is asked before his goes out on top of hers. */
async function colliding({ vera, olive, ben }: Day): Promise<void> {
  await ben.type("A second opinion");
  ben.seat.line.cut();
  await olive.answer("And it costs nothing extra");
  await vera.sees("And it costs nothing extra");
  await ben.send();
  ben.seat.line.mend();
  await ben.reads(/answered while you were writing/);
  await ben.sees("And it costs nothing extra");
  await ben.page.getByRole("button", { name: "Send anyway" }).click();
  await vera.sees("A second opinion");
}

async function closing({ vera, olive, ben }: Day): Promise<void> {
  await ben.close();
  await olive.reads(/Ben Baker closed this/);
  await olive.reopen();
  // Closing goes on to the next conversation.
  await ben.open("A second opinion");
  await ben.reads(/Olive Owner opened this again/);
  await ben.close();
  await vera.write("One more thing: which bulb?");
  await olive.reads(/Opened again by a new message/);
  await olive.row("One more thing: which bulb?").waitFor();
}

/** A tunnel: nothing is told to either side. What was written meanwhile arrives once, in order, on both. */
async function offline({ vera, cleo, walt }: Day): Promise<void> {
  await cleo.open("We look into it");
  for (const { seat } of [walt, cleo]) {
    seat.line.cut();
    await seat.context.setOffline(true);
  }
  await cleo.reads(/You are not connected/, SILENCE_MS);
  await walt.chat.getByText(/You are not connected/).waitFor({ timeout: SILENCE_MS });
  await walt.write("Hello? Still broken");
  await walt.write("And it was a gift");
  await cleo.answer("A new one is on its way");
  await cleo.answer("With a voucher");
  await vera.write("Never mind, found it");
  await sleep(AWAY_MS);
  for (const { seat } of [walt, cleo]) {
    seat.line.mend();
    await seat.context.setOffline(false);
  }
  await cleo.sees("And it was a gift");
  await walt.sees("With a voucher");
  await cleo.row("Never mind, found it").waitFor();
  // One more each way: a second copy of what was kept would stand before it.
  await walt.write("Thank you both");
  await cleo.sees("Thank you both");
  await cleo.answer("Gladly");
  await walt.sees("Gladly");
  const theirs = ["Hello? Still broken", "And it was a gift", "Thank you both"];
  const ours = ["A new one is on its way", "With a voucher", "Gladly"];
  for (const person of [walt, cleo]) {
    const said = await person.log.allInnerTexts();
    expect(said.filter((text) => theirs.includes(text))).toEqual(theirs);
    expect(said.filter((text) => ours.includes(text))).toEqual(ours);
  }
}

/** Power cut: a lone hub comes back on its data; of two, the other goes on. */
async function losingAHub({ workspace: { deployment }, vera, walt, olive, cleo }: Day): Promise<void> {
  await olive.open("Never mind, found it");
  await deployment.killHub(0);
  await vera.write("Written while it was dark");
  if (deployment.shape.hubs === 1) await deployment.startHub(0);
  await olive.sees("Written while it was dark");
  await olive.answer("We are still here");
  await vera.sees("We are still here");
  await cleo.answer("And so am I");
  await walt.sees("And so am I");
}
