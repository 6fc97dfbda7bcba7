/** The one socket client. */

import type { Client, ConnectOptions, Face } from "./faces.js";

export function connect<F extends Face>(_options: ConnectOptions<F>): Client<F> {
  throw new Error("not built yet");
}
