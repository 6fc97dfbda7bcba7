/** The other people's servers that Switchboard runs with: Redis, PostgreSQL, nginx. Each on its own port and folder. */
import { chmod, chown, readdir, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";

import { finish, freePort, Process } from "./process.js";

export interface Server {
  process: Process;
  url: string;
}

export async function startRedis(folder: string): Promise<Server> {
  const port = await freePort();
  const process = await Process.start({
    name: "redis",
    command: "redis-server",
    args: ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"],
    ready: () => accepts(port),
  });
  return { process, url: `redis://127.0.0.1:${port}/` };
}

export async function startPostgres(folder: string): Promise<Server> {
  const bin = await postgresBin();
  const port = await freePort();
  const data = join(folder, "data");
  // PostgreSQL refuses to run as root; its package brings the user `postgres`.
  const root = userInfo().uid === 0;
  const drop = root ? ["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"] : ["--"];
  if (root) await giveToPostgres(folder);
  const init = ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"];
  const made = await finish("setpriv", [...drop, join(bin, "initdb"), ...init]);
  if (made.code !== 0) throw new Error(`initdb failed:\n${made.output}`);
  const process = await Process.start({
    name: "postgres",
    command: "setpriv",
    // Nothing here outlives the test, so nothing needs to reach the disk.
    args: [
      ...drop,
      join(bin, "postgres"),
      ...["-D", data, "-p", `${port}`, "-k", folder, "-h", "127.0.0.1", "-c", "fsync=off"],
    ],
    ready: async () => (await finish(join(bin, "pg_isready"), ["-h", "127.0.0.1", "-p", `${port}`])).code === 0,
  });
  return { process, url: `postgres://postgres@127.0.0.1:${port}/postgres` };
}

/** Debian keeps the server's programs off the path, in a folder per version. */
async function postgresBin(): Promise<string> {
  const versions = await readdir("/usr/lib/postgresql");
  const newest = versions.map(Number).sort((a, b) => b - a)[0];
  if (newest === undefined) throw new Error("PostgreSQL is not installed: ./dev test installs it");
  return `/usr/lib/postgresql/${newest}/bin`;
}

async function giveToPostgres(folder: string): Promise<void> {
  const ids = await Promise.all(["-u", "-g"].map((flag) => finish("id", [flag, "postgres"])));
  const [uid, gid] = ids.map((id) => Number(id.output.trim()));
  await chown(folder, uid ?? 0, gid ?? 0);
}

/** nginx in front of the hubs, as a site would set it up: HTTP and sockets on one address, a dead hub passed over. */
export async function startNginx(folder: string, hubPorts: number[]): Promise<Server> {
  const port = await freePort();
  const config = join(folder, "nginx.conf");
  // Its worker is nobody, and keeps there what is larger than its memory for it.
  await chmod(folder, 0o755);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  await writeFile(
    config,
    `daemon off;
pid ${folder}/nginx.pid;
error_log stderr warn;
worker_processes 1;
events { worker_connections 1024; }
http {
  access_log off;
  ${temporary.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join("\n  ")}
  client_max_body_size 110m;
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  upstream hubs {
    ${hubPorts.map((hub) => `server 127.0.0.1:${hub} max_fails=1 fail_timeout=2s;`).join("\n    ")}
    keepalive 16;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://hubs;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_connect_timeout 1s;
      proxy_read_timeout 60s;
    }
  }
}
`,
  );
  const process = await Process.start({
    name: "nginx",
    command: "/usr/sbin/nginx",
    args: ["-c", config, "-p", folder, "-e", "stderr"],
    ready: () => accepts(port),
  });
  return { process, url: `http://localhost:${port}` };
}

export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
