"""Many at once: every answer belongs to its request, and its person."""

import asyncio
import hashlib
import random

from gateway import PASSWORD, account, configuration, site
from visitor import Visitor
from waiting import until

CONNECTIONS = 200
REQUESTS = 25


class Mirror:
    """An app that says which request it saw, in either framing, at its own pace; on asyncio, for many connections."""

    async def start(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0, backlog=1024)
        self.port = self.server.sockets[0].getsockname()[1]

    async def serve(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                line, *fields = head[:-4].split("\r\n")
                values = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
                body = await reader.readexactly(int(values.get("content-length", 0)))
                if "transfer-encoding" in values:
                    while size := int(await reader.readuntil(b"\r\n"), 16):
                        body += (await reader.readexactly(size + 2))[:-2]
                    await reader.readuntil(b"\r\n")
                text = "|".join([line.split(" ")[1], values.get("x-auth-user", ""), values.get("x-cliniko-patient-id", ""), hashlib.sha256(body).hexdigest()]).encode()
                if random.random() < 0.3:
                    await asyncio.sleep(random.random() / 50)
                if random.random() < 0.5:
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text))
                else:
                    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (10, text[:10]))
                    writer.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(text) - 10, text[10:]))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def read_answer(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status = int(head.split(" ")[1])
    lower = head.lower()
    if "transfer-encoding: chunked" in lower:
        body = b""
        while size := int(await reader.readuntil(b"\r\n"), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readuntil(b"\r\n")
    else:
        body = await reader.readexactly(int(lower.split("content-length:")[1].split("\r\n")[0]))
    return status, body.decode()


def test_two_hundred_connections_get_their_own_answers(make_gateway):
    people = [f"user{number}" for number in range(8)]

    async def main():
        mirror = Mirror()
        await mirror.start()
        text = configuration(site(f"http://127.0.0.1:{mirror.port}", more="open /open/*"))
        gateway = await asyncio.to_thread(make_gateway, text, [account(user) for user in people])
        cookies = {}
        for user in people:
            visitor = Visitor(gateway.port)
            await asyncio.to_thread(visitor.sign_in, user, PASSWORD)
            cookies[user] = visitor.cookie_header()
        faults = []

        async def client(number):
            chance = random.Random(number)
            reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
            try:
                for turn in range(REQUESTS):
                    user = chance.choice(people)
                    patient = str(chance.randrange(1, 1 << 63))
                    body = chance.randbytes(chance.choice([0, 0, 10, 3000, 40000]))
                    target = f"/patients?patient_id={patient}&n={number}.{turn}"
                    head = f"POST {target} HTTP/1.1\r\nHost: app.test\r\nCookie: {cookies[user]}\r\n"
                    if chance.random() < 0.5:
                        writer.write(head.encode() + b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
                    else:
                        writer.write(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + (b"%x\r\n%s\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n")
                    expected = "|".join([target, user, patient, hashlib.sha256(body).hexdigest()])
                    status, text = await asyncio.wait_for(read_answer(reader), 60)
                    if (status, text) != (200, expected):
                        faults.append((status, text, expected))
            except Exception as error:
                faults.append((number, repr(error)))
            finally:
                writer.close()

        await asyncio.gather(*(client(number) for number in range(CONNECTIONS)))
        mirror.server.close()
        assert faults == [], faults[:5]
        assert gateway.peak() < 150 << 20

    asyncio.run(main())


def test_more_connections_than_the_limit_get_their_turn(make_gateway, upstream):
    gateway = make_gateway(configuration(site(upstream.url, more="open /open/*"), top="limits { connections 50 }"))
    visitor = Visitor(gateway.port)
    clients = []
    try:
        for _ in range(120):
            clients.append(visitor.connect(timeout=15))
        for client in clients:
            client.send(visitor.message("GET", "/open/x"))
        for client in clients:
            assert client.response().status == 200
    finally:
        for client in clients:
            client.close()
    assert visitor.fetch("/open/x").status == 200
