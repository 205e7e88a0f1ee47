"""The soak's app: answers with what it saw, checks what no app behind the gateway may see, and can be killed at any time.

Usage: soak_app.py PORT. It says `ready` on its standard output, and `fault: ...` for each request that it should not have been sent.
"""

import asyncio
import base64
import hashlib
import json
import random
import struct
import sys
import urllib.parse

BLOCK = 64 << 10
WEBSOCKET_KEY = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def block(seed):
    """The bytes of which a download consists, again and again."""
    return random.Random(f"block {seed}").randbytes(BLOCK)


class Request:
    def __init__(self, head):
        line, *fields = head[:-4].decode("latin-1").split("\r\n")
        self.method, self.target, _ = line.split(" ")
        self.path, _, query = self.target.partition("?")
        self.query = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        self.fields = {}
        for field in fields:
            name, _, value = field.partition(":")
            self.fields.setdefault(name.lower(), []).append(value.strip())

    def one(self, name):
        return self.fields.get(name, [""])[0]

    def faults(self):
        """What the gateway must never let happen."""
        if len(self.fields.get("x-auth-user", [])) != 1:
            yield f"users {self.fields.get('x-auth-user')}"
        wanted = [self.query.get("patient_id")] if self.path == "/patients" else []
        if self.fields.get("x-cliniko-patient-id", []) != wanted:
            yield f"patient header {self.fields.get('x-cliniko-patient-id')} for {self.target}"
        for name in self.fields:
            if "_" in name:
                yield f"field {name}"
        if any("anteroom" in value for value in self.fields.get("cookie", [])):
            yield "a cookie of the gateway's"


async def read_body(request, reader):
    """The request's body in pieces, in either framing."""
    if request.one("transfer-encoding"):
        while size := int((await reader.readuntil(b"\r\n")).partition(b";")[0], 16):
            yield (await reader.readexactly(size + 2))[:-2]
        await reader.readuntil(b"\r\n")
        return
    left = int(request.one("content-length") or 0)
    while left:
        data = await reader.read(min(left, BLOCK))
        if not data:
            raise asyncio.IncompleteReadError(b"", left)
        left -= len(data)
        yield data


async def answer(writer, value):
    text = json.dumps(value).encode()
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text))
    await writer.drain()


async def download(request, writer):
    left, content = int(request.query["bytes"]), block(request.query["seed"])
    is_chunked = "chunked" in request.query
    framing = "Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {left}"
    writer.write(f"HTTP/1.1 200 OK\r\n{framing}\r\n\r\n".encode())
    while left:
        part = content[:left]
        left -= len(part)
        writer.write(b"%x\r\n%s\r\n" % (len(part), part) if is_chunked else part)
        await writer.drain()
    if is_chunked:
        writer.write(b"0\r\n\r\n")
        await writer.drain()


async def websocket(request, reader, writer):
    """Sends each message back, until a close frame or the end (RFC 6455)."""
    accept = base64.b64encode(hashlib.sha1((request.one("sec-websocket-key") + WEBSOCKET_KEY).encode()).digest()).decode()
    writer.write(f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n".encode())
    while True:
        first, length = await reader.readexactly(2)
        length &= 0x7F
        if length == 126:
            length = struct.unpack(">H", await reader.readexactly(2))[0]
        mask = await reader.readexactly(4)
        data = await reader.readexactly(length)
        data = (int.from_bytes(data, "big") ^ int.from_bytes((mask * (length // 4 + 1))[:length], "big")).to_bytes(length, "big")
        writer.write(bytes([first]) + (bytes([length]) if length < 126 else b"\x7e" + struct.pack(">H", length)) + data)
        await writer.drain()
        if first & 0x0F == 8:
            return


async def serve(reader, writer):
    try:
        while True:
            request = Request(await reader.readuntil(b"\r\n\r\n"))
            for fault in request.faults():
                print(f"fault: {fault}", flush=True)
            if request.path == "/ws":
                return await websocket(request, reader, writer)
            digest, length = hashlib.sha256(), 0
            async for data in read_body(request, reader):
                digest.update(data)
                length += len(data)
            if request.path == "/download":
                await download(request, writer)
                continue
            if request.path == "/slow":
                await asyncio.sleep(0.2)
            await answer(writer, {
                "method": request.method, "target": request.target, "user": request.one("x-auth-user"),
                "patient": request.one("x-cliniko-patient-id"), "length": length, "digest": digest.hexdigest(),
            })
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    # The port is reserved by the one who started this: he has it bound, with the same option, and does not listen.
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]), backlog=512, reuse_port=True)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
