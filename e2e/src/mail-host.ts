/** A mail provider of the story's own: Postfix and Dovecot, as the Rust tests start them. */
import { Process } from "./process.js";

const PASSWORD = "secret";

interface Ports {
  imap: number;
  smtp: number;
  submission: number;
}

/** Whoever is named has a mailbox at it: anything@shop.test and anything@example.test, `anything+more@` is `anything@`. */
export class MailHost {
  private constructor(
    private readonly process: Process,
    readonly ports: Ports,
  ) {}

  /** Whether there can be one here: Postfix runs only as root. Where everything is to be proven there has to be. */
  static get canRun(): boolean {
    if (!process.env.MAIL_HOST && process.env.CI)
      throw new Error("MAIL_HOST is not set: run this by ./dev test, as root");
    return Boolean(process.env.MAIL_HOST);
  }

  static async start(): Promise<MailHost> {
    const command = process.env.MAIL_HOST ?? "";
    const ready = (output: string) => output.includes("}\n");
    const started = await Process.start({ name: "mail host", command, args: [], ready });
    const line = started.output.split("\n").find((line) => line.startsWith("{")) ?? "";
    return new MailHost(started, JSON.parse(line) as Ports);
  }

  /** How the owner of a mailbox signs in. */
  account(address: string) {
    const [user = ""] = address.split("@");
    return { user, pass: PASSWORD };
  }

  /** What an admin fills in for a mailbox here. */
  channel(address: string) {
    const { user, pass } = this.account(address);
    const server = (port: number) => ({ host: "127.0.0.1", port, security: "none", username: user });
    const { imap, submission } = this.ports;
    return {
      settings: { kind: "email", address, plus_addresses: true, imap: server(imap), smtp: server(submission) },
      secrets: { imap_password: pass, smtp_password: pass },
    };
  }

  async stop(): Promise<void> {
    await this.process.stop();
  }
}
