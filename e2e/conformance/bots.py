"""Methods of the Bot API, each called in one way against a hub, and answered as Telegram's documentation says: raw by HTTP in one
of the four ways that "Making requests" names, or as a library's own function, whose types have to take what comes.

    BOT_API=… BOT_TOKEN=… CHAT=… BLOCKED=… PEOPLE=… python3 bots.py WAY

WAY is GET, form, JSON, multipart, python-telegram-bot, aiogram, grammY or Telegraf; the latter four need the library (of Node's,
PACKAGES names the folder that they are found from). CHAT is a conversation of the bot's, BLOCKED one in which it is blocked, PEOPLE
an address that does what the visitor and an agent do. Prints a JSON object for each call: what it was, and what was wrong with its
answer.
"""

import asyncio
import json
import os
import re
import sys
import urllib.request

from bots_cases import CASES, RAW_CASES, Of, Refused
from bots_ways import RAW, Failure, Way, of

PEOPLE = os.environ["PEOPLE"]
# All calls together are what a bot may send in three seconds: whoever is told to wait more often, or longer, is held back.
MOST_WAITS, LONGEST_WAIT_S = 6, 2
SHOWN = {"@@polls": "getUpdates", "@@downloads": "/file/bot…"}


def filled(value, answers: dict):
    """With what earlier answers have told."""
    if isinstance(value, Of):
        found = answers[value.case]
        for step in value.path:
            found = found[step]
        return found + value.plus if value.plus else found
    if isinstance(value, dict):
        return {name: filled(one, answers) for name, one in value.items()}
    return [filled(one, answers) for one in value] if isinstance(value, list) else value


def differs(wanted, came, at: str = "result") -> str | None:
    """Where what came is not what is documented; what is there beside it is welcome."""
    if isinstance(wanted, type):
        if isinstance(came, bool) and wanted is not bool:
            return f"{at} is {came!r}"
        fine = isinstance(came, (int, str) if at.endswith("date") else (wanted, int) if wanted is float else wanted)
        return None if fine else f"{at} is {came!r}"
    if isinstance(wanted, dict) and isinstance(came, dict):
        return next((why for name, one in wanted.items() if (why := differs(one, came.get(name), f"{at}.{name}"))), None)
    if isinstance(wanted, list) and isinstance(came, list):
        if len(wanted) != len(came):
            return f"{at} has {len(came)} entries and not {len(wanted)}"
        return next((why for n, one in enumerate(wanted) if (why := differs(one, came[n], f"{at}[{n}]"))), None)
    return None if wanted == came else f"{at} is {came!r}"


def bare(description: str) -> str:
    """Some libraries leave out what stands before all of one code, and then begin with a capital letter."""
    return re.sub("^(bad request|conflict|telegram server says - (bad request|conflict)|telegram server says -): *", "", description.casefold())


def people(what: str, given: dict):
    """What the visitor or an agent does and sees, by whom the bot is called."""
    request = urllib.request.Request(f"{PEOPLE}/{what}", json.dumps(given).encode())
    return json.load(urllib.request.urlopen(request, timeout=30))


async def polls(way: str, first: Way, given: dict) -> None:
    """Two programs fetch: one of them goes on, and the other is told."""
    other = of(way)
    try:
        asked = [first.call("getUpdates", {**given, "timeout": 10}), other.call("getUpdates", {**given, "timeout": 1})]
        done = await asyncio.gather(*asked, return_exceptions=True)
    finally:
        await other.close()
    refused = [one for one in done if isinstance(one, Exception)]
    assert len(refused) == 1 and [one for one in done if one not in refused] == [[]], done
    raise refused[0]


class Run:
    def __init__(self, name: str):
        self.name, self.way = name, of(name)
        self.answers: dict = {}
        self.waits = 0

    async def done(self, method: str, given: dict):
        if method == "@@polls":
            return await polls(self.name, self.way, given)
        if method == "@@downloads":
            return (await self.way.download(**given)).decode()
        if method.startswith("@"):
            return await asyncio.to_thread(people, method[1:], given)
        return await self.way.call(method, given)

    async def tried(self, case: str, method: str, parameters: dict, wanted) -> str | None:
        try:
            came = await self.done(method, filled(parameters, self.answers))
        except Failure as refusal:
            if refusal.wait and self.waits < MOST_WAITS:
                self.waits += 1
                await asyncio.sleep(min(refusal.wait, LONGEST_WAIT_S))
                return await self.tried(case, method, parameters, wanted)
            if isinstance(wanted, Refused) and refusal.code == wanted.code and bare(refusal.description) == bare(wanted.description):
                return None
            return f"{refusal.code} {refusal.description}"
        self.answers[case] = came
        return "was not refused" if isinstance(wanted, Refused) else differs(filled(wanted, self.answers), came)

    async def all(self) -> None:
        for case, method, parameters, wanted in CASES + (RAW_CASES if self.name in RAW else []):
            try:
                wrong = await self.tried(case, method, parameters, wanted)
            except Exception as error:  # noqa: BLE001 what a library makes of an answer is a finding, whatever it is
                wrong = f"{type(error).__name__}: {error}"
            shown = "visitor or agent" if method[1:] and method[0] == "@" and method[1] != "@" else SHOWN.get(method, method)
            print(json.dumps({"case": case, "method": shown, "way": self.name, "wrong": wrong}), flush=True)
        await self.way.close()


asyncio.run(Run(sys.argv[1]).all())
