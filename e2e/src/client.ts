/** The pages' own socket client, spoken from Node: for what needs the wire rather than a page. */
import {
  type Client,
  connect,
  type Environment,
  type Socket,
  type VisitorHistory,
  type VisitorSession,
} from "@switchboard/protocol";
import { WebSocket } from "ws";

import { Api } from "./api.js";

const node = (origin: string): Environment => ({
  now: () => Date.now(),
  random: () => Math.random(),
  newId: () => crypto.randomUUID(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  openSocket(url, subprotocol) {
    const socket = new WebSocket(url, subprotocol, { origin });
    // One that fails closes, as a browser's does, and of that the client hears; unheard, this would end the process.
    socket.on("error", () => {});
    return socket as unknown as Socket;
  },
  watchPage: () => () => {},
});

export interface VisitorLine {
  client: Client<"visitor">;
  history(): Promise<VisitorHistory>;
}

/** A visitor's connection as the chat panel makes it, without the panel. */
export async function visitorLine(url: string, widgetKey: string): Promise<VisitorLine> {
  const panel = new Api(url, { origin: url });
  const { token } = await panel.post<VisitorSession>("/api/visitor/session", { widget_key: widgetKey });
  const visitor = new Api(url, { origin: url, authorization: `Bearer ${token}` });
  const history = () => visitor.get<VisitorHistory>("/api/visitor/history");
  const client = connect({
    face: "visitor",
    url: `${url.replace("http", "ws")}/ws/visitor`,
    environment: node(url),
    hello: () => ({ token }),
    from: (await history()).at,
  });
  return { client, history };
}
