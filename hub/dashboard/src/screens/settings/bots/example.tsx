/** What a program needs to be a bot here: the address that it speaks to, and the whole of a small one. */
import { t } from "@switchboard/ui/i18n/channels";
import { Copyable } from "../parts";

/** Of this hub, as libraries ask for it: the token follows at once. */
export function baseUrl(): string {
  return `${window.location.origin}/bot`;
}

/** Where they fetch files, which they would else ask for elsewhere, with our token. */
export function fileUrl(): string {
  return `${window.location.origin}/file/bot`;
}

function program(token: string): string {
  return `from telegram.ext import Application, MessageHandler, filters

TOKEN = "${token}"

async def echo(update, context):
    await update.effective_message.reply_text(update.effective_message.text)

app = (
    Application.builder()
    .token(TOKEN)
    .base_url("${baseUrl()}")
    .base_file_url("${fileUrl()}")
    .build()
)
app.add_handler(MessageHandler(filters.TEXT, echo))
app.run_polling()`;
}

export function Example({ token = "TOKEN", copied }: { readonly token?: string; copied?(): void }) {
  return (
    <div class="dk-bot-example">
      <h3>{t("bot.example")}</h3>
      <p class="dk-muted">{t("bot.exampleBody")}</p>
      <Copyable text={program(token)} label={t("bot.copyExample")} onCopied={copied} />
    </div>
  );
}
