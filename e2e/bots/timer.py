"""Writes when a time is over. After python-telegram-bot's `timerbot`, which needs its job queue."""

import logging
import os

from telegram import Update
from telegram.error import Forbidden
from telegram.ext import Application, CommandHandler, ContextTypes

logging.basicConfig(format="%(levelname)s %(name)s %(message)s", level=logging.ERROR)


async def alarm(context: ContextTypes.DEFAULT_TYPE) -> None:
    job = context.job
    try:
        await context.bot.send_message(job.chat_id, text=f"Over: {job.data:g} seconds.")
    except Forbidden as error:
        print("refused:", error.message, flush=True)


def remove_job(name: str, context: ContextTypes.DEFAULT_TYPE) -> bool:
    jobs = context.job_queue.get_jobs_by_name(name)
    for job in jobs:
        job.schedule_removal()
    return bool(jobs)


async def set_timer(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    chat = update.effective_message.chat_id
    try:
        seconds = float(context.args[0])
    except (IndexError, ValueError):
        await update.effective_message.reply_text("Usage: /set <seconds>")
        return
    replaced = remove_job(str(chat), context)
    await update.effective_message.reply_text("Timer set anew." if replaced else "Timer set.")
    context.job_queue.run_once(alarm, seconds, chat_id=chat, name=str(chat), data=seconds)


async def unset(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    removed = remove_job(str(update.message.chat_id), context)
    await update.message.reply_text("Timer cancelled." if removed else "There is no timer.")


async def begin(application: Application) -> None:
    print("ready as", application.bot.username, flush=True)


def main() -> None:
    base = os.environ["BOT_API"]
    builder = Application.builder().token(os.environ["BOT_TOKEN"]).post_init(begin)
    application = builder.base_url(f"{base}/bot").base_file_url(f"{base}/file/bot").build()
    application.add_handler(CommandHandler("set", set_timer))
    application.add_handler(CommandHandler("unset", unset))
    application.run_polling(allowed_updates=Update.ALL_TYPES)


if __name__ == "__main__":
    main()
