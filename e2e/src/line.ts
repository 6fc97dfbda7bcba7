/**
 * One person's network: a TCP line between a browser and the deployment that can be cut.
 *
 * A browser's own "offline" switch closes nothing that is open. A cut line is what a train tunnel is: bytes stop, no end
 * is told, and who only waits for a close waits for ever.
 */
import { connect, createServer, type Server, type Socket } from "node:net";

export class Line {
  #server: Server;
  #pairs = new Set<readonly [Socket, Socket]>();
  #cut = false;

  private constructor(
    server: Server,
    /** Where this person finds the deployment. */
    readonly url: string,
  ) {
    this.#server = server;
  }

  static async to(target: string): Promise<Line> {
    const { hostname, port } = new URL(target);
    const server = createServer({ pauseOnConnect: true });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port in the address");
    const line = new Line(server, `http://${hostname}:${address.port}`);
    server.on("connection", (near) => line.#join(near, connect(Number(port), "127.0.0.1")));
    return line;
  }

  #join(near: Socket, far: Socket): void {
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    const end = () => {
      near.destroy();
      far.destroy();
      this.#pairs.delete(pair);
    };
    for (const socket of pair) socket.setNoDelay(true).on("error", end).on("close", end);
    if (this.#cut) return;
    near.pipe(far);
    far.pipe(near);
  }

  /** From now on no byte passes, and nobody is told. */
  cut(): void {
    this.#cut = true;
    for (const [near, far] of this.#pairs) {
      near.unpipe(far).pause();
      far.unpipe(near).pause();
    }
  }

  /** The network is back; what was open before is dead, as after a change of network. */
  mend(): void {
    this.#cut = false;
    for (const [near, far] of this.#pairs) {
      near.destroy();
      far.destroy();
    }
  }

  async close(): Promise<void> {
    this.mend();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
