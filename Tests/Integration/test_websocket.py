"""What stays open: WebSockets between real programs on both sides, in a real browser, and server-sent events."""

import asyncio
import os
import socket
import ssl
import threading

import pytest
import websockets

from authority import Authority
from gateway import PASSWORD, account, configuration, site, write_accounts
from visitor import Visitor
from waiting import until
from websocket_app import WebSocketApp

UPGRADE = [("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")]
SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\n"
EVENTS = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def app():
    made = WebSocketApp()
    yield made
    made.stop()


@pytest.fixture
def signed_in(make_gateway):
    """A signed-in visitor of a gateway in front of an app."""
    def make(url, more="", top="", hosts="app.test"):
        front = make_gateway(configuration(site(url, hosts=hosts, more=more), top=top))
        visitor = Visitor(front.port, hosts.split()[0])
        visitor.front = front
        visitor.sign_in()
        return visitor
    return make


def at(visitor, origin=None, path="/ws"):
    """A handshake of a signed-in visitor, with the site's own name in Host."""
    return websockets.connect(
        f"ws://{visitor.authority}{path}", origin=origin, max_size=None, ping_interval=None,
        extra_headers={"Cookie": visitor.cookie_header()}, host="127.0.0.1", port=visitor.port)


def test_messages_of_all_sizes_go_both_ways_and_the_close_is_passed_on(signed_in, app):
    visitor = signed_in(app.url)

    async def talk():
        async with at(visitor, visitor.origin) as socket:
            for size in (0, 1, 125, 126, 65535, 65536, 3 << 20):
                data = os.urandom(size)
                await socket.send(data)
                assert await socket.recv() == data
            await asyncio.gather(*(socket.send(f"{number}") for number in range(200)))
            assert sorted([await socket.recv() for _ in range(200)], key=int) == [str(number) for number in range(200)]
            await socket.ping()
            await socket.close(4001, "enough")
        until(lambda: app.closed == [4001], 10, "the close code at the app")

    asyncio.run(asyncio.wait_for(talk(), 60))
    path, head = app.heads[-1]
    assert path == "/ws" and head["X-Auth-User"] == "ann" and "anteroom" not in head.get("Cookie", "")
    visitor.front.wait_for_log('"GET /ws HTTP/1.1" 101 ', " ok")


@pytest.mark.parametrize("origin", ["http://evil.test", "https://app.test", "null"])
def test_a_page_of_another_site_opens_none(signed_in, app, origin):
    visitor = signed_in(app.url)
    before = len(app.heads)

    async def talk():
        with pytest.raises(websockets.InvalidStatusCode) as refused:
            async with at(visitor, origin):
                pass
        assert refused.value.status_code == 403
        assert refused.value.headers["Content-Type"] == "application/problem+json"
        async with at(visitor) as socket:  # a program
            await socket.send("x")
            assert await socket.recv() == "x"

    asyncio.run(asyncio.wait_for(talk(), 30))
    assert [head.get("Origin") for _, head in app.heads[before:]] == [None]
    visitor.front.wait_for_audit(lambda record: record["event"] == "refusal" and record["status"] == 403 and record["user"] == "ann")


def test_other_origins_where_the_site_says_so(signed_in, app):
    visitor = signed_in(app.url, more="websocket { origin same https://portal.test }")

    async def talk():
        for origin in ("https://portal.test", visitor.origin):
            async with at(visitor, origin) as socket:
                await socket.send("x")
                assert await socket.recv() == "x"

    asyncio.run(asyncio.wait_for(talk(), 30))


def test_nobody_opens_one_without_a_session(signed_in, app):
    visitor = signed_in(app.url)
    visitor.jar.clear()

    async def talk():
        with pytest.raises(websockets.InvalidStatusCode) as refused:
            async with at(visitor, visitor.origin):
                pass
        assert refused.value.status_code == 401

    asyncio.run(asyncio.wait_for(talk(), 30))


def test_a_logout_closes_it_and_the_next_attempt_is_refused(signed_in, app):
    visitor = signed_in(app.url)
    other = Visitor(visitor.port)
    other.sign_in("bob")

    async def talk():
        async with at(visitor, visitor.origin) as socket, at(other, other.origin) as kept:
            await socket.send("x")
            assert await socket.recv() == "x"
            old = dict(visitor.jar)
            await asyncio.get_running_loop().run_in_executor(None, visitor.logout)
            with pytest.raises(websockets.ConnectionClosed):
                await asyncio.wait_for(socket.recv(), 10)
            visitor.jar = old
            with pytest.raises(websockets.InvalidStatusCode) as refused:
                async with at(visitor, visitor.origin):
                    pass
            assert refused.value.status_code == 401
            await kept.send("still here")
            assert await kept.recv() == "still here"

    asyncio.run(asyncio.wait_for(talk(), 60))
    visitor.front.wait_for_log('"GET /ws HTTP/1.1" 101 ', "session-ended")


def test_the_end_of_the_account_and_of_the_lifetime_close_it_too(signed_in, app):
    visitor = signed_in(app.url)

    async def talk(visitor, act):
        async with at(visitor, visitor.origin) as socket:
            await socket.send("x")
            assert await socket.recv() == "x"
            act()
            with pytest.raises(websockets.ConnectionClosed):
                await asyncio.wait_for(socket.recv(), 20)

    asyncio.run(asyncio.wait_for(talk(visitor, lambda: write_accounts(visitor.front.users, [account("bob")])), 60))
    short = signed_in(app.url, more="session { idle 3s; lifetime 3s }")
    asyncio.run(asyncio.wait_for(talk(short, lambda: None), 60))


def test_it_outlives_the_session_where_the_site_says_so(signed_in, app):
    visitor = signed_in(app.url, more="websocket { ends_with_session no }")

    async def talk():
        async with at(visitor, visitor.origin) as socket:
            await asyncio.get_running_loop().run_in_executor(None, visitor.logout)
            # Longer than it takes to end one: the next look has been and gone.
            for _ in range(25):
                await socket.send("x")
                assert await socket.recv() == "x"
                await asyncio.sleep(0.1)

    asyncio.run(asyncio.wait_for(talk(), 60))


def test_a_silent_one_is_closed_in_time_and_one_with_pings_is_not(signed_in, app):
    visitor = signed_in(app.url, more="websocket { idle_timeout 1s }")

    async def talk():
        async with at(visitor, visitor.origin) as silent, at(visitor, visitor.origin) as lively:
            ended = asyncio.ensure_future(silent.recv())
            while not ended.done():
                pong = await lively.ping()
                await asyncio.wait_for(pong, 5)
                await asyncio.sleep(0.1)
            assert isinstance(ended.exception(), websockets.ConnectionClosed)
            await lively.send("x")
            assert await lively.recv() == "x"

    asyncio.run(asyncio.wait_for(talk(), 60))


def test_no_more_at_once_than_the_site_may_have(signed_in, app):
    visitor = signed_in(app.url, more="websocket { connections 2 }")

    async def talk():
        async with at(visitor, visitor.origin), at(visitor, visitor.origin):
            with pytest.raises(websockets.InvalidStatusCode) as refused:
                async with at(visitor, visitor.origin):
                    pass
            assert refused.value.status_code == 503 and refused.value.headers["Retry-After"]

    asyncio.run(asyncio.wait_for(talk(), 30))


def test_nobody_takes_more_of_them_than_a_user_may_have(signed_in, app):
    visitor = signed_in(app.url, more="websocket { connections_per_user 2 }")
    elsewhere, other = Visitor(visitor.port), Visitor(visitor.port)
    elsewhere.sign_in()
    other.sign_in("bob")

    async def refused(who):
        with pytest.raises(websockets.InvalidStatusCode) as refused:
            async with at(who, who.origin):
                pass
        assert refused.value.headers["Content-Type"] == "application/problem+json"
        return refused.value.status_code

    async def talk():
        first = await at(visitor, visitor.origin)
        # Sessions of one user count together.
        async with at(elsewhere, elsewhere.origin):
            assert await refused(visitor) == 429 and await refused(elsewhere) == 429
            async with at(other, other.origin) as socket:
                await socket.send("x")
                assert await socket.recv() == "x"
            await first.close()
            visitor.front.wait_for_log('"GET /ws HTTP/1.1" 101 ', " ok")
            async with at(visitor, visitor.origin) as socket:
                await socket.send("x")
                assert await socket.recv() == "x"

    asyncio.run(asyncio.wait_for(talk(), 60))
    visitor.front.wait_for_log("too many requests at a site", "websockets_per_user=2", "user=ann")


def test_the_end_of_one_direction_is_passed_on_and_the_other_goes_on(signed_in, make_upstream):
    got = []

    def app(exchange):
        if not exchange.all("Upgrade"):
            return b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        exchange.send(SWITCHING)
        got.append(exchange.wait_for_end())
        exchange.send(b"after the end")
        exchange.close()

    visitor = signed_in(make_upstream(app).url)
    with visitor.connect() as client:
        client.send(visitor.message("GET", "/ws", UPGRADE))
        assert client.response().status == 101
        client.send(b"last words")
        client.half_close()
        assert client.rest() == b"after the end"
    assert got == [b"last words"]


def test_an_app_with_tls_goes_on_after_the_end_of_what_it_receives(signed_in, tmp_path):
    chain, key = Authority(tmp_path / "authority").issue(tmp_path, "app", ["127.0.0.1"])
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.load_cert_chain(chain, key)
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(20)
    got, is_there = [], threading.Semaphore(0)

    def app():
        with made.wrap_socket(listener.accept()[0], server_side=True) as stream:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += stream.recv(1)
            stream.sendall(SWITCHING)
            got.append(b"".join(iter(lambda: stream.recv(100), b"")))
            for number in range(3):
                stream.sendall(b"after the end %d\r\n" % number)
                assert is_there.acquire(timeout=20)

    thread = threading.Thread(target=app, daemon=True)
    thread.start()
    visitor = signed_in(f"https://127.0.0.1:{listener.getsockname()[1]} {{ verify off }}")
    with visitor.connect() as client:
        client.send(visitor.message("GET", "/ws", UPGRADE))
        assert client.response().status == 101
        client.send(b"last words")
        client.half_close()
        for number in range(3):
            assert client._line() == b"after the end %d" % number
            is_there.release()
        assert client.rest() == b""
    thread.join(20)
    listener.close()
    assert got == [b"last words"]


@pytest.mark.browser
def test_in_a_real_browser(driver, signed_in, app):
    visitor = signed_in(app.url, hosts="app.example.test")
    browser = driver.session()
    try:
        browser.open(f"{visitor.origin}/page")
        browser.one("input[name=user]").type("ann")
        browser.one("input[name=password]").type(PASSWORD)
        browser.one("form:has(input[name=password]) button").click()
        until(lambda: browser.title == "from the page", 10, "the echo in the page")
        head = next(head for path, head in app.heads if path == "/ws")
        assert head["Origin"] == visitor.origin and head["X-Auth-User"] == "ann"
        page = browser.window
        browser.switch(browser.new_tab())
        browser.open(f"{visitor.origin}/.anteroom/logout")
        browser.one("form button").click()
        browser.switch(page)
        until(lambda: browser.title == "closed", 10, "the end in the page")
    finally:
        browser.end()


# ---- server-sent events ----


@pytest.fixture
def stream(make_upstream):
    """An app that sends an event when it is told to."""
    links = []

    def app(exchange):
        if exchange.target.startswith("/events"):
            exchange.send(EVENTS)
            links.append(exchange)
            exchange.wait_for_end()
            return None
        if exchange.target == "/stalled":
            exchange.send(EVENTS.replace(b"event-stream", b"plain"))
            exchange.wait_for_end()
            return None
        return b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

    made = make_upstream(app)
    made.streams = links
    return made


def event(exchange, text):
    data = f"data: {text}\n\n".encode()
    exchange.send(b"%x\r\n%s\r\n" % (len(data), data))


def test_each_event_is_passed_on_at_once(signed_in, stream):
    visitor = signed_in(stream.url, top="limits { upstream_stall_timeout 500ms }")
    with visitor.connect() as client:
        client.send(visitor.message("GET", "/events", [("Accept", "text/event-stream")]))
        head = client.head()
        assert head.status == 200 and head.get("Content-Type") == "text/event-stream"
        link = until(lambda: stream.streams and stream.streams[0], 10, "the stream")
        for number in range(50):
            event(link, number)
            expected = f"data: {number}\n\n".encode()
            assert client._line() == b"%x" % len(expected)
            assert client._exactly(len(expected) + 2) == expected + b"\r\n"
        # It may be silent for longer than another answer: that one is cut off meanwhile.
        with visitor.connect() as other:
            other.send(visitor.message("GET", "/stalled"))
            assert other.head().status == 200
            assert other.rest() == b""
        event(link, "still")
        assert client._line() == b"d"


def test_a_logout_ends_the_stream(signed_in, stream):
    visitor = signed_in(stream.url)
    with visitor.connect() as client:
        client.send(visitor.message("GET", "/events"))
        assert client.head().status == 200
        link = until(lambda: stream.streams and stream.streams[0], 10, "the stream")
        event(link, "x")
        assert client._exactly(14).endswith(b"data: x\n\n\r\n")
        old = dict(visitor.jar)
        visitor.logout()
        assert client.rest() == b""
        assert link.wait_for_end() == b""
        visitor.jar = old
        assert visitor.fetch("/events").status == 401
    visitor.front.wait_for_log('"GET /events HTTP/1.1" 200 ', "session-ended")


def test_a_silent_stream_is_ended_in_time(signed_in, stream):
    visitor = signed_in(stream.url, more="event_stream { idle_timeout 500ms }")
    with visitor.connect() as client:
        client.send(visitor.message("GET", "/events"))
        assert client.head().status == 200
        assert client.rest() == b""
    visitor.front.wait_for_log('"GET /events HTTP/1.1" 200 ', "upstream-timeout")


def test_a_browser_that_goes_away_ends_the_stream_at_the_app(signed_in, stream):
    visitor = signed_in(stream.url)
    with visitor.connect() as client:
        client.send(visitor.message("GET", "/events"))
        assert client.head().status == 200
        link = until(lambda: stream.streams and stream.streams[0], 10, "the stream")
    assert link.wait_for_end() == b""
