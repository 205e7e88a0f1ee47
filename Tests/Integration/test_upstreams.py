"""Several apps behind one site: how requests are spread, what happens when one dies, hangs and comes back, and who waits for whom."""

import contextlib
import socket
import threading
import time

import pytest

from gateway import configuration, site
from rawhttp import Client, Truncated, message
from upstream import answer, describe, refused_port
from visitor import Visitor
from waiting import until

HOST = [("Host", "app.test")]
PAGE = [("Accept", "text/html")]


def block(upstreams, settings):
    addresses = [upstream if isinstance(upstream, str) else upstream.url for upstream in upstreams]
    return " ".join(addresses) + " {\n" + settings + "\n}"


@pytest.fixture
def make_front(make_gateway):
    """A gateway with one worker, so that a test can count: everything is open, and the upstream block is the test's."""

    def make(upstreams, settings, workers=1, top=""):
        text = configuration(site(block(upstreams, settings), more="open /*"), top=top)
        return make_gateway(text.replace("workers 2", f"workers {workers}"))

    return make


def get(gateway, target="/", fields=()):
    with Client(gateway.port) as client:
        return client.request("GET", target, [*HOST, *fields])


class Health:
    """An app whose health check answers what a test says, and all else as the default app does. None: nothing at all."""

    def __init__(self, status=200):
        self.status = status
        self.checks = []
        self.release = threading.Event()

    def __call__(self, exchange):
        if exchange.target != "/healthz":
            return describe(exchange)
        self.checks.append(exchange)
        if self.status is None:
            self.release.wait(30)
            return None
        return answer(self.status, "x")

    def seen(self, count):
        until(lambda: len(self.checks) >= count, 15, f"{count} checks")

    def more(self, count):
        self.seen(len(self.checks) + count)


def served(upstream):
    return len([target for target in upstream.targets if target != "/healthz"])


class Gate:
    """An app that holds requests for /slow until it is let go."""

    def __init__(self):
        self.open = threading.Event()
        self.lock = threading.Lock()
        self.busy = 0
        self.most = 0

    def __call__(self, exchange):
        if exchange.target.startswith("/slow"):
            with self.lock:
                self.busy += 1
                self.most = max(self.most, self.busy)
            assert self.open.wait(30)
            with self.lock:
                self.busy -= 1
        return answer(200, exchange.target)


@contextlib.contextmanager
def asked(gateway, *targets, after=lambda number: None):
    """Sends one request on a connection each, and leaves the answers to be read. `after` is called when the one of a number is sent."""
    with contextlib.ExitStack() as stack:
        clients = []
        for number, target in enumerate(targets):
            client = stack.enter_context(Client(gateway.port))
            client.send(message("GET", target, HOST))
            clients.append(client)
            after(number)
        yield clients


# ---- How requests are spread


def test_least_connections_avoids_the_one_that_is_busy(make_upstream, make_front):
    gate = Gate()
    one, two = make_upstream(gate), make_upstream(gate)
    gateway = make_front([one, two], "balance least_connections")
    with asked(gateway, "/slow") as (client,):
        until(lambda: gate.busy == 1, what="the slow request")
        busy, free = (one, two) if one.requests else (two, one)
        for number in range(10):
            assert get(gateway, f"/{number}").status == 200
        assert (len(busy.requests), len(free.requests)) == (1, 10)
        gate.open.set()
        assert client.response().status == 200
    for number in range(10):
        get(gateway)
    assert len(busy.requests) == 6, "once it is free, both take turns"


def test_round_robin_does_not_look_at_the_load(make_upstream, make_front):
    gate = Gate()
    one, two = make_upstream(gate), make_upstream(gate)
    gateway = make_front([one, two], "balance round_robin")
    with asked(gateway, "/slow") as (client,):
        until(lambda: gate.busy == 1, what="the slow request")
        for number in range(10):
            get(gateway, f"/{number}")
        assert sorted([len(one.requests), len(two.requests)]) == [5, 6]
        gate.open.set()
        client.response()


def test_a_session_stays_with_its_server_and_comes_back_to_it(make_upstream, make_gateway):
    upstreams = [make_upstream() for _ in range(3)]
    gateway = make_gateway(configuration(site(block(upstreams, "sticky session; health /healthz every 100ms fails 1 passes 1"))))
    visitors = [Visitor(gateway.port) for _ in range(8)]
    for visitor in visitors:
        visitor.sign_in()

    def home(visitor):
        """The ports that served a few requests of this visitor."""
        before = [served(upstream) for upstream in upstreams]
        for number in range(4):
            assert visitor.fetch(f"/{number}").status == 200
        return [upstream.port for upstream, count in zip(upstreams, before) if served(upstream) > count]

    homes = [home(visitor) for visitor in visitors]
    assert all(len(ports) == 1 for ports in homes), homes
    assert len({ports[0] for ports in homes}) > 1, homes
    gone = next(upstream for upstream in upstreams if upstream.port == homes[0][0])
    gone.stop()
    gateway.wait_for_log("an upstream is down", str(gone.port))
    upstreams.remove(gone)
    for visitor, before in zip(visitors, homes):
        meanwhile = home(visitor)
        assert meanwhile == before if before != [gone.port] else len(meanwhile) == 1
    upstreams.append(make_upstream(describe, gone.port))
    gateway.wait_for_log("an upstream is up again", str(gone.port))
    assert [home(visitor) for visitor in visitors] == homes
    gateway.restart()
    for visitor in visitors:
        visitor.port = gateway.port
    assert [home(visitor) for visitor in visitors] == homes, "not by chance, and not for one process only"


# ---- Health checks


def test_a_check_is_a_plain_get_that_carries_nothing_of_ours(make_upstream, make_gateway):
    app = Health()
    upstream = make_upstream(app)
    text = configuration(site(block([upstream], "health /healthz every 100ms"), hosts="*.clinic.test app.test", more="request { set X-Secret abc }"))
    make_gateway(text)
    app.seen(2)
    for check in app.checks:
        assert (check.request_line, check.get("Host")) == ("GET /healthz HTTP/1.1", "app.test")
        assert set(check.names()) == {"host", "user-agent", "accept", "connection"}


def test_without_an_exact_host_a_check_names_the_upstream(make_upstream, make_gateway):
    app = Health()
    upstream = make_upstream(app)
    make_gateway(configuration(site(block([upstream], "health /healthz every 100ms"), hosts="*.clinic.test")))
    app.seen(1)
    assert app.checks[0].get("Host") == f"127.0.0.1:{upstream.port}"


def test_one_worker_checks_for_all(make_upstream, make_front):
    app = Health()
    upstream = make_upstream(app)
    began = time.monotonic()
    gateway = make_front([upstream], "health /healthz every 200ms", workers=4)
    app.seen(6)
    assert len(app.checks) <= (time.monotonic() - began) / 0.2 + 2
    app.status = 500
    gateway.wait_for_log("an upstream is down", "status 500")
    # Every worker knows: connections land on all of them.
    assert {get(gateway).status for _ in range(40)} == {503}
    assert served(upstream) == 0


@pytest.mark.parametrize("status", [200, 204, 302, 399])
def test_a_check_passes_from_200_to_399(make_upstream, make_front, status):
    app = Health(status)
    gateway = make_front([make_upstream(app)], "health /healthz every 100ms fails 1")
    app.seen(3)
    assert get(gateway).status == 200
    assert "is down" not in gateway.output


@pytest.mark.parametrize("status", [400, 404, 500, 503])
def test_an_app_that_says_it_is_ill_gets_nothing_until_it_is_well(make_upstream, make_front, status):
    ill, well = Health(status), Health()
    one, two = make_upstream(ill), make_upstream(well)
    gateway = make_front([one, two], "health /healthz every 100ms; slow_start 0s")
    gateway.wait_for_log("an upstream is down", str(one.port), f"status {status}")
    assert len(ill.checks) >= 3, "one failed check is not enough"
    before = served(one)
    for number in range(10):
        assert get(gateway, f"/{number}").status == 200
    assert served(one) == before
    ill.status = 200
    gateway.wait_for_log("an upstream is up again", str(one.port))
    for number in range(10):
        assert get(gateway, f"/{number}").status == 200
    assert served(one) == before + 5


def test_while_all_are_known_to_be_down_the_answer_is_503_with_retry_after(make_upstream, make_front):
    app = Health(500)
    upstream = make_upstream(app)
    gateway = make_front([upstream], "health /healthz every 2s fails 1 passes 1")
    gateway.wait_for_log("an upstream is down")
    for method, body in (("GET", None), ("POST", b"x")):
        with Client(gateway.port) as client:
            response = client.request(method, "/x", [*HOST, *PAGE], body)
        assert (response.status, response.get("Retry-After")) == (503, "2")
    assert served(upstream) == 0
    app.status = 200
    gateway.wait_for_log("an upstream is up again")
    assert get(gateway).status == 200


def test_an_app_that_hangs_fails_its_checks(make_upstream, make_front):
    app = Health(None)
    gateway = make_front([make_upstream(app)], "health /healthz every 100ms timeout 100ms fails 2")
    gateway.wait_for_log("an upstream is down", "no answer in time")
    assert get(gateway).status == 503
    app.status = 200
    app.release.set()
    gateway.wait_for_log("an upstream is up again")
    assert get(gateway).status == 200


def test_an_app_that_dies_is_noticed_and_one_that_comes_back_too(make_upstream, make_front):
    first = make_upstream()
    gateway = make_front([first], "health /healthz every 100ms fails 2 passes 2")
    until(lambda: first.requests, what="a check")
    first.stop()
    gateway.wait_for_log("an upstream is down", "no connection")
    assert get(gateway).status == 503
    make_upstream(describe, first.port)
    gateway.wait_for_log("an upstream is up again")
    assert get(gateway).status == 200


def test_readiness_goes_by_the_checks(make_upstream, make_front):
    app = Health()
    gateway = make_front([make_upstream(app)], "health /healthz every 100ms fails 1 passes 1", workers=2)
    app.seen(1)
    until(lambda: get(gateway, "/.anteroom/readyz").status == 200, what="ready")
    app.status = 500
    gateway.wait_for_log("an upstream is down")
    # It still takes connections.
    assert {get(gateway, "/.anteroom/readyz").status for _ in range(10)} == {503}
    app.status = 200
    gateway.wait_for_log("an upstream is up again")
    assert {get(gateway, "/.anteroom/readyz").status for _ in range(10)} == {200}


def test_readiness_without_checks_asks_for_a_connection(make_upstream, make_front, make_gateway):
    assert get(make_front([make_upstream()], ""), "/.anteroom/readyz").status == 200
    refused = make_front([f"http://127.0.0.1:{refused_port()}"], "")
    assert get(refused, "/.anteroom/readyz").status == 503


# ---- Ejection


def test_an_app_that_refuses_again_and_again_is_502_first_and_then_known_to_be_down(make_front, make_upstream):
    port = refused_port()
    gateway = make_front([f"http://127.0.0.1:{port}"], "eject after 3 for 2s")
    statuses = []
    for number in range(8):
        with Client(gateway.port) as client:
            response = client.request("POST", f"/{number}", [*HOST, *PAGE], b"x")
        statuses.append(response.status)
    assert statuses == [502] * 3 + [503] * 5
    assert response.get("Retry-After") in ("1", "2")
    gateway.wait_for_log("an upstream is left out", str(port))
    make_upstream(describe, port)
    until(lambda: get(gateway).status == 200, 10, "the app to be reached again", pause=0.1)


def test_nothing_is_ejected_when_that_is_off(make_front):
    gateway = make_front([f"http://127.0.0.1:{refused_port()}"], "eject off")
    for number in range(10):
        with Client(gateway.port) as client:
            assert client.request("POST", f"/{number}", [*HOST, *PAGE], b"x").status == 502


def silent(exchange):
    """Takes the request, and ends the connection without a word."""
    exchange.read_body()
    exchange.close()


def test_an_app_that_fails_its_requests_is_left_out_while_there_is_another(make_upstream, make_front):
    bad, good = make_upstream(silent), make_upstream()
    gateway = make_front([bad, good], "eject after 3 for 1h")
    statuses = [get(gateway, f"/{number}").status for number in range(30)]
    assert statuses.count(502) == 3 and set(statuses) == {200, 502}
    assert len(bad.requests) == 3


def test_the_last_app_that_takes_connections_is_never_left_out(make_upstream, make_front):
    upstream = make_upstream(silent)
    gateway = make_front([upstream], "eject after 3 for 1h")
    assert [get(gateway, f"/{number}").status for number in range(10)] == [502] * 10
    upstream.app = describe
    assert get(gateway).status == 200


def test_answers_of_whatever_status_are_no_failures(make_upstream, make_front):
    bad, good = make_upstream(lambda exchange: answer(503, "busy")), make_upstream()
    gateway = make_front([bad, good], "eject after 2 for 1h")
    statuses = [get(gateway, f"/{number}").status for number in range(20)]
    assert statuses.count(503) == 10


def test_an_app_that_hangs_is_left_out_while_there_is_another(make_upstream, make_front):
    release = threading.Event()
    bad, good = make_upstream(lambda exchange: release.wait(30) and None), make_upstream()
    gateway = make_front([bad, good], "eject after 2 for 1h", top="limits { upstream_timeout 200ms }")
    statuses = [get(gateway, f"/{number}").status for number in range(20)]
    release.set()
    assert statuses.count(504) == 2 and set(statuses) == {200, 504}


def test_an_app_that_comes_back_gets_few_requests_at_first(make_upstream, make_front):
    app = Health(500)
    back, other = make_upstream(app), make_upstream(Health())
    gateway = make_front([back, other], "health /healthz every 100ms fails 1 passes 1; slow_start 1h")
    gateway.wait_for_log("an upstream is down")
    app.status = 200
    gateway.wait_for_log("an upstream is up again", str(back.port))
    before = served(back), served(other)
    with Client(gateway.port) as client:
        for number in range(170):
            assert client.request("GET", f"/{number}", HOST).status == 200
    assert 8 <= served(back) - before[0] <= 12, "a sixteenth of its turns"
    assert served(back) + served(other) == sum(before) + 170


# ---- Time limits


def test_an_answer_that_begins_late_is_504_and_one_that_goes_on_slowly_is_not(make_upstream, make_front):
    def app(exchange):
        if exchange.target == "/late":
            exchange.wait_for_end()
            return None
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        for _ in range(5):
            time.sleep(0.3)
            exchange.send(b"x")
        return None

    gateway = make_front([make_upstream(app)], "", top="limits { upstream_timeout 250ms; upstream_stall_timeout 5s }")
    assert get(gateway, "/late", PAGE).status == 504
    assert get(gateway, "/slowly").body == b"xxxxx"


def test_an_answer_may_begin_late_and_then_has_to_go_on(make_upstream, make_front):
    def app(exchange):
        time.sleep(0.5)
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
        exchange.wait_for_end()
        return None

    gateway = make_front([make_upstream(app)], "", top="limits { upstream_timeout 30s; upstream_stall_timeout 250ms }")
    with Client(gateway.port) as client:
        client.send(message("GET", "/", HOST))
        began = time.monotonic()
        with pytest.raises(Truncated):
            client.response()
        assert time.monotonic() - began < 10


def test_an_app_that_takes_nothing_of_a_body_is_504(make_upstream, make_front):
    release = threading.Event()

    def app(exchange):
        release.wait(30)
        exchange.close()

    gateway = make_front([make_upstream(app)], "", top="limits { upstream_timeout 30s; upstream_stall_timeout 500ms }")
    with Client(gateway.port) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 90000000\r\n\r\n")
        sender = threading.Thread(target=send_all, args=(client, 90000000), daemon=True)
        sender.start()
        assert client.response("POST").status == 504
    release.set()
    sender.join(10)


def send_all(client, count):
    try:
        for _ in range(count // 100000):
            client.send(b"x" * 100000)
    except OSError:
        pass


# ---- The queue


def test_no_more_connections_than_allowed_and_the_others_wait(make_upstream, make_front):
    gate = Gate()
    upstream = make_upstream(gate)
    gateway = make_front([upstream], "max_connections 2; queue 10 wait 30s")
    targets = [f"/slow/{number}" for number in range(6)]

    def arrive(number):
        if number < 2:
            until(lambda: len(upstream.requests) == number + 1, what="the request to arrive")

    with asked(gateway, *targets, after=arrive) as clients:
        assert get(gateway, "/.anteroom/healthz").status == 200
        assert gate.most == 2
        gate.open.set()
        assert [client.response().status for client in clients] == [200] * 6
    assert sorted(upstream.targets) == targets
    assert gate.most <= 2


def test_those_who_wait_go_on_in_the_order_in_which_they_came(make_upstream, make_front):
    gate = Gate()
    upstream = make_upstream(gate)
    gateway = make_front([upstream], "max_connections 1; queue 10 wait 30s")
    targets = [f"/slow/{number}" for number in range(6)]

    def be_taken(number):
        # One worker takes what has arrived in its order; this one is behind it.
        assert get(gateway, "/.anteroom/healthz").status == 200

    with asked(gateway, *targets, after=be_taken) as clients:
        until(lambda: gate.busy == 1, what="the first request")
        gate.open.set()
        assert [client.response().status for client in clients] == [200] * 6
    assert upstream.targets == targets


def test_requests_that_need_a_new_connection_stay_within_the_limit_too(make_upstream, make_front):
    upstream = make_upstream()
    gateway = make_front([upstream], "max_connections 1")
    with Client(gateway.port) as client:
        for number in range(5):
            assert client.request("GET", f"/{number}", HOST).status == 200
            assert client.request("POST", f"/{number}", HOST, b"x").status == 200
    until(lambda: len([link for link in upstream.links if link.open]) == 1, what="one connection left")


def test_beyond_the_queue_the_answer_is_503_with_retry_after(make_upstream, make_front):
    gate = Gate()
    upstream = make_upstream(gate)
    gateway = make_front([upstream], "max_connections 1; queue 2 wait 7s")
    with asked(gateway, "/slow/0") as first:
        until(lambda: gate.busy == 1, what="the first request")
        with asked(gateway, "/slow/1", "/slow/2") as waiting:
            assert get(gateway, "/.anteroom/healthz").status == 200
            response = get(gateway, "/slow/3", PAGE)
            assert (response.status, response.get("Retry-After")) == (503, "7")
            assert "text/html" in response.get("Content-Type")
            gate.open.set()
            assert [client.response().status for client in [*first, *waiting]] == [200] * 3
    assert "/slow/3" not in upstream.targets
    gateway.wait_for_log("/slow/3", " 503 ", "overload")


def test_without_a_queue_nobody_waits(make_upstream, make_front):
    gate = Gate()
    gateway = make_front([make_upstream(gate)], "max_connections 1; queue 0")
    with asked(gateway, "/slow") as (client,):
        until(lambda: gate.busy == 1, what="the first request")
        assert get(gateway, "/x").status == 503
        gate.open.set()
        assert client.response().status == 200
    assert get(gateway, "/x").status == 200


def test_whoever_waits_too_long_is_told_so(make_upstream, make_front):
    gate = Gate()
    upstream = make_upstream(gate)
    gateway = make_front([upstream], "max_connections 1; queue 5 wait 300ms")
    with asked(gateway, "/slow") as (client,):
        until(lambda: gate.busy == 1, what="the first request")
        began = time.monotonic()
        response = get(gateway, "/late")
        assert (response.status, response.get("Retry-After")) == (503, "1")
        assert time.monotonic() - began >= 0.29
        gate.open.set()
        assert client.response().status == 200
    assert "/late" not in upstream.targets
    assert get(gateway, "/again").status == 200


@pytest.mark.parametrize("end", ["close", "reset", "half"])
def test_a_client_that_goes_leaves_the_queue(make_upstream, make_front, end):
    gate = Gate()
    upstream = make_upstream(gate)
    gateway = make_front([upstream], "max_connections 1; queue 1 wait 30s")
    with asked(gateway, "/slow") as (client,):
        until(lambda: gate.busy == 1, what="the first request")
        gone = Client(gateway.port)
        gone.send(message("GET", "/gone", HOST))
        assert get(gateway, "/.anteroom/healthz").status == 200
        assert get(gateway, "/no-room").status == 503
        if end == "reset":
            gone.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        if end == "half":
            gone.socket.shutdown(socket.SHUT_WR)
        else:
            gone.socket.close()
        gateway.wait_for_log("/gone", "client-closed")
        with asked(gateway, "/next") as (next_client,):
            gate.open.set()
            assert client.response().status == 200
            assert next_client.response().body == b"/next"
        gone.socket.close()
    assert "/gone" not in upstream.targets


def test_a_body_that_comes_while_its_request_waits_arrives_whole(make_upstream, make_front):
    gate = Gate()
    upstream = make_upstream(lambda exchange: answer(200, str(len(exchange.read_body()))) if exchange.method == "POST" else gate(exchange))
    gateway = make_front([upstream], "max_connections 1; queue 5 wait 30s")
    with asked(gateway, "/slow") as (client,):
        until(lambda: gate.busy == 1, what="the first request")
        with Client(gateway.port) as poster:
            poster.send(b"POST /upload HTTP/1.1\r\nHost: app.test\r\nContent-Length: 3000000\r\n\r\n")
            sender = threading.Thread(target=send_all, args=(poster, 3000000), daemon=True)
            sender.start()
            assert get(gateway, "/.anteroom/healthz").status == 200
            gate.open.set()
            assert client.response().status == 200
            assert poster.response("POST").body == b"3000000"
            sender.join(10)


def test_those_who_wait_when_the_app_dies_get_an_answer(make_upstream, make_front):
    gate = Gate()
    upstream = make_upstream(gate)
    gateway = make_front([upstream], "max_connections 1; queue 50 wait 30s; eject after 3 for 5s")
    with asked(gateway, "/slow", *[f"/{number}" for number in range(20)]) as clients:
        until(lambda: upstream.requests, what="a request")
        assert get(gateway, "/.anteroom/healthz").status == 200
        gate.open.set()
        upstream.listener.shutdown(socket.SHUT_RDWR)
        upstream.stop()
        statuses = [client.response().status for client in clients]
    assert set(statuses) <= {200, 502, 503}


def test_a_server_that_comes_back_serves_those_who_wait(make_upstream, make_front):
    gate = Gate()
    app = Health(500)
    busy, back = make_upstream(lambda exchange: answer(200, "ok") if exchange.target == "/healthz" else gate(exchange)), make_upstream(app)
    gateway = make_front([busy, back], "max_connections 1; queue 5 wait 30s; health /healthz every 100ms fails 1 passes 1; slow_start 0s")
    gateway.wait_for_log("an upstream is down", str(back.port))
    with asked(gateway, "/slow") as (client,):
        until(lambda: gate.busy == 1, what="the first request")
        with asked(gateway, "/waits") as (waiting,):
            assert get(gateway, "/.anteroom/healthz").status == 200
            app.status = 200
            assert waiting.response().status == 200
        gate.open.set()
        assert client.response().status == 200
    assert "/waits" in back.targets


def test_the_end_of_the_gateway_does_not_wait_for_the_queue(make_upstream, make_front):
    gate = Gate()
    upstream = make_upstream(gate)
    gateway = make_front([upstream], "max_connections 1; queue 5 wait 30s", top="shutdown_timeout 1s")
    with asked(gateway, "/slow", "/waits") as clients:
        until(lambda: gate.busy == 1, what="the first request")
        began = time.monotonic()
        gateway.stop()
        assert time.monotonic() - began < 10
        gate.open.set()
