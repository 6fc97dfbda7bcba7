"""The ways of calling methods: raw by HTTP, in the four that "Making requests" names, or by a library."""

import asyncio
import base64
import json
import os
import re
import urllib.error
import urllib.parse
import urllib.request
import uuid
from typing import Any

from bots_cases import API, TOKEN, File

RAW = ("GET", "form", "JSON", "multipart")


class Failure(Exception):
    """The answer was a refusal."""

    def __init__(self, code: int, description: str, wait: float = 0):
        self.code, self.description, self.wait = code, description, wait


def raw(way: str, method: str, parameters: dict):
    """Calls as one would by hand; the result as it came."""
    plain = {name: value for name, value in parameters.items() if not isinstance(value, File)}
    flat = {name: value if isinstance(value, str) else json.dumps(value) for name, value in plain.items()}
    url, body, kind = f"{API}/bot{TOKEN}/{method}", None, None
    if len(plain) < len(parameters) or way == "multipart":
        boundary = uuid.uuid4().hex
        kind, body = f"multipart/form-data; boundary={boundary}", b""
        for name, value in parameters.items():
            file = f'; filename="{value.name}"' if isinstance(value, File) else ""
            content = value.content if isinstance(value, File) else flat[name].encode()
            body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + content + b"\r\n"
        body += f"--{boundary}--\r\n".encode()
    elif way == "GET":
        url += f"?{urllib.parse.urlencode(flat)}"
    elif way == "form":
        kind, body = "application/x-www-form-urlencoded", urllib.parse.urlencode(flat).encode()
    else:
        kind, body = "application/json", json.dumps(plain).encode()
    request = urllib.request.Request(url, body, {"content-type": kind} if kind else {})
    try:
        answer = json.load(urllib.request.urlopen(request, timeout=30))
    except urllib.error.HTTPError as error:
        answer = json.load(error)
        if error.code != answer["error_code"]:
            raise AssertionError(f"status {error.code} with error_code {answer['error_code']}") from None
        wait = answer.get("parameters", {}).get("retry_after", 0)
        raise Failure(answer["error_code"], answer["description"], wait) from None
    assert answer["ok"] is True, answer
    return answer["result"]


class Way:
    """How methods are called: raw, or as a library's own functions."""

    async def call(self, method: str, parameters: dict):
        raise NotImplementedError

    async def download(self, file_id: str) -> bytes:
        """As by hand, where the library has nothing for it."""
        path = (await self.call("getFile", {"file_id": file_id}))["file_path"]
        address = f"{API}/file/bot{TOKEN}/{path}"
        return await asyncio.to_thread(lambda: urllib.request.urlopen(address, timeout=30).read())

    async def close(self) -> None:
        pass


class Raw(Way):
    def __init__(self, way: str):
        self.way = way

    async def call(self, method: str, parameters: dict):
        return await asyncio.to_thread(raw, self.way, method, parameters)


def snake(method: str) -> str:
    return re.sub("[A-Z]", lambda letter: "_" + letter.group().lower(), method)


class PythonTelegramBot(Way):
    def __init__(self):
        from telegram import Bot, error

        self.codes = {error.Forbidden: 403, error.Conflict: 409, error.InvalidToken: 404, error.BadRequest: 400}
        self.bot = Bot(TOKEN, base_url=f"{API}/bot", base_file_url=f"{API}/file/bot")

    def told(self, value):
        from telegram import TelegramObject

        if isinstance(value, TelegramObject):
            return value.to_dict()
        return [self.told(one) for one in value] if isinstance(value, (list, tuple)) else value

    async def call(self, method: str, parameters: dict):
        from telegram import InputFile, InputMediaDocument, error

        given = {n: InputFile(v.content, v.name) if isinstance(v, File) else v for n, v in parameters.items()}
        if method == "sendMediaGroup":
            given["media"] = [InputMediaDocument(one["media"]) for one in given["media"]]
        if method == "setMyCommands":
            given["commands"] = [(one["command"], one["description"]) for one in given["commands"]]
        try:
            if "." in method:
                return await self.bot.do_api_request(method, api_kwargs=given)
            return self.told(await getattr(self.bot, snake(method))(**given))
        except error.RetryAfter as refusal:
            raise Failure(429, refusal.message, 1) from None
        except error.TelegramError as refusal:
            raise Failure(self.codes[type(refusal)], refusal.message) from None

    async def download(self, file_id: str) -> bytes:
        return bytes(await (await self.bot.get_file(file_id)).download_as_bytearray())


class Aiogram(Way):
    def __init__(self):
        from aiogram import Bot, exceptions
        from aiogram.client.session.aiohttp import AiohttpSession
        from aiogram.client.telegram import TelegramAPIServer

        self.codes = {
            exceptions.TelegramBadRequest: 400,
            exceptions.TelegramForbiddenError: 403,
            exceptions.TelegramNotFound: 404,
            exceptions.TelegramConflictError: 409,
        }
        self.bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(API)))

    def told(self, value):
        from pydantic import BaseModel

        if isinstance(value, BaseModel):
            return value.model_dump(mode="json", by_alias=True, exclude_none=True, warnings=False)
        return [self.told(one) for one in value] if isinstance(value, list) else value

    @staticmethod
    def method(name: str):
        """As a method that the library does not know is told to it."""
        from aiogram import methods

        if "." not in name:
            return getattr(methods, name[0].upper() + name[1:])
        known = {"__returning__": Any, "__api_method__": name, "__module__": __name__}
        return type("Own", (methods.TelegramMethod[Any],), known)

    async def call(self, method: str, parameters: dict):
        from aiogram import exceptions
        from aiogram.types import BufferedInputFile

        given = {n: BufferedInputFile(v.content, v.name) if isinstance(v, File) else v for n, v in parameters.items()}
        try:
            return self.told(await self.bot(self.method(method)(**given)))
        except exceptions.TelegramRetryAfter as refusal:
            raise Failure(429, refusal.message, refusal.retry_after) from None
        except exceptions.TelegramAPIError as refusal:
            raise Failure(self.codes[type(refusal)], refusal.message) from None

    async def download(self, file_id: str) -> bytes:
        return (await self.bot.download(file_id)).read()

    async def close(self) -> None:
        await self.bot.session.close()


class OfNode(Way):
    """A library of Node's, which bots_by_node.mjs calls: a line goes there and a line comes back."""

    def __init__(self, library: str):
        self.library = library
        self.program = None

    async def asked(self, what: dict):
        if not self.program:
            script = os.path.join(os.path.dirname(__file__), "bots_by_node.mjs")
            pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
            self.program = await asyncio.create_subprocess_exec("node", script, self.library, **pipes, limit=1 << 20)
        self.program.stdin.write(json.dumps(what).encode() + b"\n")
        answer = json.loads(await self.program.stdout.readline())
        if refused := answer.get("refused"):
            raise Failure(refused["code"], refused["description"], refused.get("wait", 0))
        if "broke" in answer:
            raise AssertionError(answer["broke"])
        return answer.get("result")

    async def call(self, method: str, parameters: dict):
        plain = {name: value for name, value in parameters.items() if not isinstance(value, File)}
        files = {n: [v.name, base64.b64encode(v.content).decode()] for n, v in parameters.items() if isinstance(v, File)}
        return await self.asked({"method": method, "parameters": plain, "files": files})

    async def download(self, file_id: str) -> bytes:
        return (await self.asked({"download": file_id})).encode()

    async def close(self) -> None:
        if self.program:
            self.program.stdin.close()
            await self.program.wait()


def of(way: str) -> Way:
    if way in RAW:
        return Raw(way)
    if way in ("grammY", "Telegraf"):
        return OfNode(way)
    return Aiogram() if way == "aiogram" else PythonTelegramBot()
