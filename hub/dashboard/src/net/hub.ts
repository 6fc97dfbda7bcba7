/**
 * The two doors to the hub as the desk uses them: the REST calls and the socket. Interfaces only, so that a test can
 * stand in for the hub; `http.ts` and `@switchboard/protocol` are the real ones.
 */
import type {
  Access, Agent, AgentCommand, AgentEventFrame, AgentId, AgentSignal, Availability, Bye, ChangeAgent, ChangeContact, ChangeInbox, Contact, ContactId,
  ConversationDetail, ConversationId, ConversationPage, Counts, CreatedToken, CreateInbox, CreateToken, Done, Inbox, InboxId, Invitation,
  InviteAgent, Me, MessagePage, ResetReason, ResumePoint, Role, SaveTeam, SearchPage, Session, SessionId, Team, TeamId, Token, TokenId, Uploaded,
  VisitorsHere,
} from "@switchboard/protocol";
import type { ListQuery } from "../state/lists";

export type { Availability, Role };

/** What the desk asks over HTTP. Every call throws an `ApiError`. */
export interface HubApi {
  me(): Promise<Me>;
  signIn(email: string, password: string): Promise<Me>;
  signOut(): Promise<void>;
  setUp(token: string, name: string, email: string, password: string): Promise<Me>;
  acceptInvitation(token: string, password: string, name?: string): Promise<Me>;

  list(query: ListQuery, cursor: string | null): Promise<ConversationPage>;
  detail(id: ConversationId): Promise<ConversationDetail>;
  older(id: ConversationId, before: number): Promise<MessagePage>;
  counts(): Promise<Counts>;
  search(query: string, cursor: string | null): Promise<SearchPage>;
  previous(contact: ContactId): Promise<ConversationPage>;
  changeContact(id: ContactId, change: ChangeContact): Promise<Contact>;
  visitors(inbox: InboxId): Promise<VisitorsHere>;
  upload(file: File, progress: (share: number) => void, signal: AbortSignal): Promise<Uploaded>;
}

/** What the settings pages ask, beside. */
export interface HouseApi {
  sessions(): Promise<readonly Session[]>;
  revokeSession(id: SessionId): Promise<void>;
  tokens(): Promise<readonly Token[]>;
  createToken(token: CreateToken): Promise<CreatedToken>;
  revokeToken(id: TokenId): Promise<void>;
  changePassword(current: string, next: string): Promise<void>;
  agents(): Promise<readonly Agent[]>;
  invite(invitation: InviteAgent): Promise<Invitation>;
  changeAgent(id: AgentId, change: ChangeAgent): Promise<Agent>;
  createTeam(team: SaveTeam): Promise<Team>;
  saveTeam(id: TeamId, team: SaveTeam): Promise<Team>;
  removeTeam(id: TeamId): Promise<void>;
  createInbox(inbox: CreateInbox): Promise<Inbox>;
  changeInbox(id: InboxId, change: ChangeInbox): Promise<Inbox>;
  removeInbox(id: InboxId): Promise<void>;
  access(id: InboxId): Promise<Access>;
  saveAccess(id: InboxId, access: Access): Promise<Access>;
}

/** Whether the socket is up; when it is not, when it tries next (unix milliseconds). */
export interface Connection {
  readonly state: "connecting" | "live" | "offline";
  readonly retryAt: number | null;
}

/** What the socket tells. */
export interface SocketNews {
  event(frame: AgentEventFrame): void;
  signal(signal: AgentSignal): void;
  reset(why: ResetReason): void;
  bye(bye: Bye): void;
  connection(connection: Connection): void;
}

export interface CommandOptions {
  /** The message's own id, the same on every try. */
  readonly id?: string;
  /** Kept while there is no connection and sent once there is. */
  readonly keep?: boolean;
}

export interface AgentSocket {
  command(command: AgentCommand, options?: CommandOptions): Promise<Done>;
  resumeFrom(point: ResumePoint): void;
  retryNow(): void;
  close(): void;
}

export type OpenSocket = (from: ResumePoint, news: SocketNews) => AgentSocket;
