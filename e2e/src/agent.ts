/** A person of the team at the dashboard, who does what an agent does: by what is written on the page. */
import type { Locator, Page } from "playwright-core";

import type { Person } from "./api.js";
import { type Crowd, PATIENCE_MS, type Seat } from "./crowd.js";

export class Agent {
  private constructor(
    readonly who: Person,
    readonly seat: Seat,
  ) {}

  /** Opens the dashboard and signs in with the password. */
  static async signIn(crowd: Crowd, who: Person): Promise<Agent> {
    const agent = new Agent(who, await crowd.seat(who.name));
    await agent.page.goto(agent.seat.line.url);
    await agent.page.getByLabel("E-mail").fill(who.email);
    await agent.page.getByLabel("Password", { exact: true }).fill(who.password);
    await agent.page.getByRole("button", { name: "Sign in" }).click();
    await agent.list.waitFor();
    return agent;
  }

  get page(): Page {
    return this.seat.page;
  }

  get list(): Locator {
    return this.page.getByRole("navigation", { name: "Folders" });
  }

  /** The row of the list that shows these words. */
  row(words: string): Locator {
    return this.page.getByRole("link").filter({ hasText: words });
  }

  async open(words: string): Promise<void> {
    await this.row(words).first().click();
    await this.thread.waitFor();
  }

  /** Follows a link to a conversation. */
  async goTo(conversation: string): Promise<void> {
    await this.page.goto(`${this.seat.line.url}/inbox/${conversation}`);
    await this.thread.waitFor();
  }

  get thread(): Locator {
    return this.page.getByRole("log");
  }

  /** The words of each message, in the order in which they stand. */
  get log(): Locator {
    return this.thread.locator(".sb-said");
  }

  message(text: string): Locator {
    return this.thread.getByText(text, { exact: true });
  }

  async sees(text: string): Promise<void> {
    await this.message(text).waitFor();
  }

  /** Words anywhere on the page: who types, who reads, what happened. */
  async reads(words: string | RegExp, within = PATIENCE_MS): Promise<void> {
    await this.page.getByText(words).first().waitFor({ timeout: within });
  }

  /** A colleague is shown as here. */
  async seesHere({ name }: Person): Promise<void> {
    await this.page
      .getByRole("listitem")
      .filter({ hasText: name })
      .getByText("Here", { exact: true })
      .waitFor({ state: "attached" });
  }

  get field(): Locator {
    return this.page.getByRole("textbox", { name: /^(Answer |Write a note)/ });
  }

  /** Presses the keys of an answer, and does not send it. */
  async type(text: string): Promise<void> {
    await this.#mode("Answer");
    await this.field.pressSequentially(text, { delay: 20 });
  }

  async send(): Promise<void> {
    await this.field.press("Control+Enter");
  }

  async answer(text: string): Promise<void> {
    await this.#mode("Answer");
    await this.field.fill(text);
    await this.send();
  }

  async note(text: string): Promise<void> {
    await this.#mode("Note");
    await this.field.fill(text);
    await this.send();
  }

  async #mode(name: "Answer" | "Note"): Promise<void> {
    const modes = this.page.getByRole("group", { name: "Answer or note" });
    await modes.getByRole("button", { name, exact: true }).click();
  }

  /** Takes the first assignee from the list, which closes upon it. */
  async assignTo(name: string): Promise<void> {
    await this.#button("Assign").click();
    await this.page.getByRole("combobox", { name: "Assign to" }).fill(name);
    await this.page.getByRole("option", { name }).first().click();
  }

  async close(): Promise<void> {
    await this.#button("Close").click();
  }

  async reopen(): Promise<void> {
    await this.#button("Open again").click();
  }

  /** A bot of the open conversation, in the column beside it. */
  bot(name: string): Locator {
    return this.page
      .getByRole("listitem")
      .filter({ hasText: name, has: this.page.getByRole("button", { name: `Log of ${name}` }) });
  }

  async blockBot(name: string): Promise<void> {
    await this.bot(name)
      .getByRole("button", { name: `Block ${name}` })
      .click();
    await this.page.getByRole("menuitem", { name: "Until I undo it" }).click();
  }

  async unblockBot(name: string): Promise<void> {
    await this.bot(name)
      .getByRole("button", { name: `Unblock ${name}` })
      .click();
  }

  async askBot(name: string): Promise<void> {
    await this.bot(name)
      .getByRole("button", { name: `Ask ${name} to answer now` })
      .click();
  }

  /** A button of the open conversation. */
  #button(name: string): Locator {
    return this.page.getByRole("main").getByRole("button", { name, exact: true });
  }
}
