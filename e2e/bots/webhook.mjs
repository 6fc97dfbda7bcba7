/**
 * Says again whatever it gets, by a webhook: no library, only what the Bot API's page on `setWebhook` says. Updates without the
 * secret are refused. Its answers it sends by calls of their own.
 */
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";

const { BOT_API, BOT_TOKEN } = process.env;
const secret = randomBytes(24).toString("hex");

async function call(method, parameters) {
  const response = await fetch(`${BOT_API}/bot${BOT_TOKEN}/${method}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(parameters),
  });
  const answer = await response.json();
  if (!answer.ok) throw new Error(`${method}: ${answer.error_code} ${answer.description}`);
  return answer.result;
}

const server = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  if (request.headers["x-telegram-bot-api-secret-token"] !== secret) {
    console.log("refused a stranger");
    response.writeHead(401).end();
    return;
  }
  const { message } = JSON.parse(body);
  if (!message) {
    // As bots do that were written before there was this kind of update.
    response.writeHead(500).end();
    return;
  }
  if (message.text === "fail once" && !server.failed) {
    server.failed = true;
    console.log("failed once");
    response.writeHead(500).end();
    return;
  }
  const answer = { chat_id: message.chat.id, text: message.text };
  if (message.text?.endsWith("?")) {
    response.setHeader("content-type", "application/json").end(JSON.stringify({ method: "sendMessage", ...answer }));
    return;
  }
  response.end();
  if (message.text) await call("sendMessage", answer);
});

server.listen(0, "127.0.0.1", async () => {
  const url = `http://127.0.0.1:${server.address().port}/hook`;
  await call("setWebhook", { url, secret_token: secret });
  console.log(`listens at ${url}`);
  console.log(`ready as ${(await call("getMe", {})).username}`);
});
