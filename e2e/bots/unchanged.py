"""Runs an example of python-telegram-bot's as its authors wrote it. What they leave to whoever tries it, the token, comes from the
environment, and so does the Bot API server.

    BOT_API=… BOT_TOKEN=… python3 unchanged.py path/to/echobot.py
"""

import os
import runpy
import sys

from telegram.ext import ApplicationBuilder

put_in = ApplicationBuilder.token


def token(builder: ApplicationBuilder, _placeholder: str) -> ApplicationBuilder:
    base = os.environ["BOT_API"]
    return put_in(builder, os.environ["BOT_TOKEN"]).base_url(f"{base}/bot").base_file_url(f"{base}/file/bot")


ApplicationBuilder.token = token
runpy.run_path(sys.argv[1], run_name="__main__")
