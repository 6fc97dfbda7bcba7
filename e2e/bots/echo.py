"""Says again whatever text it gets, and notices when it is blocked. After python-telegram-bot's `echobot` and `chatmemberbot`."""

import logging
import os

from telegram import ChatMember, ForceReply, Update
from telegram.ext import Application, ChatMemberHandler, CommandHandler, ContextTypes, MessageHandler, filters

logging.basicConfig(format="%(levelname)s %(name)s %(message)s", level=logging.WARNING)


async def start(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    await update.message.reply_html(
        f"Hello, <b>{update.effective_user.full_name}</b>!", reply_markup=ForceReply(selective=True, input_field_placeholder="Write anything")
    )


async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    await update.message.reply_text(update.message.text)


async def membership(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    blocked = update.my_chat_member.new_chat_member.status == ChatMember.BANNED
    print("blocked" if blocked else "unblocked", update.effective_chat.id, flush=True)


async def begin(application: Application) -> None:
    print("ready as", application.bot.username, flush=True)


def main() -> None:
    base = os.environ["BOT_API"]
    builder = Application.builder().token(os.environ["BOT_TOKEN"]).post_init(begin)
    application = builder.base_url(f"{base}/bot").base_file_url(f"{base}/file/bot").build()
    application.add_handler(CommandHandler("start", start))
    application.add_handler(MessageHandler(filters.TEXT & ~filters.COMMAND, echo))
    application.add_handler(ChatMemberHandler(membership, ChatMemberHandler.MY_CHAT_MEMBER))
    application.run_polling(allowed_updates=Update.ALL_TYPES)


if __name__ == "__main__":
    main()
