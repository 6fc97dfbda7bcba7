"""Asks one thing after another, with a keyboard for the first, and may be cancelled. After python-telegram-bot's
`conversationbot`."""

import logging
import os

from telegram import ReplyKeyboardMarkup, ReplyKeyboardRemove, Update
from telegram.ext import Application, CommandHandler, ContextTypes, ConversationHandler, MessageHandler, filters

logging.basicConfig(format="%(levelname)s %(name)s %(message)s", level=logging.WARNING)

KIND, PHOTO, PLACE, WORDS = range(4)
KINDS = ["Table", "Floor", "Wall"]


async def start(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    keyboard = ReplyKeyboardMarkup([KINDS], one_time_keyboard=True, input_field_placeholder="Table, floor or wall?")
    await update.message.reply_text("What kind of lamp is broken? /cancel ends this.", reply_markup=keyboard)
    return KIND


async def kind(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    context.user_data["kind"] = update.message.text
    await update.message.reply_text("Send a photo of it, or /skip.", reply_markup=ReplyKeyboardRemove())
    return PHOTO


async def photo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    file = await update.message.photo[-1].get_file()
    context.user_data["photo"] = len(await file.download_as_bytearray())
    await update.message.reply_text(f"A photo of {context.user_data['photo']} bytes. Where does it stand?")
    return PLACE


async def skip_photo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    await update.message.reply_text("No photo then. Where does it stand?")
    return PLACE


async def place(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    context.user_data["place"] = update.message.text
    await update.message.reply_text("And what is wrong with it?")
    return WORDS


async def words(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    told = context.user_data
    await update.message.reply_text(f"{told['kind']} lamp, {told['place']}: {update.message.text}. Thank you!")
    return ConversationHandler.END


async def cancel(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    await update.message.reply_text("Goodbye.", reply_markup=ReplyKeyboardRemove())
    return ConversationHandler.END


async def begin(application: Application) -> None:
    print("ready as", application.bot.username, flush=True)


def main() -> None:
    base = os.environ["BOT_API"]
    builder = Application.builder().token(os.environ["BOT_TOKEN"]).post_init(begin)
    application = builder.base_url(f"{base}/bot").base_file_url(f"{base}/file/bot").build()
    text = filters.TEXT & ~filters.COMMAND
    application.add_handler(
        ConversationHandler(
            entry_points=[CommandHandler("start", start)],
            states={
                KIND: [MessageHandler(filters.Regex(f"^({'|'.join(KINDS)})$"), kind)],
                PHOTO: [MessageHandler(filters.PHOTO, photo), CommandHandler("skip", skip_photo)],
                PLACE: [MessageHandler(text, place)],
                WORDS: [MessageHandler(text, words)],
            },
            fallbacks=[CommandHandler("cancel", cancel)],
        )
    )
    application.run_polling(allowed_updates=Update.ALL_TYPES)


if __name__ == "__main__":
    main()
