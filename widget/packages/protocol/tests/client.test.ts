import { describe, expect, test } from "vitest";
import { COMMAND_MS } from "../src/generated.js";
import type { Client, ClientState, VisitorCommand } from "../src/index.js";
import { connect } from "../src/index.js";
import { retryDelay } from "../src/link.js";
import { Clock, CONVERSATION, chance, Hub, MemoryStorage } from "./world.js";

const say = (text: string): VisitorCommand => ({ do: "send", text });

function world() {
  const clock = new Clock();
  const hub = new Hub(clock, chance(1));
  const storage = new MemoryStorage();
  const environment = hub.environment();
  const client = connect({
    face: "visitor",
    url: "wss://hub.example/ws/visitor",
    environment,
    outbox: storage,
    from: hub.snapshot().at,
    hello: () => ({ token: "secret", page: { url: "https://shop.example/" } }),
  });
  return { clock, hub, storage, environment, client };
}

function texts(client: Client<"visitor">) {
  const heard: string[] = [];
  client.on("event", (event) => event.event === "message_created" && heard.push(event.message.text));
  return heard;
}

describe("connection", () => {
  test("says hello with token, page and position, goes live, answers heartbeats", async () => {
    const { clock, hub, client } = world();
    const states: ClientState["status"][] = [];
    client.on("state", ({ status }) => states.push(status));
    await clock.pass(100);
    expect(hub.hellos).toEqual([
      { t: "hello", token: "secret", page: { url: "https://shop.example/" }, from: { epoch: "epoch-1", position: 0 } },
    ]);
    expect(states).toEqual(["live"]);
    await clock.pass(60_000);
    expect(hub.pongs).toBe(5);
    expect(hub.attempts).toBe(1);
  });

  test("without a point nothing is opened before the snapshot is there", async () => {
    const clock = new Clock();
    const hub = new Hub(clock, chance(1));
    const client = connect({ face: "visitor", url: "wss://x", environment: hub.environment() });
    await clock.pass(5_000);
    expect(hub.attempts).toBe(0);
    client.resumeFrom(hub.snapshot().at);
    await clock.pass(100);
    expect(client.state.status).toBe("live");
    expect(hub.attempts).toBe(1);
  });

  test("a heartbeat's position moves the point on when nothing else does", async () => {
    const { clock, hub, client } = world();
    await clock.pass(100);
    hub.log.push({ position: 40, at: 0, event: "conversation_changed" } as never);
    hub.ping();
    await clock.pass(100);
    expect(client.point).toEqual({ epoch: "epoch-1", position: 40 });
  });

  test("a socket that is silent for two heartbeats is dead", async () => {
    const { clock, hub, client } = world();
    const heard = texts(client);
    await clock.pass(100);
    hub.halfOpen();
    hub.staffSays("are you there?");
    await clock.pass(23_000);
    expect(client.state.status).toBe("live");
    await clock.pass(3_000);
    expect(client.state.status).toBe("live");
    expect(hub.attempts).toBe(2);
    expect(heard).toEqual(["are you there?"]);
  });

  test("a browser that says that there is no network is believed at once", async () => {
    const { clock, hub, environment, client } = world();
    await clock.pass(100);
    hub.reachable = false;
    hub.halfOpen();
    environment.cut();
    expect(client.state.status).toBe("offline");
    await clock.pass(60_000);
    hub.reachable = true;
    environment.wake();
    await clock.pass(100);
    expect(client.state.status).toBe("live");
  });

  test("an attempt that gets no answer is given up", async () => {
    const { clock, hub, client } = world();
    await clock.pass(30);
    hub.halfOpen();
    await clock.pass(9_900);
    expect(client.state.status).toBe("connecting");
    await clock.pass(5_000);
    expect(client.state.status).toBe("live");
  });

  test("an attempt that hangs is begun anew when the network or the person is back", async () => {
    const { clock, hub, environment, client } = world();
    await clock.pass(30);
    hub.halfOpen();
    await clock.pass(2_000);
    environment.wake();
    await clock.pass(100);
    expect(client.state.status).toBe("live");
    hub.cut();
    await clock.pass(1_030);
    hub.halfOpen();
    client.retry();
    await clock.pass(100);
    expect(client.state.status).toBe("live");
  });

  test("waits longer at each failure, spread, and not beyond the bound", () => {
    expect(retryDelay(0, 0)).toBe(300);
    expect(retryDelay(0, 0.999)).toBeLessThanOrEqual(1_000);
    expect(retryDelay(3, 0.999)).toBeGreaterThan(7_900);
    expect(retryDelay(50, 0.999)).toBeLessThanOrEqual(20_000);
  });

  test("tells when it tries next, and tries at once when the network is back", async () => {
    const { clock, hub, environment, client } = world();
    await clock.pass(100);
    hub.reachable = false;
    hub.cut();
    await clock.pass(30_000);
    const { state } = client;
    expect(state.status === "offline" && state.retryAt > clock.now).toBe(true);
    hub.reachable = true;
    environment.wake();
    await clock.pass(100);
    expect(client.state.status).toBe("live");
  });

  test("a draining hub's wish is kept, also by a page that wakes up", async () => {
    const { clock, hub, environment, client } = world();
    await clock.pass(100);
    hub.bye("draining", 7_000);
    await clock.pass(50);
    environment.wake();
    await clock.pass(6_000);
    expect(hub.attempts).toBe(1);
    await clock.pass(1_100);
    expect(hub.attempts).toBe(2);
    expect(client.state.status).toBe("live");
  });

  test("signed out is the end, until it is told to resume", async () => {
    const { clock, hub, client } = world();
    await clock.pass(100);
    hub.bye("signed_out", 0);
    await clock.pass(60_000);
    expect(client.state.status).toBe("ended");
    expect(hub.attempts).toBe(1);
    client.resumeFrom(hub.snapshot().at);
    await clock.pass(100);
    expect(client.state.status).toBe("live");
  });

  test("a page that goes says so with 1000 and comes back from the browser's cache", async () => {
    const { clock, hub, environment, client } = world();
    await clock.pass(100);
    environment.leave();
    expect(hub.closes).toEqual([1000]);
    await clock.pass(60_000);
    expect(hub.attempts).toBe(1);
    environment.wake();
    await clock.pass(100);
    expect(client.state.status).toBe("live");
  });

  test("every other closing says that it will be back", async () => {
    const { clock, hub, client } = world();
    await clock.pass(100);
    hub.halfOpen();
    hub.closes.length = 0;
    await clock.pass(30_000);
    expect(hub.closes).toEqual([4000]);
    client.close();
    expect(hub.closes).toEqual([4000, 1000]);
    await clock.pass(60_000);
    expect(hub.open).toBe(0);
  });
});

describe("reset", () => {
  test("drops the point, asks for a snapshot, goes on from it", async () => {
    const { clock, hub, client } = world();
    const heard = texts(client);
    const resets: string[] = [];
    client.on("reset", (why) => resets.push(why));
    await clock.pass(100);
    hub.staffSays("one");
    hub.restored();
    await clock.pass(3_000);
    expect(resets).toEqual(["other_epoch"]);
    expect(client.point).toBeNull();
    expect(client.state.status).toBe("connecting");
    client.resumeFrom(hub.snapshot().at);
    await clock.pass(3_000);
    hub.staffSays("two");
    await clock.pass(100);
    expect(heard).toEqual(["two"]);
  });
});

describe("commands", () => {
  test("an answer settles its own command", async () => {
    const { clock, hub, client } = world();
    await clock.pass(100);
    const [one, two] = [client.command(say("one")), client.command(say("two"))];
    await clock.pass(100);
    expect((await one).position).toBe(hub.log[0]?.position);
    expect((await two).conversation_id).toBe(CONVERSATION);
  });

  test("a refusal rejects with the hub's error", async () => {
    const { clock, client } = world();
    await clock.pass(100);
    const refused = expect(client.command(say("never"))).rejects.toMatchObject({
      code: "too_large",
      message: "Too long.",
    });
    await clock.pass(100);
    await refused;
  });

  test("asked without a connection, or lost with it, a command is refused at once", async () => {
    const { clock, hub, client } = world();
    await expect(client.command(say("too early"))).rejects.toMatchObject({ code: "unavailable" });
    await clock.pass(100);
    const lost = expect(client.command(say("lost"))).rejects.toMatchObject({ code: "unavailable" });
    hub.cut();
    await lost;
  });

  test("what was pressed without a connection, or as it broke, is not sent on the next one", async () => {
    const { clock, hub, client } = world();
    const press = () => client.command({ do: "press", conversation_id: CONVERSATION, number: 1, row: 0, column: 1 });
    await expect(press()).rejects.toMatchObject({ code: "unavailable" });
    await clock.pass(100);
    const lost = expect(press()).rejects.toMatchObject({ code: "unavailable" });
    hub.cut();
    await lost;
    await clock.pass(60_000);
    expect(hub.signals).toEqual([]);
    const heard = press();
    await clock.pass(100);
    await heard;
    expect(hub.signals).toHaveLength(1);
  });

  test("a connection on which a command gets no answer is given up", async () => {
    const { clock, hub, client } = world();
    await clock.pass(100);
    hub.silentAnswers = true;
    const lost = expect(client.command(say("x"))).rejects.toMatchObject({ code: "unavailable" });
    await clock.pass(COMMAND_MS);
    expect(hub.attempts, "the hub may still say that it could not").toBe(1);
    await clock.pass(6_000);
    await lost;
    expect(hub.attempts).toBe(2);
  });

  test("tell needs no answer and is not kept", async () => {
    const { clock, hub, client } = world();
    expect(client.tell({ do: "typing", conversation_id: CONVERSATION, on: true })).toBe(false);
    await clock.pass(100);
    expect(client.tell({ do: "typing", conversation_id: CONVERSATION, on: true })).toBe(true);
    await clock.pass(60_000);
    expect(hub.signals).toHaveLength(1);
    expect(hub.attempts).toBe(1);
  });
});

describe("outbox", () => {
  test("keeps what was said offline and sends it once, in order", async () => {
    const { clock, hub, storage, client } = world();
    hub.reachable = false;
    const done = ["a", "b", "c"].map((text) => client.command(say(text), { keep: true }));
    await clock.pass(60_000);
    expect(client.outbox).toHaveLength(3);
    expect(storage.rows.size).toBe(3);
    hub.reachable = true;
    await clock.pass(30_000);
    await Promise.all(done);
    expect(hub.texts()).toEqual(["a", "b", "c"]);
    expect(storage.rows.size).toBe(0);
  });

  test("committed but not answered: sent again under the same id, committed once", async () => {
    const { clock, hub, client } = world();
    await clock.pass(100);
    hub.silentAnswers = true;
    const done = client.command(say("once"), { keep: true });
    await clock.pass(1_000);
    hub.silentAnswers = false;
    hub.cut();
    await clock.pass(5_000);
    await done;
    expect(hub.texts()).toEqual(["once"]);
  });

  test("outlives the page", async () => {
    const { clock, hub, storage, client } = world();
    hub.reachable = false;
    void client.command(say("kept"), { keep: true });
    client.close();
    hub.reachable = true;
    const next = connect({
      face: "visitor",
      url: "wss://x",
      environment: hub.environment("next"),
      outbox: storage,
      from: hub.snapshot().at,
    });
    const settled: string[] = [];
    next.on("settled", ({ id }) => settled.push(id));
    expect(next.outbox.map(({ command }) => command)).toEqual([say("kept")]);
    await clock.pass(5_000);
    expect(hub.texts()).toEqual(["kept"]);
    expect(settled).toEqual(["id-1"]);
  });

  test("a refusal that passes holds the order up, one that stays does not", async () => {
    const { clock, hub, client } = world();
    await clock.pass(100);
    hub.refusals = 2;
    const first = client.command(say("first"), { keep: true });
    const never = expect(client.command(say("never"), { keep: true })).rejects.toMatchObject({ code: "too_large" });
    const last = client.command(say("last"), { keep: true });
    await clock.pass(5_000);
    await Promise.all([first, never, last]);
    expect(hub.texts()).toEqual(["first", "last"]);
    expect(client.outbox).toEqual([]);
  });

  test("is bounded", async () => {
    const { hub, client } = world();
    hub.reachable = false;
    for (let i = 0; i < 200; i++) void client.command(say(String(i)), { keep: true });
    await expect(client.command(say("one too many"), { keep: true })).rejects.toMatchObject({ code: "overloaded" });
  });

  test("an agent's conversations do not wait for each other", async () => {
    const clock = new Clock();
    const hub = new Hub(clock, chance(1));
    const sent: { conversation_id: string }[] = [];
    const environment = hub.environment();
    const client = connect({
      face: "agent",
      url: "wss://x",
      from: { epoch: "e", position: 0 },
      environment: {
        ...environment,
        openSocket() {
          const socket = {
            onopen: null,
            onmessage: null,
            onclose: null,
            close() {},
            send(text: string) {
              const frame = JSON.parse(text) as { t: string; conversation_id: string };
              if (frame.t === "command") sent.push(frame);
            },
          } as ReturnType<typeof environment.openSocket>;
          clock.after(1, () => {
            (socket.onopen as () => void)();
            socket.onmessage?.({
              data: JSON.stringify({
                t: "welcome",
                epoch: "e",
                position: 0,
                heartbeat_ms: 12_000,
                now: 0,
                connection_id: "c",
              }),
            });
          });
          return socket;
        },
      },
    });
    await clock.pass(10);
    for (const conversation_id of ["one", "one", "two"]) {
      void client.command({ do: "note", conversation_id, text: "n" }, { keep: true });
    }
    expect(sent.map((each) => each.conversation_id)).toEqual(["one", "two"]);
  });
});
