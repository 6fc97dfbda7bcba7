/** Templates of the hub in memory: all of them are the reader's to see. */
import type { Attachment, SaveTemplate, Template } from "@switchboard/protocol";
import type { Answer, FakeHub } from "./fake-hub";

export class FakeTemplates {
  all: Template[] = [];
  private readonly removed = new Map<string, Template>();
  private made = 0;

  constructor(private readonly hub: FakeHub) {}

  /** One that is there, and everybody's. */
  has(name: string, text: string, more: Partial<Template> = {}): void {
    this.made += 1;
    const base: Omit<Template, "id" | "name" | "text"> = {
      for: { scope: "all" },
      attachments: [],
      changed_at: 0,
      mine_to_change: true,
    };
    this.all.push({ id: `template-${this.made}`, name, text, ...base, ...more });
  }

  answer(method: string, id: string, part: string | undefined, body: unknown): Answer {
    const known = this.all.find((one) => one.id === id);
    if (method === "GET") return { status: 200, body: { templates: this.inOrder() } };
    if (part === "restore") {
      const back = this.removed.get(id);
      if (!back) return missing();
      this.all.push(back);
      return this.changed({ status: 200, body: back });
    }
    if (method === "POST" && id === "") {
      const { attachments = [], ...saved } = body as SaveTemplate;
      this.has(saved.name, saved.text, { ...saved, attachments: attachments.map(file) });
      return this.changed({ status: 201, body: this.all.at(-1) });
    }
    if (!known) return missing();
    if (part === "files")
      return {
        status: 201,
        body: { attachments: known.attachments.map((one) => ({ ...one, id: `copy-of-${one.id}` })) },
      };
    this.all = this.all.filter((one) => one !== known);
    if (method === "DELETE") {
      this.removed.set(id, known);
      return this.changed({ status: 204 });
    }
    const { attachments = [], ...saved } = body as SaveTemplate;
    const { html: _, ...rest } = known;
    const kept = attachments.map((one) => known.attachments.find((each) => each.id === one) ?? file(one));
    this.all.push({ ...rest, ...saved, attachments: kept });
    return this.changed({ status: 200, body: this.all.at(-1) });
  }

  private inOrder(): Template[] {
    return [...this.all].sort((one, other) => one.name.localeCompare(other.name));
  }

  private changed(answer: Answer): Answer {
    this.hub.push({ event: "templates_changed" });
    return answer;
  }
}

function file(id: string): Attachment {
  return { id, name: "prices.txt", media_type: "text/plain", bytes: 12, picture: false };
}

function missing(): Answer {
  return { status: 404, body: { error: { code: "not_found", message: "" } } };
}
