/**
 * Calls methods of the Bot API by a library of Node's, for bots.py: a line of JSON comes with what to call, a line goes back with
 * what the library made of the answer.
 */
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const { BOT_API, BOT_TOKEN, PACKAGES } = process.env;
// Where its packages are somebody says who runs it: an import would look for them beside this file.
const require = createRequire(`${PACKAGES}/`);

const LIBRARIES = {
  grammY() {
    const { Api, InputFile } = require("grammy");
    const { raw } = new Api(BOT_TOKEN, { apiRoot: BOT_API });
    return {
      // Methods without parameters take none.
      call: (method, parameters) => raw[method](...(Object.keys(parameters).length > 0 ? [parameters] : [])),
      file: (name, content) => new InputFile(content, name),
      // It leaves that to its users, and its page on files says how.
      link: async (file_id) => `${BOT_API}/file/bot${BOT_TOKEN}/${(await raw.getFile({ file_id })).file_path}`,
    };
  },
  Telegraf() {
    const { Telegram } = require("telegraf");
    const telegram = new Telegram(BOT_TOKEN, { apiRoot: BOT_API });
    return {
      call: (method, parameters) => telegram.callApi(method, parameters),
      file: (filename, source) => ({ filename, source }),
      link: (file_id) => telegram.getFileLink(file_id),
    };
  },
};

const library = LIBRARIES[process.argv[2]]();

async function done({ method, parameters, files, download }) {
  if (download) return (await fetch(await library.link(download))).text();
  for (const [name, [file, content]] of Object.entries(files)) {
    parameters[name] = library.file(file, Buffer.from(content, "base64"));
  }
  return library.call(method, parameters);
}

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await done(JSON.parse(line)).then(
    (result) => ({ result }),
    (error) => {
      // Each keeps what was answered in a place of its own.
      const { error_code: code, description, parameters } = error.response ?? error;
      return code ? { refused: { code, description, wait: parameters?.retry_after } } : { broke: String(error) };
    },
  );
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
