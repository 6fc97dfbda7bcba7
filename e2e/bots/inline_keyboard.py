"""Asks by buttons under a message, and writes the choice in their place. After python-telegram-bot's `inlinekeyboard`."""

import logging
import os

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import Application, CallbackQueryHandler, ContextTypes, MessageHandler, filters

logging.basicConfig(format="%(levelname)s %(name)s %(message)s", level=logging.WARNING)

LAMPS = {"table": "Table lamp", "floor": "Floor lamp", "none": "Neither"}


async def ask(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    table, floor, none = (InlineKeyboardButton(text, callback_data=data) for data, text in LAMPS.items())
    await update.message.reply_text("Which lamp is it?", reply_markup=InlineKeyboardMarkup([[table, floor], [none]]))


async def chosen(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    query = update.callback_query
    # A press is to be answered even when there is nothing to say: until then the button shows that it waits.
    await query.answer()
    await query.edit_message_text(f"Chosen: {LAMPS[query.data]}")


async def begin(application: Application) -> None:
    print("ready as", application.bot.username, flush=True)


def main() -> None:
    base = os.environ["BOT_API"]
    builder = Application.builder().token(os.environ["BOT_TOKEN"]).post_init(begin)
    application = builder.base_url(f"{base}/bot").base_file_url(f"{base}/file/bot").build()
    application.add_handler(MessageHandler(filters.TEXT, ask))
    application.add_handler(CallbackQueryHandler(chosen))
    application.run_polling(allowed_updates=Update.ALL_TYPES)


if __name__ == "__main__":
    main()
