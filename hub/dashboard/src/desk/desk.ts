/**
 * The desk of one signed-in agent: the store, the list, the open conversation and the writing, wired to the hub. Screens
 * know no more than this. Not here: anything drawn, and which page is shown.
 */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { Api, Client, ConversationId, Me, ResetReason } from "@switchboard/protocol";
import { noCounts, takeCounts } from "../state/counts";
import { takePosition } from "../state/events";
import { forget } from "../state/forget";
import type { ListQuery } from "../state/lists";
import { emptyState, KEPT_CONTACTS, KEPT_CONVERSATIONS, KEPT_MARGIN } from "../state/model";
import { afterDisconnect, expire, nextExpiry, withWholeTeam } from "../state/now";
import { stateAfterReset, stateFrom } from "../state/snapshots";
import { type Bots, makeBots } from "./bots";
import { whenCalm } from "./calm";
import { type Changes, makeChanges } from "./changes";
import { type Compose, makeCompose } from "./compose";
import { type Conversations, makeConversations } from "./conversation";
import { type Core, makeCore, type Surroundings } from "./core";
import { type Lists, makeLists } from "./lists";
import { makeNotices, type Notices } from "./notices";
import { makePeople, type People } from "./people";
import { makeSearch, type Search } from "./search";
import { makeSelection, type Selection } from "./selection";
import { shelf } from "./shelf";
import { makeStarting, type Starting } from "./starting";
import { makeTags, type TagsOfHouse } from "./tags";
import { makeTemplates, type Templates } from "./templates";
import { makeTrusted, type Trusted } from "./trusted";
import { makeUploads, type SendFile, type Uploads, type Waiting } from "./uploads";
import { makeViews, type Views } from "./views";

/** Starting afresh is tried again after this long, then twice as long …, milliseconds. */
const AFRESH_MS = 500;
const AFRESH_LATEST_MS = 15_000;

export interface Desk
  extends Pick<
    Core,
    "house" | "now" | "counts" | "connection" | "row" | "threadView" | "contact" | "botsIn" | "rowNow" | "clock"
  > {
  readonly me: ReadonlySignal<Me>;
  /** There has been a connection: what is missing now has been lost. */
  readonly beenLive: ReadonlySignal<boolean>;
  /** Takes the last thing back, if it can be. */
  readonly undo: { current: (() => void) | null };
  readonly api: Api;
  readonly socket: Client<"agent">;
  readonly lists: Lists;
  readonly selection: Selection;
  readonly conversations: Conversations;
  readonly compose: Compose;
  readonly changes: Changes;
  readonly bots: Bots;
  readonly notices: Notices;
  readonly people: People;
  readonly uploads: Uploads;
  readonly starting: Starting;
  readonly search: Search;
  readonly tags: TagsOfHouse;
  readonly templates: Templates;
  readonly views: Views;
  readonly trusted: Trusted;
  readonly core: Core;
  start(): void;
  stop(): void;
}

export interface DeskOptions extends Surroundings {
  readonly me: Me;
  readonly first: ListQuery;
  readonly sendFile: SendFile;
  /** The session is over; the sign-in page shows. */
  signedOut(): void;
}

export function makeDesk(options: DeskOptions): Desk {
  const me = signal(options.me);
  const core = makeCore(options, stateFrom(options.me));
  const recount = makeRecount(core);
  const lists = makeLists(core, options.first);
  const search = makeSearch(core);
  const conversations = makeConversations(core, whenCalm(core, () => void lists.reload()).soon);
  const uploads = makeUploads({
    send: options.sendFile,
    newId: options.newId,
    clock: options.clock,
    live: () => core.connection.value.status === "live",
    later: core.later,
    kept: shelf<readonly Waiting[]>(core, "switchboard.files", core.state.me),
  });
  const compose = makeCompose(core, uploads.restore);
  const bots = makeBots(core);
  const notices = makeNotices(core);
  const tags = makeTags(core);
  const templates = makeTemplates(core);
  const views = makeViews(core);
  const stops: (() => void)[] = [];
  const left = new AbortController();
  const beenLive = signal(false);
  core.now.value = withWholeTeam(core.now.value, options.me.present);

  const letGo = makeLetGo(core, () => {
    const listed = lists.held();
    return (id) => listed.has(id) || search.found.value.has(id) || core.listened.conversation(id);
  });

  async function fresh(): Promise<void> {
    const next = await core.api("GET /api/session", { signal: left.signal });
    if (left.signal.aborted) return;
    me.value = next;
    core.replaceState(stateAfterReset(core.state, next));
    core.counts.value = noCounts(next.at.position);
    core.now.value = withWholeTeam(afterDisconnect(core.now.value), next.present);
    lists.forget();
    search.forget();
    core.socket.resumeFrom(next.at);
    bots.connected();
    tags.stale();
    templates.stale();
    views.stale();
    await Promise.all([lists.reload(), search.reload(), recount.now(), conversations.reload(), notices.load()]);
  }

  async function reset(why: ResetReason): Promise<void> {
    // What is no longer ours to know goes at once, not when the new snapshot has come.
    if (why === "access_changed") {
      const pending = core.state.pending;
      core.replaceState(emptyState(core.state.me, { epoch: core.state.epoch, position: core.state.position }));
      for (const [id, list] of pending) core.state.pending.set(id, list);
      lists.forget();
      search.forget();
      notices.forget();
      views.forget();
    }
    await untilDone(core, left.signal, fresh, options.signedOut);
  }

  function connected(before: string, now: string): void {
    if (now === "live" && before !== "live") {
      beenLive.value = true;
      conversations.connected();
      bots.connected();
      recount.soon();
      notices.want();
      if (views.list.value === null) views.stale();
      uploads.connected();
      if (lists.view.value.error?.code === "unavailable") void lists.reload();
      if (search.view.value.error?.code === "unavailable") void search.reload();
    }
    if (now === "offline" || (now !== "live" && before === "live")) core.now.value = afterDisconnect(core.now.value);
  }

  core.onPublished((touched) => {
    // One's own name and role are told like everybody's.
    const mine = touched.house ? core.state.agents.get(core.state.me)?.thing : undefined;
    if (mine && mine !== me.value.agent) me.value = { ...me.value, agent: mine };
    const wanted = [...touched.unknown].filter(([, patch]) => lists.mayHold(patch)).map(([id]) => id);
    if (wanted.length > 0) conversations.fetchUnknown(wanted);
    letGo();
    if (core.counts.value.doubtful) recount.soon();
  });

  return {
    house: core.house,
    now: core.now,
    counts: core.counts,
    connection: core.connection,
    row: core.row,
    threadView: core.threadView,
    contact: core.contact,
    botsIn: core.botsIn,
    rowNow: core.rowNow,
    clock: core.clock,
    me,
    beenLive,
    search,
    tags,
    templates,
    views,
    undo: { current: null },
    api: core.api,
    socket: core.socket,
    core,
    lists,
    selection: makeSelection(core, lists),
    conversations,
    compose,
    changes: makeChanges(core),
    bots,
    notices,
    people: makePeople(core),
    trusted: makeTrusted(core),
    uploads,
    starting: makeStarting(core, shelf(core, "switchboard.start", core.state.me)),
    start() {
      const { socket } = core;
      stops.push(
        socket.on("event", core.takeFrame),
        socket.on("event", notices.take),
        socket.on("event", ({ event }) => void (event === "templates_changed" && templates.stale())),
        socket.on("event", ({ event }) => void (event === "views_changed" && views.stale())),
        socket.on("event", ({ event }) => void (event === "tags_changed" && tags.stale())),
        socket.on("signal", core.takeSignal),
        socket.on("reset", (why) => void reset(why)),
        socket.on("bye", (bye) => void (bye.why === "signed_out" && options.signedOut())),
        socket.on("state", (state) => {
          const before = core.connection.value.status;
          core.connection.value = state;
          connected(before, state.status);
          const point = socket.point;
          if (point && point.epoch === core.state.epoch) core.publish(takePosition(core.state, point.position));
        }),
        expireByItself(core),
        compose.start(),
      );
      socket.resumeFrom(options.me.at);
      void recount.now();
      void notices.load();
    },
    stop() {
      left.abort();
      for (const stop of stops.splice(0)) stop();
      uploads.stop();
      core.socket.close();
    },
  };
}

/** Tries until it works: a page that was told to start afresh has nothing right to show before that. */
async function untilDone(
  core: Core,
  left: AbortSignal,
  work: () => Promise<void>,
  signedOut: () => void,
): Promise<void> {
  for (let wait = AFRESH_MS; !left.aborted; wait = Math.min(wait * 2, AFRESH_LATEST_MS)) {
    try {
      return await work();
    } catch (cause) {
      if (left.aborted) return;
      if ((cause as { code?: string }).code === "unauthenticated") return signedOut();
      await new Promise<void>((done) => core.later(done, wait));
    }
  }
}

/** Lets go of what is too much; looks only when some more has come since the last time. */
function makeLetGo(core: Core, shown: () => (id: ConversationId) => boolean): () => void {
  const left = { conversations: 0, contacts: 0 };
  return () => {
    const { conversations, contacts } = core.state;
    const few =
      conversations.size <= Math.max(KEPT_CONVERSATIONS, left.conversations) + KEPT_MARGIN &&
      contacts.size <= Math.max(KEPT_CONTACTS, left.contacts) + KEPT_MARGIN;
    if (few) return;
    forget(core.state, { conversation: shown(), contact: core.listened.contact });
    left.conversations = conversations.size;
    left.contacts = contacts.size;
  };
}

/** Asks for the counts: now, or once things have calmed down. */
function makeRecount(core: Core): { soon(): void; now(): Promise<void> } {
  const calm = whenCalm(core, () => void now());

  async function now(): Promise<void> {
    calm.done();
    try {
      core.counts.value = takeCounts(core.counts.value, await core.api("GET /api/counts"));
    } catch {
      // The next event or the next connection asks again.
    }
  }

  return { now, soon: calm.soon };
}

/** Takes out who has stopped writing when their time is over. */
function expireByItself(core: Core): () => void {
  let cancel: (() => void) | null = null;
  const unsubscribe = core.now.subscribe((now) => {
    cancel?.();
    const at = nextExpiry(now);
    cancel =
      at === null
        ? null
        : core.later(
            () => {
              core.now.value = expire(core.now.value, core.clock());
            },
            Math.max(0, at - core.clock()),
          );
  });
  return () => {
    cancel?.();
    unsubscribe();
  };
}
