"""What the soak's people do: each action is one method of `Actor`, picked by weight, and checks every answer it gets."""

import asyncio
import hashlib
import json
import time
from pathlib import Path

from soak_app import BLOCK, block
from soak_client import SCRIPT, TIMEOUT, Browser, Link, Unanswered, Wrong, chunks, random_patient, read_websocket_frame, seeded, websocket_frame
from soak_measure import APPS, FILES
from visitor import NAVIGATION, forms

# Bytes that do not fit into a login page's address.
LONG = 4000
WEIGHTS = {
    "click": 30, "sign_in_in_tabs": 8, "log_out": 3, "wrong_password": 2, "stranger": 5, "ambiguous_patient": 4, "foreign_host": 1,
    "upload": 8, "download": 8, "file": 6, "store": 3, "websocket": 5, "slow_reader": 1, "malformed": 2, "silent": 1,
    "leave_in_head": 3, "leave_in_upload": 4, "leave_before_answer": 3, "leave_in_download": 4, "leave_in_websocket": 3, "leave_in_login": 2,
}


class Actor:
    """One person with a browser profile at each site."""

    def __init__(self, number, port, users, password, files, tally, seed):
        self.chance = seeded("actor", number, seed)
        self.port = port
        self.user = users[number % len(users)]
        self.password = password
        self.files = files
        self.tally = tally
        self.browsers = {}

    async def work(self, pace, stop):
        names, weights = zip(*WEIGHTS.items())
        while not stop.is_set():
            await pace.turn()
            name = self.chance.choices(names, weights)[0]
            self.host = FILES if name in ("file", "store") else self.chance.choice(APPS)
            began = time.monotonic()
            try:
                await getattr(self, name)()
                self.tally.count(self.tally.done, name)
            except (Unanswered, asyncio.IncompleteReadError, asyncio.TimeoutError, ConnectionError) as error:
                if self.tally.was_down(self.host, began, time.monotonic()):
                    self.tally.count(self.tally.excused, name)
                else:
                    self.tally.fault(f"{name} at {self.host}, {time.monotonic() - began:.3f} s: {error!r}")
            except Exception as error:
                self.tally.fault(f"{name} at {self.host}: {error!r}")

    def new_browser(self):
        return Browser(self.port, self.host, self.user)

    async def browser(self):
        """A signed-in profile at the site in hand."""
        if self.host not in self.browsers:
            await self.sign_in([random_patient(self.chance)])
        return self.browsers[self.host]

    def check(self, answer, target, patient, browser):
        """The page is this request's own, and nobody else's."""
        if answer.status >= 500:
            raise Unanswered(f"{answer.status} {answer.get('content-type')}")
        if answer.status != 200:
            raise Wrong(f"{answer.status} instead of patient {patient} for {browser.user}: {answer.get('location')} {answer.body[:200]!r}")
        if self.host == FILES:
            seen = tuple(answer.text.split("\n")[0].split(" "))
        else:
            value = json.loads(answer.text)
            seen = (value["target"], value["patient"], value["user"])
        if seen != (target, patient, browser.user):
            raise Wrong(f"{seen} instead of {(target, patient, browser.user)}")
        if patient:
            if answer.get("cache-control") != "no-store":
                raise Wrong(f"a patient's page with Cache-Control {answer.get('cache-control')}")
            self.tally.shown.add(patient)
        self.tally.answers += 1

    async def sign_in(self, patients):
        """Opens all tabs, then signs in in each of them in some order: each comes back to its own patient."""
        browser = self.new_browser()
        tabs = []
        try:
            for patient in patients:
                fill = "x" * self.chance.choice([1, 1, 1, 1, 1, LONG])
                target = f"/patients?patient_id={patient}&return=https://x/y;z&a=%2F+b&fill={fill}"
                link = await browser.open()
                tabs.append((link, target, patient, *await browser.login_page(link, target)))
            self.chance.shuffle(tabs)
            for link, target, patient, address, form in tabs:
                answer = (await browser.submit(link, address, form, {"user": browser.user, "password": self.password})).expect(303)
                place = browser.path(answer.get("location"))
                # Of addresses too long for a URL the gateway keeps as many as it may; the others come to the start page.
                if place == "/" and len(target) > LONG:
                    self.tally.count(self.tally.done, "(long address not kept)")
                elif place != target:
                    raise Wrong(f"back to {place} instead of {target}")
                self.browsers[self.host] = browser
                self.check(await browser.ask(link, "GET", target), target, patient, browser)
        finally:
            for tab in tabs:
                tab[0].writer.close()

    async def sign_in_in_tabs(self):
        await self.sign_in([random_patient(self.chance) for _ in range(self.chance.randrange(1, 5))])

    async def click(self):
        """Several tabs at once, several patients in each."""
        browser = await self.browser()

        async def tab(turns):
            async with await browser.open() as link:
                for _ in range(turns):
                    patient = random_patient(self.chance)
                    target = f"/patients?patient_id={patient}&x=%zz"
                    self.check(await browser.ask(link, "GET", target), target, patient, browser)
                    if self.host != FILES and self.chance.random() < 0.3:
                        self.check(await browser.ask(link, "GET", "/notes/1?patient_id=5", SCRIPT), "/notes/1?patient_id=5", "", browser)

        tabs = [asyncio.ensure_future(tab(self.chance.randrange(1, 6))) for _ in range(self.chance.randrange(1, 4))]
        for outcome in await asyncio.gather(*tabs, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome

    async def log_out(self):
        browser = await self.browser()
        async with await browser.open() as link:
            page = (await browser.ask(link, "GET", "/.anteroom/logout")).expect(200)
            form = next(form for form in forms(page.text) if "token" in form.names)
            old = dict(browser.jar)
            (await browser.submit(link, "/.anteroom/logout", form, {})).expect(200, 303)
            del self.browsers[self.host]
            browser.jar = old
            (await browser.ask(link, "GET", f"/patients?patient_id={random_patient(self.chance)}")).expect(302)
            (await browser.ask(link, "GET", "/notes", SCRIPT)).expect(401)

    async def wrong_password(self):
        browser = self.new_browser()
        user = self.chance.choice([self.user, f"nobody{self.chance.randrange(50)}"])
        async with await browser.open() as link:
            address, form = await browser.login_page(link, "/patients?patient_id=1")
            (await browser.submit(link, address, form, {"user": user, "password": "wrong wrong wrong"})).expect(403)
            (await browser.ask(link, "GET", "/notes", SCRIPT)).expect(401)

    async def stranger(self):
        browser = self.new_browser()
        if self.chance.random() < 0.5:
            browser.jar = {"anteroom": self.chance.choice(["", "x", "v1." + "A" * 300, "x" * 3000])}
        async with await browser.open() as link:
            for _ in range(self.chance.randrange(1, 5)):
                method, body = self.chance.choice([("GET", None), ("POST", b"x" * 5000), ("DELETE", None)])
                (await browser.ask(link, method, f"/patients?patient_id={random_patient(self.chance)}", SCRIPT, body)).expect(401)
            await browser.login_page(link, f"/patients?patient_id={random_patient(self.chance)}")

    async def ambiguous_patient(self):
        browser = await self.browser()
        async with await browser.open() as link:
            for query in self.chance.sample(["patient_id=1&patient_id=2", "patient_id[]=2", "patient_id=1;Patient.Id=2", "patient_id=", "patient_id=01"], 3):
                (await browser.ask(link, "GET", f"/patients?{query}")).expect(400)

    async def foreign_host(self):
        browser = Browser(self.port, "elsewhere.test", self.user)
        async with await browser.open() as link:
            (await browser.ask(link, "GET", "/patients?patient_id=1")).expect(421)

    async def upload(self):
        browser = await self.browser()
        body = self.chance.randbytes(self.chance.choice([0, 10, 3000, 40_000, 300_000, 2_000_000]))
        async with await browser.open() as link:
            for _ in range(self.chance.randrange(1, 3)):
                if self.chance.random() < 0.5:
                    answer = await browser.ask(link, "POST", "/upload", SCRIPT, body)
                else:
                    await link.send(browser.head("PUT", "/upload", [*SCRIPT, ("Transfer-Encoding", "chunked")]))
                    for part in chunks(body, self.chance):
                        await link.send(part)
                    answer = await link.answer()
                value = json.loads(answer.expect(200).text)
                if (value["length"], value["digest"], value["user"]) != (len(body), hashlib.sha256(body).hexdigest(), browser.user):
                    raise Wrong(f"{len(body)} bytes arrived as {value}")

    async def download(self):
        browser = await self.browser()
        async with await browser.open() as link:
            await self.take_download(browser, link, self.chance.choice([0, 1, 70_000]))
            # The last one: while a large answer lies in the kernel's buffers, the connection already counts as idle for the gateway.
            await self.take_download(browser, link, self.chance.choice([1, 1_000_000, 5_000_000]))

    async def take_download(self, browser, link, size, pause=0.0):
        seed = self.chance.randrange(8)
        framing = self.chance.choice(["", "&chunked=1"])
        await link.send(browser.head("GET", f"/download?bytes={size}&seed={seed}{framing}", NAVIGATION))
        answer = (await link.head()).expect(200)
        content, position = block(seed), 0
        async for data in link.pieces(answer):
            offset = position % BLOCK
            expected = (content * (2 + len(data) // BLOCK))[offset:offset + len(data)]
            if data != expected:
                raise Wrong(f"the download differs between {position} and {position + len(data)}")
            position += len(data)
            if pause:
                await asyncio.sleep(pause)
        if position != size:
            raise Wrong(f"{position} of {size} bytes")

    async def slow_reader(self):
        browser = await self.browser()
        async with await browser.open(receive_buffer=4096) as link:
            await self.take_download(browser, link, 1_000_000, pause=0.005)

    async def file(self):
        browser = await self.browser()
        name = self.chance.choice(list(self.files))
        async with await browser.open() as link:
            answer = (await browser.ask(link, "GET", f"/{name}")).expect(200)
            if hashlib.sha256(answer.body).digest() != self.files[name]:
                raise Wrong(f"{name} arrived otherwise: {len(answer.body)} bytes")
            target = f"/patients?patient_id={random_patient(self.chance)}"
            self.check(await browser.ask(link, "GET", target), target, target.partition("=")[2], browser)

    async def store(self):
        """nginx keeps what is sent to it."""
        browser = await self.browser()
        body = self.chance.randbytes(self.chance.choice([3000, 500_000, 4_000_000]))
        async with await browser.open() as link:
            answer = (await browser.ask(link, "PUT", "/up", NAVIGATION, body)).expect(200)
        stored = Path(answer.get("x-file"))
        if stored.read_bytes() != body or answer.get("x-user") != browser.user:
            raise Wrong(f"{len(body)} bytes of {browser.user} arrived otherwise, from {answer.get('x-user')}")
        stored.unlink()

    async def open_websocket(self, browser, link):
        fields = [
            ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Sec-Fetch-Mode", "websocket"),
        ]
        await link.send(browser.head("GET", "/ws", fields))
        answer = (await link.answer()).expect(101)
        if answer.get("sec-websocket-accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=":
            raise Wrong(f"WebSocket: {answer.fields}")
        for _ in range(self.chance.randrange(1, 10)):
            data = self.chance.randbytes(self.chance.choice([1, 100, 125, 126, 5000, 60_000]))
            await link.send(websocket_frame(data, 2, self.chance))
            if await read_websocket_frame(link.reader) != (2, data):
                raise Wrong("a message came back otherwise")

    async def websocket(self):
        browser = await self.browser()
        async with await browser.open() as link:
            await self.open_websocket(browser, link)
            await link.send(websocket_frame(b"\x03\xe8", 8, self.chance))
            if await read_websocket_frame(link.reader) != (8, b"\x03\xe8"):
                raise Wrong("no close frame")
            if await asyncio.wait_for(link.reader.read(1), TIMEOUT):
                raise Wrong("more bytes after the close frame")

    async def malformed(self):
        bad = self.chance.choice([
            b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/9.9\r\nHost: solo.test\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: solo.test\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: solo.test\r\nX : y\r\n\r\n", b"GET / HTTP/1.1\r\nHost: solo.test\r\nX: " + b"y" * 20_000 + b"\r\n\r\n",
        ])
        async with await Link.open(self.port) as link:
            await link.send(bad)
            answer = await link.answer()
            if answer.status not in (400, 431, 505):
                raise Wrong(f"{answer.status} for {bad[:60]!r}")
            if await asyncio.wait_for(link.reader.read(1), TIMEOUT):
                raise Wrong(f"more bytes after the answer to {bad[:60]!r}")

    async def silent(self):
        async with await Link.open(self.port):
            await asyncio.sleep(self.chance.random())

    async def leave_in_head(self):
        browser = await self.browser()
        async with await browser.open() as link:
            head = browser.head("GET", "/patients?patient_id=1", NAVIGATION)
            await link.send(head[:self.chance.randrange(1, len(head))])
            await asyncio.sleep(self.chance.random() / 20)
            link.leave(self.chance)

    async def leave_in_upload(self):
        browser = await self.browser()
        framing, body = self.chance.choice([
            (("Content-Length", 1_000_000), b"x" * self.chance.randrange(300_000)),
            (("Transfer-Encoding", "chunked"), b"ffff\r\n" + b"x" * self.chance.randrange(60_000)),
        ])
        async with await browser.open() as link:
            await link.send(browser.head("POST", "/upload", [*SCRIPT, framing]) + body)
            await asyncio.sleep(self.chance.random() / 20)
            link.leave(self.chance)

    async def leave_before_answer(self):
        browser = await self.browser()
        async with await browser.open() as link:
            await link.send(browser.head("GET", "/slow", SCRIPT))
            await asyncio.sleep(self.chance.random() / 5)
            link.leave(self.chance)

    async def leave_in_download(self):
        browser = await self.browser()
        async with await browser.open() as link:
            await link.send(browser.head("GET", "/download?bytes=20000000&seed=1", NAVIGATION))
            if self.chance.random() < 0.8:
                (await link.head()).expect(200)
                await asyncio.wait_for(link.reader.readexactly(self.chance.randrange(1, 500_000)), TIMEOUT)
            link.leave(self.chance)

    async def leave_in_websocket(self):
        browser = await self.browser()
        async with await browser.open() as link:
            await self.open_websocket(browser, link)
            await link.send(websocket_frame(bytes(5000), 2, self.chance)[:self.chance.randrange(1, 5000)])
            link.leave(self.chance)

    async def leave_in_login(self):
        """While the password is being checked, or before it was sent whole."""
        browser = self.new_browser()
        async with await browser.open() as link:
            address, form = await browser.login_page(link, f"/patients?patient_id={random_patient(self.chance)}")
            asking = asyncio.ensure_future(browser.submit(link, address, form, {"user": browser.user, "password": self.password}))
            await asyncio.sleep(self.chance.random() / 100)
            link.leave(self.chance)
            await asyncio.gather(asking, return_exceptions=True)
