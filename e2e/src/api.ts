/** The HTTP API as a program uses it: what the stories need to furnish a workspace, and to look behind the pages. */
import type { ApiError, CreatedToken, Inbox, Invitation, Me, Role, Scope } from "@switchboard/protocol";

export class Api {
  #authorization: Record<string, string>;

  constructor(
    readonly url: string,
    authorization: Record<string, string> = {},
  ) {
    this.#authorization = authorization;
  }

  /** Makes the first person through the one-time link. */
  static async setUp(url: string, link: string, owner: Person): Promise<Api> {
    const token = /[=#/]([^=#/]+)$/.exec(link)?.[1] ?? "";
    return Api.#signIn(url, "/api/setup", { token, ...owner });
  }

  static signIn(url: string, { email, password }: Person): Promise<Api> {
    return Api.#signIn(url, "/api/session", { email, password });
  }

  static async #signIn(url: string, path: string, body: object): Promise<Api> {
    const response = await new Api(url).send("POST", path, body);
    const cookie = response.headers.get("set-cookie")?.split(";")[0];
    if (!cookie) throw new Error(`${path} set no cookie`);
    return new Api(url, { cookie, origin: url });
  }

  /** An answer of any status. */
  raw(method: string, path: string, body?: object | string): Promise<Response> {
    const json = typeof body === "string" ? body : JSON.stringify(body);
    return fetch(this.url + path, {
      method,
      headers: { ...this.#authorization, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: json }),
    });
  }

  async send(method: string, path: string, body?: object): Promise<Response> {
    const response = await this.raw(method, path, body);
    if (response.ok) return response;
    const said = await response.text();
    throw new Error(`${method} ${path}: ${response.status} ${said}`);
  }

  async get<T>(path: string): Promise<T> {
    return (await this.send("GET", path)).json() as Promise<T>;
  }

  async post<T>(path: string, body: object): Promise<T> {
    return (await this.send("POST", path, body)).json() as Promise<T>;
  }

  me(): Promise<Me> {
    return this.get("/api/session");
  }

  /** Invites a person and accepts for them. */
  async add(person: Person, role: Role): Promise<Me> {
    const { name, email, password } = person;
    const invitation = await this.post<Invitation>("/api/agents", { name, email, role });
    const token = /[=#/]([^=#/]+)$/.exec(invitation.link)?.[1] ?? "";
    return new Api(this.url).post("/api/invitations/accept", { token, password });
  }

  /** A website's inbox; its `web.widget_key` goes into the site's page. */
  createWebInbox(name: string, origins: string[]): Promise<Inbox> {
    return this.post("/api/inboxes", { name, channel: "web", web: { origins } });
  }

  /** A program's access to the API, with a secret of its own. */
  async program(name: string, scopes: Scope[]): Promise<Api & { secret: string }> {
    const { secret } = await this.post<CreatedToken>("/api/tokens", { name, scopes });
    return Object.assign(new Api(this.url, { authorization: `Bearer ${secret}` }), { secret });
  }
}

export interface Person {
  name: string;
  email: string;
  password: string;
}

export type ErrorBody = { error: ApiError };
