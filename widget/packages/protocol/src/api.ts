/**
 * Typed calls of the HTTP API. The table of routes is types only and costs no bytes; a call is one `fetch`.
 *
 *     const call = api();
 *     const detail = await call("GET /api/conversations/{id}", { id });
 *
 * There are no retries and no caching here; a call that gets no answer ends as `unavailable`.
 */

import type * as Wire from "./generated.js";

/** The hub gives itself 20 s for a request; one without an end by then has lost its connection. */
const REQUEST_MS = 25_000;

/** An `ApiError` as something that can be thrown. Also made here, as `unavailable`, when the hub cannot be reached. */
export class Refusal extends Error implements Wire.ApiError {
  declare readonly code: Wire.ErrorCode;
  declare readonly fields?: Wire.FieldError[];
  declare readonly unseen?: number[];
  declare readonly retry_after_ms?: number;
  declare readonly request_id?: string;

  constructor(error: Wire.ApiError) {
    super(error.message);
    Object.assign(this, error);
  }
}

export function unreachable(): Refusal {
  return new Refusal({ code: "unavailable", message: "The connection is gone. Try again when you are online." });
}

interface Page {
  cursor?: string;
  limit?: number;
}

export interface ConversationQuery extends Page {
  folder?: Wire.Folder;
  inbox?: Wire.InboxId;
  /** An agent's id, `me` or `nobody`. */
  assignee?: string;
  team?: Wire.TeamId;
  contact?: Wire.ContactId;
  status?: Wire.Status;
  channel?: Wire.Channel;
  priority?: Wire.Priority;
  tag?: string;
  last_by?: Wire.SpokeLast;
  flagged?: boolean;
  language?: string;
  has_files?: boolean;
  created_from?: number;
  created_before?: number;
  active_from?: number;
  active_before?: number;
  q?: string;
  sort?: Wire.Sort;
}

/** Each door: what goes in and what comes out. */
export interface Routes {
  "POST /api/setup": { body: Wire.SetUp; reply: Wire.Me };
  "POST /api/session": { body: Wire.SignIn; reply: Wire.Me };
  "GET /api/session": { reply: Wire.Me };
  "DELETE /api/session": { reply: void };
  "GET /api/sessions": { reply: Wire.Sessions };
  "DELETE /api/sessions/{id}": { reply: void };
  "GET /api/tokens": { reply: Wire.Tokens };
  "POST /api/tokens": { body: Wire.CreateToken; reply: Wire.CreatedToken };
  "DELETE /api/tokens/{id}": { reply: void };
  "POST /api/password": { body: Wire.ChangePassword; reply: void };
  "POST /api/password/new": { body: Wire.SetPassword; reply: Wire.Me };
  "POST /api/links/show": { body: Wire.ShowLink; reply: Wire.LinkShown };
  "GET /api/agents": { reply: Wire.Agents };
  "POST /api/agents": { body: Wire.InviteAgent; reply: Wire.Invitation };
  "PATCH /api/agents/{id}": { body: Wire.ChangeAgent; reply: Wire.Agent };
  "DELETE /api/agents/{id}/invitation": { reply: void };
  "POST /api/agents/{id}/password-link": { reply: Wire.PasswordLink };
  "POST /api/invitations/accept": { body: Wire.AcceptInvitation; reply: Wire.Me };
  "GET /api/teams": { reply: Wire.Teams };
  "POST /api/teams": { body: Wire.SaveTeam; reply: Wire.Team };
  "PUT /api/teams/{id}": { body: Wire.SaveTeam; reply: Wire.Team };
  "DELETE /api/teams/{id}": { reply: void };
  "GET /api/views": { reply: Wire.Views };
  "POST /api/views": { body: Wire.SaveView; reply: Wire.View };
  "PUT /api/views": { body: Wire.OrderViews; reply: Wire.Views };
  "PUT /api/views/{id}": { body: Wire.SaveView; reply: Wire.View };
  "DELETE /api/views/{id}": { reply: void };
  "GET /api/retention": { reply: Wire.Retention };
  "PUT /api/retention": { body: Wire.Retention; reply: Wire.Retention };
  "GET /api/tags": { query: { counts?: boolean }; reply: Wire.TagList };
  "PUT /api/tags": { body: Wire.SaveTag; reply: Wire.TagRow };
  "POST /api/tags/renamed": { body: Wire.RenameTag; reply: Wire.TagChanged };
  "POST /api/tags/removed": { body: Wire.RemoveTag; reply: Wire.TagChanged };
  "GET /api/templates": { reply: Wire.Templates };
  "POST /api/templates": { body: Wire.SaveTemplate; reply: Wire.Template };
  "PUT /api/templates/{id}": { body: Wire.SaveTemplate; reply: Wire.Template };
  "DELETE /api/templates/{id}": { reply: void };
  "POST /api/templates/{id}/restore": { reply: Wire.Template };
  "POST /api/templates/{id}/files": { reply: Wire.TemplateFiles };
  "GET /api/inboxes": { reply: Wire.Inboxes };
  "POST /api/inboxes": { body: Wire.CreateInbox; reply: Wire.Inbox };
  "PATCH /api/inboxes/{id}": { body: Wire.ChangeInbox; reply: Wire.Inbox };
  "DELETE /api/inboxes/{id}": { reply: void };
  "GET /api/inboxes/{id}/agents": { reply: Wire.InboxAgents };
  "GET /api/inboxes/{id}/access": { reply: Wire.Access };
  "PUT /api/inboxes/{id}/access": { body: Wire.Access; reply: Wire.Access };
  "GET /api/inboxes/{id}/channel": { reply: Wire.ChannelSetup };
  "PUT /api/inboxes/{id}/channel": { body: Wire.SaveChannel; reply: Wire.ChannelSetup };
  "GET /api/inboxes/{id}/form": { reply: Wire.ContactFormSetup };
  "PUT /api/inboxes/{id}/form": { body: Wire.ContactForm; reply: Wire.ContactFormSetup };
  "POST /api/inboxes/{id}/channel/try": { body: Wire.SaveChannel; reply: Wire.ChannelTried };
  "GET /api/inboxes/{id}/channel/held": { reply: Wire.HeldMessages };
  "GET /api/inboxes/{id}/health": { reply: Wire.InboxHealth };
  "GET /api/inboxes/{id}/identity": { reply: Wire.InboxIdentity };
  "POST /api/inboxes/{id}/identity": { body: Wire.RenewIdentitySecret; reply: Wire.NewIdentitySecret };
  "DELETE /api/inboxes/{id}/identity": { reply: void };
  "GET /api/inboxes/{id}/hours": { reply: Wire.InboxHours };
  "PUT /api/inboxes/{id}/hours": { body: Wire.InboxHours; reply: Wire.InboxHours };
  "GET /api/notifications": { reply: Wire.Notifications };
  "POST /api/notifications/read": { body: Wire.ReadNotifications; reply: void };
  "PUT /api/notifications/choices": { body: Wire.NotificationChoices; reply: Wire.NotificationChoices };
  "GET /api/inboxes/{id}/bot-rules": { reply: Wire.BotRules };
  "PUT /api/inboxes/{id}/bot-rules": { body: Wire.BotRules; reply: Wire.BotRules };
  "PUT /api/inboxes/{id}/bots": { body: Wire.BotOrder; reply: Wire.BotOrder };
  "GET /api/bots": { reply: Wire.Bots };
  "POST /api/bots": { body: Wire.CreateBot; reply: Wire.BotWithToken };
  "PATCH /api/bots/{id}": { body: Wire.ChangeBot; reply: Wire.Bot };
  "DELETE /api/bots/{id}": { reply: void };
  "POST /api/bots/{id}/token": { reply: Wire.BotWithToken };
  "DELETE /api/bots/{id}/token": { reply: void };
  "POST /api/bots/{id}/console": { reply: Wire.BotConsole };
  "GET /api/bots/{id}/console": { query: { identity_id: Wire.IdentityId }; reply: Wire.BotConsoleNow };
  "GET /api/bots/{id}/log": { query: { conversation_id?: Wire.ConversationId }; reply: Wire.BotLog };
  "GET /api/conversations": { query: ConversationQuery; reply: Wire.ConversationPage };
  "POST /api/conversations": { body: Wire.StartConversations; reply: Wire.StartedConversations };
  "GET /api/conversations/{id}": { reply: Wire.ConversationDetail };
  "POST /api/conversations/removed": { body: Wire.RemoveConversations; reply: Wire.RemovedConversations };
  "POST /api/folders/{id}/emptied": { reply: Wire.RemovedConversations };
  "DELETE /api/conversations/{id}": { reply: void };
  "POST /api/conversations/changes": { body: Wire.ChangeConversations; reply: Wire.ChangedConversations };
  "POST /api/conversations/read": {
    query: Omit<ConversationQuery, "cursor" | "limit">;
    reply: Wire.ChangedConversations;
  };
  "POST /api/conversations/changes/undone": { body: Wire.UndoConversations; reply: Wire.ChangedConversations };
  "PATCH /api/conversations/{id}": { body: Wire.ConversationChange; reply: Wire.Conversation };
  "GET /api/conversations/{id}/messages": { query: { before?: number; limit?: number }; reply: Wire.MessagePage };
  "POST /api/conversations/{id}/messages": { body: Wire.WriteMessage; reply: Wire.Message };
  "POST /api/conversations/{id}/read": { body: Wire.MarkRead; reply: void };
  "GET /api/conversations/{id}/bots": { reply: Wire.ConversationBots };
  "POST /api/conversations/{id}/split": { body: Wire.SplitConversation; reply: Wire.Conversation };
  "PUT /api/conversations/{id}/merged/{other}": { reply: Wire.Conversation };
  "DELETE /api/conversations/{id}/merged/{other}": { reply: Wire.Conversation };
  "GET /api/messages/{id}/body": { reply: Wire.MessageBody };
  "POST /api/messages/{id}/send-again": { reply: void };
  "GET /api/counts": { reply: Wire.Counts };
  "GET /api/search": { query: { q: string } & Page; reply: Wire.SearchPage };
  "GET /api/contacts": { query: { q?: string } & Page; reply: Wire.ContactPage };
  "POST /api/contacts": { body: Wire.MakeContact; reply: Wire.Contact };
  "GET /api/contacts/{id}/cards": { reply: Wire.OutsideCards };
  "POST /api/contacts/{id}/erased": { reply: void };
  "GET /api/contacts/{id}": { reply: Wire.Contact };
  "PATCH /api/contacts/{id}": { body: Wire.ChangeContact; reply: Wire.Contact };
  "GET /api/contacts/{id}/suggestions": { reply: Wire.ContactSuggestions };
  "PUT /api/contacts/{id}/merged/{other}": { reply: Wire.Contact };
  "DELETE /api/contacts/{id}/merged/{other}": { reply: Wire.Contact };
  "PUT /api/contacts/{id}/different/{other}": { reply: void };
  "DELETE /api/contacts/{id}/different/{other}": { reply: void };
  "GET /api/visitors": { query: { inbox?: Wire.InboxId }; reply: Wire.VisitorsHere };
  "POST /api/visitor/session": { body: Wire.OpenVisitorSession; reply: Wire.VisitorSession };
  "GET /api/visitor/history": {
    query: { before?: number; conversation?: Wire.ConversationId };
    reply: Wire.VisitorHistory;
  };
}

type Given<R> = (R extends { body: infer Body } ? { body: Body } : object) &
  (R extends { query: infer Query } ? { query?: Query } : object) & {
    /** Repeats of the call with the same key are harmless. */
    idempotencyKey?: string;
    signal?: AbortSignal;
  };

type InPath<Route> = Route extends `${string}{${infer Name}}${infer Rest}`
  ? { [K in Name]: string } & InPath<Rest>
  : object;

type Arguments<Route extends keyof Routes> = object extends InPath<Route> & Given<Routes[Route]>
  ? [given?: Given<Routes[Route]>]
  : [given: InPath<Route> & Given<Routes[Route]>];

export type Api = <Route extends keyof Routes>(
  route: Route,
  ...given: Arguments<Route>
) => Promise<Routes[Route]["reply"]>;

export interface ApiOptions {
  /** Origin of the hub; absent: the page's own. */
  base?: string;
  /** Asked at every call. Absent: the cookie tells who asks. */
  token?: () => string | undefined;
  fetch?: typeof fetch;
}

type Scalar = string | number | undefined;
interface AnyGiven {
  [name: string]: unknown;
  body?: unknown;
  query?: Record<string, Scalar>;
  idempotencyKey?: string;
  signal?: AbortSignal;
}

export function api(options: ApiOptions = {}): Api {
  const call = async (route: string, given: AnyGiven = {}) => {
    const [method, pattern = ""] = route.split(" ");
    const path = pattern.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(given[name])));
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(given.query ?? {})) {
      if (value !== undefined) query.set(name, String(value));
    }
    const headers: Record<string, string> = {};
    const token = options.token?.();
    if (token) headers.Authorization = `Bearer ${token}`;
    if (given.idempotencyKey) headers["Idempotency-Key"] = given.idempotencyKey;
    if (given.body !== undefined) headers["Content-Type"] = "application/json";
    const limit = AbortSignal.timeout(REQUEST_MS);
    const init: RequestInit = {
      headers,
      credentials: options.token ? "omit" : "same-origin",
      signal: given.signal ? AbortSignal.any([given.signal, limit]) : limit,
    };
    if (method) init.method = method;
    if (given.body !== undefined) init.body = JSON.stringify(given.body);
    const tail = query.size ? `?${query}` : "";
    return (options.fetch ?? fetch)((options.base ?? "") + path + tail, init)
      .then(readReply)
      .catch(fail);
  };
  return call as Api;
}

/**
 * What the hub said, or that the caller has called it off; everything else (a broken line, the time limit, a gateway's page
 * in place of the answer) means that the hub cannot be reached.
 */
function fail(error: unknown): never {
  if (error instanceof Refusal || (error instanceof DOMException && error.name === "AbortError")) throw error;
  throw unreachable();
}

// The wire is trusted to be what the table says: both sides are made from one text.
async function readReply(response: Response): Promise<unknown> {
  const text = await response.text();
  if (response.ok) return text ? JSON.parse(text) : undefined;
  throw new Refusal(errorIn(text) ?? { code: "unavailable", message: `The hub answered ${response.status}.` });
}

function errorIn(text: string): Wire.ApiError | undefined {
  try {
    return (JSON.parse(text) as Partial<Wire.ErrorBody>).error;
  } catch {
    return undefined; // A proxy's page, not the hub's answer.
  }
}
