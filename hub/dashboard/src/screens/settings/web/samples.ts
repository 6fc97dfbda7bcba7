/** How a site's server signs who is signed in, in the languages that most of them are written in; as in docs/widget.md. */

export const SAMPLES = {
  node: {
    name: "Node.js",
    code: `import { createHmac } from "node:crypto";

const hash = createHmac("sha256", process.env.SWITCHBOARD_SECRET)
  .update(String(user.id))
  .digest("hex");`,
  },
  php: {
    name: "PHP",
    code: `$hash = hash_hmac('sha256', (string) $user->id, getenv('SWITCHBOARD_SECRET'));`,
  },
  python: {
    name: "Python",
    code: `import hashlib, hmac, os

hash = hmac.new(
    os.environ["SWITCHBOARD_SECRET"].encode(),
    str(user.id).encode(),
    hashlib.sha256,
).hexdigest()`,
  },
  ruby: {
    name: "Ruby",
    code: `require "openssl"

hash = OpenSSL::HMAC.hexdigest("SHA256", ENV.fetch("SWITCHBOARD_SECRET"), user.id.to_s)`,
  },
} as const;

export type Sample = keyof typeof SAMPLES;

/** The calls before the widget has loaded wait. */
export const PAGE = `<script>
  window.Switchboard ||= function () {
    (Switchboard.q ||= []).push([...arguments]);
  };
  Switchboard("identify", {
    user_id: "USER_ID", hash: "HASH", name: "NAME", email: "EMAIL",
  });
</script>`;
