/** Visitors who all write at once, by the sockets that the panel has. */
import { WebSocket } from "ws";

const VISITORS = 40;

/** So many events a second until it is stopped; resolves once every visitor is connected. */
export async function flood(origin: string, widgetKey: string, perSecond: number): Promise<{ stop(): number }> {
  const sockets = await Promise.all(Array.from({ length: VISITORS }, () => visitor(origin, widgetKey)));
  let said = 0;
  const timer = setInterval(() => {
    const socket = sockets[said % VISITORS];
    said += 1;
    socket?.send(JSON.stringify({ t: "command", id: `flood-${said}`, do: "send", ...text(said) }));
  }, 1_000 / perSecond);
  return {
    stop() {
      clearInterval(timer);
      for (const socket of sockets) socket.close();
      return said;
    },
  };
}

function text(said: number) {
  return { text: `Where is order ${said}? It should have been here on Tuesday.` };
}

async function visitor(origin: string, widgetKey: string): Promise<WebSocket> {
  const opened = await fetch(`${origin}/api/visitor/session`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ widget_key: widgetKey }),
  });
  const { token } = (await opened.json()) as { token: string };
  const socket = new WebSocket(`${origin.replace("http", "ws")}/ws/visitor`);
  await new Promise<void>((resolve, reject) => {
    socket.once("open", () => socket.send(JSON.stringify({ t: "hello", token })));
    socket.once("error", reject);
    socket.on("message", (data) => {
      const frame = JSON.parse(data.toString()) as { t: string };
      if (frame.t === "ping") socket.send(JSON.stringify({ t: "pong" }));
      else resolve();
    });
  });
  return socket;
}
