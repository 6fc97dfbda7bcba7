/** Views of the hub in memory: whoever reads is an owner, and all of them are theirs. */
import type { OrderViews, SaveView, View } from "@switchboard/protocol";
import type { Answer, FakeHub } from "./fake-hub";

export class FakeViews {
  all: View[] = [];
  private made = 0;

  constructor(private readonly hub: FakeHub) {}

  has(name: string, query: View["query"], shared = false): void {
    this.made += 1;
    this.all.push({ id: `view-${this.made}`, name, query, shared, mine_to_change: true });
  }

  answer(method: string, id: string, body: unknown): Answer {
    if (method === "GET") return this.list();
    if (method === "POST") {
      const { name, query, shared } = body as SaveView;
      this.has(name, query, shared);
      return this.changed({ status: 201, body: this.all.at(-1) });
    }
    if (id === "") {
      const { ids } = body as OrderViews;
      const rank = (one: View): number => ids.indexOf(one.id);
      this.all.sort((a, b) => rank(a) - rank(b));
      return this.changed(this.list());
    }
    const known = this.all.find((one) => one.id === id);
    if (!known) return { status: 404, body: { error: { code: "not_found", message: "" } } };
    if (method === "DELETE") {
      this.all = this.all.filter((one) => one !== known);
      return this.changed({ status: 204 });
    }
    Object.assign(known, body);
    return this.changed({ status: 200, body: known });
  }

  private list(): Answer {
    const shared = this.all.filter((one) => one.shared);
    return { status: 200, body: { views: [...shared, ...this.all.filter((one) => !one.shared)] } };
  }

  private changed(answer: Answer): Answer {
    this.hub.push({ event: "views_changed" });
    return answer;
  }
}
