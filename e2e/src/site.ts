/**
 * Somebody's website with the widget on it: another origin than the hub, with the strictest Content-Security-Policy
 * that a careful site would have.
 */
import { createServer, type Server } from "node:http";

export class Site {
  #server: Server;

  private constructor(
    server: Server,
    readonly origin: string,
  ) {
    this.#server = server;
  }

  /** By its own name it is another site than the hub's, and not only another origin: browsers keep the two further apart. */
  static async start(host: "127.0.0.1" | "lamps.localhost" = "127.0.0.1"): Promise<Site> {
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? "/", "http://site");
      const hub = url.searchParams.get("hub") ?? "";
      response.writeHead(200, {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": `default-src 'none'; script-src ${hub}; frame-src ${hub}; style-src 'nonce-site'; img-src 'self'; base-uri 'none'`,
      });
      response.end(page(hub, url.searchParams.get("key") ?? "", url.pathname));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port in the address");
    return new Site(server, `http://${host}:${address.port}`);
  }

  /** A page of the site, whose widget talks to `hub`. */
  page(path: string, hub: string, key: string): string {
    const url = new URL(path, this.origin);
    url.searchParams.set("hub", hub);
    url.searchParams.set("key", key);
    return url.href;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

function page(hub: string, key: string, path: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Lamps and more${path === "/" ? "" : ` · ${path.slice(1)}`}</title>
<style nonce="site">body { font: 16px/1.5 serif; margin: 3rem auto; max-width: 40rem; color: #222 }</style>
</head>
<body>
<h1>Lamps and more</h1>
<p>Every lamp is made to order. Delivery takes eight days.</p>
<script src="${hub}/widget.js" data-inbox="${key}" async></script>
</body>
</html>`;
}
