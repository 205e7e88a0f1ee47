"""The soak's browsers: HTTP/1.1 on asyncio streams, with strict reading, cookies, tabs, and many ways to leave without a word."""

import asyncio
import random
import re
import socket
import struct
import urllib.parse

from visitor import NAVIGATION, Cookie, forms

TIMEOUT = 30
SCRIPT = [("Accept", "*/*"), ("Sec-Fetch-Mode", "cors"), ("Sec-Fetch-Site", "same-origin")]


class Wrong(Exception):
    """An answer that nothing excuses: another patient, another user's page, a record without a login."""


class Unanswered(Exception):
    """A 5xx, or an end without an answer: a fault, unless the app was down."""


class Answer:
    def __init__(self, status, fields):
        self.status = status
        self.fields = fields
        self.body = b""

    def get(self, name):
        return next((value for key, value in self.fields if key == name), None)

    def expect(self, *statuses):
        if self.status in statuses:
            return self
        if self.status >= 500:
            raise Unanswered(f"{self.status}")
        raise Wrong(f"{self.status} instead of {statuses}: {self.body[:300]!r}")

    @property
    def text(self):
        return self.body.decode()


class Link:
    """One connection to the gateway."""

    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer

    @classmethod
    async def open(cls, port, receive_buffer=None):
        connection = socket.socket()
        connection.setblocking(False)
        if receive_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        try:
            await asyncio.wait_for(asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", port)), TIMEOUT)
        except OSError as error:
            connection.close()
            raise Wrong(f"the gateway accepts no connection: {error}") from None
        return cls(*await asyncio.open_connection(sock=connection, limit=1 << 20))

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        self.writer.close()

    def reset(self):
        """Ends the connection with a RST."""
        connection = self.writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    def leave(self, chance):
        """Ends the connection, politely or not."""
        if chance.random() < 0.5:
            self.reset()
        else:
            self.writer.close()

    async def send(self, data):
        self.writer.write(data)
        await asyncio.wait_for(self.writer.drain(), TIMEOUT)

    async def head(self):
        data = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), TIMEOUT)
        line, *fields = data[:-4].decode("latin-1").split("\r\n")
        match = re.fullmatch(r"HTTP/1\.1 ([1-5][0-9][0-9]) .*", line)
        if not match:
            raise Wrong(f"status line {line!r}")
        return Answer(int(match[1]), [(name.lower(), value.strip()) for name, _, value in (field.partition(":") for field in fields)])

    async def pieces(self, answer):
        """The body of an answer in pieces; it has to end as its framing says."""
        length = answer.get("content-length")
        if answer.get("transfer-encoding") == "chunked":
            while size := int(await asyncio.wait_for(self.reader.readuntil(b"\r\n"), TIMEOUT), 16):
                yield (await asyncio.wait_for(self.reader.readexactly(size + 2), TIMEOUT))[:-2]
            await self.reader.readuntil(b"\r\n")
            return
        if length is None:
            raise Wrong(f"an answer without a length: {answer.status} {answer.fields}")
        left = int(length)
        while left:
            data = await asyncio.wait_for(self.reader.read(min(left, 1 << 18)), TIMEOUT)
            if not data:
                raise asyncio.IncompleteReadError(b"", left)
            left -= len(data)
            yield data

    async def answer(self):
        answer = await self.head()
        while 100 <= answer.status < 200 and answer.status != 101:
            answer = await self.head()
        if answer.status not in (101, 204, 304):
            answer.body = b"".join([data async for data in self.pieces(answer)])
        return answer


class Browser:
    """One profile at one site."""

    def __init__(self, port, host, user):
        self.port = port
        self.host = host
        self.user = user
        self.jar = {}

    @property
    def origin(self):
        return f"http://{self.host}:{self.port}"

    def open(self, **options):
        return Link.open(self.port, **options)

    def head(self, method, target, fields=()):
        """The bytes of a request's head. Lies about user and patient are part of it: the app checks that it sees none."""
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self.host}:{self.port}"]
        if self.jar:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.jar.items()))
        lines += [f"{name}: {value}" for name, value in fields]
        lines += ["X_Auth_User: eve", "X-Cliniko-Patient-Id: 666"]
        return "\r\n".join(lines).encode() + b"\r\n\r\n"

    async def ask(self, link, method, target, fields=NAVIGATION, body=None):
        if body is not None:
            fields = [*fields, ("Content-Length", len(body))]
        await link.send(self.head(method, target, fields) + (body or b""))
        answer = await link.answer()
        self.keep(answer)
        return answer

    def keep(self, answer):
        for name, value in answer.fields:
            if name == "set-cookie":
                cookie = Cookie(value)
                if cookie.deletes:
                    self.jar.pop(cookie.name, None)
                else:
                    self.jar[cookie.name] = cookie.value

    def path(self, address):
        if address and address.startswith(self.origin + "/"):
            return address[len(self.origin):]
        if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
            raise Wrong(f"leads off the site: {address!r}")
        return address

    async def login_page(self, link, target):
        """Clicks while signed out; the login page's address and form."""
        first = (await self.ask(link, "GET", target)).expect(302)
        address = self.path(first.get("location"))
        if not address.startswith("/.anteroom/login"):
            raise Wrong(f"a stranger is sent to {address}")
        page = (await self.ask(link, "GET", address)).expect(200)
        form = next((form for form in forms(page.text) if {"user", "password"} <= set(form.names)), None)
        if form is None:
            raise Wrong(f"no form on the login page: {page.text[:300]}")
        return address, form

    async def submit(self, link, address, form, fields):
        body = urllib.parse.urlencode({**dict(form.hidden()), **fields}).encode()
        sent = [(name, "same-origin" if name == "Sec-Fetch-Site" else value) for name, value in NAVIGATION]
        sent += [("Content-Type", "application/x-www-form-urlencoded"), ("Referer", self.origin + address), ("Origin", self.origin)]
        return await self.ask(link, "POST", self.path(urllib.parse.urljoin(self.origin + address, form.action or "")), sent, body)


def random_patient(chance):
    return str(chance.randrange(1, 1 << 63))


def chunks(data, chance):
    """`data` in chunks of random sizes."""
    position = 0
    while position < len(data):
        part = data[position:position + chance.choice([1, 100, 4096, 65536])] if position else data[:1000]
        position += len(part)
        yield b"%x\r\n%s\r\n" % (len(part), part)
    yield b"0\r\n\r\n"


def websocket_frame(data, opcode, chance):
    """A frame as browsers send it: final, masked (RFC 6455 section 5.2)."""
    mask = chance.randbytes(4)
    length = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack(">H", len(data))
    masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(data))
    return bytes([0x80 | opcode]) + length + mask + masked


async def read_websocket_frame(reader):
    first, length = await asyncio.wait_for(reader.readexactly(2), TIMEOUT)
    if length == 126:
        length = struct.unpack(">H", await reader.readexactly(2))[0]
    return first & 0x0F, await asyncio.wait_for(reader.readexactly(length), TIMEOUT)


def seeded(*parts):
    return random.Random(" ".join(map(str, parts)))
