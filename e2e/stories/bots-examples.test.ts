/**
 * The examples that python-telegram-bot and teloxide publish, as their authors wrote them, answer visitors on a web page; agents see
 * it at the dashboard, and hold the reins there. Everything is done by what is written on the two pages.
 */
import type { ConversationPage } from "@switchboard/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { Agent } from "../src/agent.js";
import { createBot, type Example, run, runExample } from "../src/bots.js";
import { Crowd } from "../src/crowd.js";
import { ALONE, TOGETHER } from "../src/deployment.js";
import type { Process } from "../src/process.js";
import { Site } from "../src/site.js";
import { Visitor } from "../src/visitor.js";
import { OWNER, open, UNLIMITED, type Workspace } from "../src/workspace.js";

/** How long anything may take to happen. */
const PATIENCE_MS = 30_000;

const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const PHOTO = { name: "me.png", mimeType: "image/png", buffer: Buffer.from(PIXEL, "base64") };

/** A bot that is asked in an inbox of its own. */
interface Asked {
  name: string;
  inbox: string;
  widgetKey: string;
  program: Process;
}

for (const shape of [ALONE, TOGETHER]) {
  describe(shape.name, () => {
    let workspace: Workspace;
    let site: Site;
    let crowd: Crowd;
    let olive: Agent;
    const running: Process[] = [];

    beforeAll(async () => {
      workspace = await open(shape, UNLIMITED);
      site = await Site.start();
      crowd = await Crowd.gather(workspace.deployment.url, `examples-${shape.hubs}`);
      olive = await Agent.signIn(crowd, OWNER);
    });
    afterAll(async () => {
      // Those that wait for updates get them from hubs that are still there.
      await Promise.all(running.map((program) => program.stop("SIGINT")));
      await crowd?.leave();
      await site?.close();
      await workspace?.deployment.stop();
    });

    async function begin(what: Example | string): Promise<Asked> {
      const { owner, deployment } = workspace;
      const name = typeof what === "string" ? what.replace(/\..*/, "") : what.name;
      const inbox = await owner.createWebInbox(name, [site.origin]);
      const { token } = await createBot(owner, name, [inbox.id]);
      const start = typeof what === "string" ? run : runExample;
      const program = await start(what as string & Example, deployment.url, token);
      running.push(program);
      return { name, inbox: inbox.id, widgetKey: inbox.web?.widget_key ?? "", program };
    }

    async function arrives(name: string, { widgetKey }: Asked): Promise<Visitor> {
      const visitor = await Visitor.at(crowd, name, site, widgetKey);
      await visitor.openChat();
      return visitor;
    }

    /** The agent opens the conversation that was the last to begin there. */
    async function agentLooks({ inbox }: Asked): Promise<void> {
      const { rows } = await workspace.owner.get<ConversationPage>("/api/conversations");
      const [newest] = rows.filter(({ inbox_id }) => inbox_id === inbox).sort((a, b) => b.number - a.number);
      await olive.goTo(newest?.id ?? "");
    }

    /** What stands on both screens, in the end. */
    async function reads(visitor: Visitor, words: string[]): Promise<void> {
      await expect.poll(() => visitor.log.allTextContents(), { timeout: PATIENCE_MS }).toEqual(words);
      await expect.poll(() => olive.log.allTextContents(), { timeout: PATIENCE_MS }).toEqual(words);
    }

    /** What the agent sees of the buttons under a message: row by row, lists in a list. */
    const buttons = () => {
      const rows = olive.page.getByRole("list", { name: "Buttons that the customer has" });
      return rows.getByRole("list").getByRole("listitem");
    };

    test("python-telegram-bot's inlinekeyboard: a press changes its message", async () => {
      const asked = await begin({ library: "python-telegram-bot", name: "inlinekeyboard" });
      const vera = await arrives("Vera", asked);
      await vera.write("/start");
      await vera.button("Option 3").waitFor();
      await agentLooks(asked);
      await reads(vera, ["/start", "Please choose:"]);
      expect(await buttons().allTextContents()).toEqual(["Option 1", "Option 2", "Option 3"]);
      await crowd.picture("buttons");
      await vera.button("Option 2").click();
      await reads(vera, ["/start", "Selected option: 2"]);
      await olive.reads("pressed “Option 2”");
      expect([await vera.button("Option 1").count(), await buttons().count()]).toEqual([0, 0]);
      await vera.write("/help");
      await reads(vera, ["/start", "Selected option: 2", "/help", "Use /start to test this bot."]);
    });

    test("python-telegram-bot's conversationbot: by choices, with a photo, to its end", async () => {
      const asked = await begin({ library: "python-telegram-bot", name: "conversationbot" });
      const vera = await arrives("Vera", asked);
      await vera.write("/start");
      await vera.button("Girl").waitFor();
      expect(await vera.field.getAttribute("placeholder")).toBe("Boy or Girl?");
      await agentLooks(asked);
      await crowd.picture("choices");
      await vera.button("Other").click();
      await vera.sees("Other");
      await vera
        .message("I see!")
        .or(vera.chat.getByText(/^I see! Please send me a photo/))
        .waitFor();
      expect(await vera.button("Girl").count()).toBe(0);
      expect(await vera.field.getAttribute("placeholder")).not.toBe("Boy or Girl?");
      await vera.sendFile(PHOTO);
      await vera.chat.getByText(/^Gorgeous!/).waitFor();
      await vera.write("/skip");
      await vera.chat.getByText(/^You seem a bit paranoid!/).waitFor();
      await vera.write("I mend lamps");
      await vera.sees("Thank you! I hope we can talk again some day.");
      await olive.sees("Thank you! I hope we can talk again some day.");
      await crowd.picture("to its end");
      expect(asked.program.output).toMatch(/Gender of .*: Other\n(.*\n)*.*Bio of .*: I mend lamps\n/);
    });

    test("python-telegram-bot's timerbot: by itself after its time; an agent stops it, asks it once and lets it go on", async () => {
      const asked = await begin({ library: "python-telegram-bot", name: "timerbot" });
      const vera = await arrives("Vera", asked);
      await vera.write("/set 1");
      const words = ["/set 1", "Timer successfully set!", "Beep! 1.0 seconds are over!"];
      await vera.sees("Beep! 1.0 seconds are over!");
      await agentLooks(asked);
      await reads(vera, words);

      await vera.write("/set 10");
      words.push("/set 10", "Timer successfully set!");
      await reads(vera, words);
      await olive.blockBot("timerbot");
      await olive.bot("timerbot").getByText("By Olive Owner").waitFor();
      await olive.bot("timerbot").getByText("Blocked", { exact: true }).waitFor();
      const refused = "Forbidden: bot was blocked by the user";
      await expect.poll(() => asked.program.output, { timeout: PATIENCE_MS }).toContain(refused);
      await crowd.picture("blocked");
      await vera.write("/unset");
      words.push("/unset");
      await reads(vera, words);

      await olive.askBot("timerbot");
      words.push("You have no active timer.");
      await reads(vera, words);
      await olive.bot("timerbot").getByText("Blocked", { exact: true }).waitFor();
      await vera.write("/start");
      words.push("/start");
      await reads(vera, words);
      await olive.unblockBot("timerbot");
      await olive.bot("timerbot").getByText("Answers", { exact: true }).waitFor();
      await vera.write("/help");
      words.push("/help", "Hi! Use /set <seconds> to set a timer");
      await reads(vera, words);
    });

    test("python-telegram-bot's echobot, until the visitor wants a person", async () => {
      const asked = await begin({ library: "python-telegram-bot", name: "echobot" });
      const vera = await arrives("Vera", asked);
      await vera.write("/start");
      await vera.chat.getByText(/^Hi .*!$/).waitFor();
      await vera.write("Is it there?");
      await expect.poll(() => vera.log.count(), { timeout: PATIENCE_MS }).toBe(4);
      await agentLooks(asked);
      await vera.button("Talk to a person").click();
      await vera.chat.getByText("A colleague will answer you here.").waitFor();
      await olive.reads(/asked for a person/);
      await olive
        .bot("echobot")
        .getByText(/Blocked/)
        .waitFor();
      await crowd.picture("a person is wanted");
      await vera.write("Still a bot?");
      await olive.sees("Still a bot?");
      // It answers one after another: when another visitor has their answer, it was not told of those words.
      const walt = await arrives("Walt", asked);
      await walt.write("And here?");
      await expect.poll(() => walt.log.allTextContents(), { timeout: PATIENCE_MS }).toEqual(["And here?", "And here?"]);
      await olive.answer("No, I am Olive");
      await vera.sees("No, I am Olive");
      const said = await vera.log.allTextContents();
      expect(said.slice(2)).toEqual(["Is it there?", "Is it there?", "Still a bot?", "No, I am Olive"]);
    });

    test("words for the field by force reply", async () => {
      const asked = await begin("echo.py");
      const vera = await arrives("Vera", asked);
      await vera.write("/start");
      await vera.chat.getByText(/^Hello, .*!$/).waitFor();
      await expect.poll(() => vera.field.getAttribute("placeholder")).toBe("Write anything");
    });

    test("teloxide's buttons: a press changes its message", async () => {
      const asked = await begin({ library: "teloxide", name: "buttons" });
      const vera = await arrives("Vera", asked);
      await vera.write("Hello");
      await vera.sees("Command not found!");
      await vera.write("/start");
      await vera.button("Bullseye").waitFor();
      await agentLooks(asked);
      expect(await buttons().count()).toBe(16);
      await vera.button("Potato").click();
      await reads(vera, ["Hello", "Command not found!", "/start", "You chose: Potato"]);
      await olive.reads("pressed “Potato”");
    });

    test("teloxide's dialogue: three questions", async () => {
      const asked = await begin({ library: "teloxide", name: "dialogue" });
      const vera = await arrives("Vera", asked);
      const words: string[] = [];
      for (const [says, answer] of [
        ["Hey", "Let's start! What's your full name?"],
        ["Gandalf the Grey", "How old are you?"],
        ["Old", "Send me a number."],
        ["223", "What's your location?"],
        ["Middle-earth", "Full name: Gandalf the Grey\nAge: 223\nLocation: Middle-earth"],
      ] as const) {
        await vera.write(says);
        words.push(says, answer);
        await expect.poll(() => vera.log.allTextContents(), { timeout: PATIENCE_MS }).toEqual(words);
      }
      await agentLooks(asked);
      await reads(vera, words);
    });

    test("teloxide's command: words after a command are its arguments", async () => {
      const asked = await begin({ library: "teloxide", name: "command" });
      const vera = await arrives("Vera", asked);
      await vera.write("/usernameandage vera 23");
      await vera.sees("Your username is @vera and age is 23.");
    });
  });
}
