/** A visitor of somebody's website, who does what a visitor does: by what is written on the page. */
import type { FrameLocator, Locator } from "playwright-core";

import type { Crowd, Seat } from "./crowd.js";
import type { Site } from "./site.js";

export class Visitor {
  private constructor(
    readonly name: string,
    readonly seat: Seat,
    private readonly site: Site,
    private readonly widgetKey: string,
  ) {}

  static async at(crowd: Crowd, name: string, site: Site, widgetKey: string): Promise<Visitor> {
    const visitor = new Visitor(name, await crowd.seat(name), site, widgetKey);
    await visitor.goTo("/");
    return visitor;
  }

  /** Opens a page of the site. */
  async goTo(path: string): Promise<void> {
    await this.seat.page.goto(this.site.page(path, this.seat.line.url, this.widgetKey));
  }

  get chat(): FrameLocator {
    return this.seat.page.frameLocator("iframe");
  }

  get field(): Locator {
    return this.chat.getByRole("textbox");
  }

  async openChat(): Promise<void> {
    await this.seat.page.getByRole("button", { name: "Open chat" }).click();
    await this.field.waitFor();
  }

  /** Presses the keys of a text, and does not send it. */
  async type(text: string): Promise<void> {
    await this.field.pressSequentially(text, { delay: 20 });
  }

  async send(): Promise<void> {
    await this.field.press("Enter");
  }

  async write(text: string): Promise<void> {
    await this.field.fill(text);
    await this.send();
  }

  /** A button of the chat: a bot's, or the panel's own. */
  button(name: string): Locator {
    return this.chat.getByRole("button", { name, exact: true });
  }

  /** Sends a file that they have. */
  async sendFile(file: { name: string; mimeType: string; buffer: Buffer }): Promise<void> {
    await this.chat.locator("input[type=file]").setInputFiles(file);
    await this.send();
  }

  /** The words of each message, in the order in which they stand. */
  get log(): Locator {
    return this.chat.getByRole("log").locator(".bubble");
  }

  message(text: string): Locator {
    return this.chat.getByRole("log").getByText(text, { exact: true });
  }

  async sees(text: string): Promise<void> {
    await this.message(text).waitFor();
  }

  async seesTyping(who: string): Promise<void> {
    await this.chat.getByText(`${who} is typing`).waitFor();
  }
}
