"""Too many at once, and too slow: limits hold exactly, the oldest idle connections go first, and the others are served."""

import contextlib
import resource
import shutil
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway import configuration, site
from rawhttp import Client, message
from upstream import answer
from waiting import until

HOST = [("Host", "app.test")]


def ask(client, target="/open/x"):
    return client.request("GET", target, HOST)


def is_open(client):
    """Whether the gateway still holds this connection, on which nothing is expected."""
    client.socket.settimeout(0.01)
    try:
        return client.socket.recv(1, socket.MSG_PEEK) != b""
    except TimeoutError:
        return True
    except ConnectionResetError:
        return False
    finally:
        client.socket.settimeout(15)


def closed(clients):
    return [number for number, client in enumerate(clients) if not is_open(client)]


def idle_clients(port, count):
    """Connections that had one answer each and now wait, the first one longest."""
    clients = []
    for _ in range(count):
        clients.append(Client(port))
        assert ask(clients[-1]).status == 200
        # The gateway's clock has milliseconds: nobody shall be as old as the next one.
        time.sleep(0.003)
    return clients


class Held:
    """An app that keeps requests below /open/held until it is told to answer."""

    def __init__(self):
        self.go = threading.Event()
        self.waiting = 0
        self.lock = threading.Lock()

    def __call__(self, exchange):
        exchange.read_body()
        if exchange.target.startswith("/open/held"):
            with self.lock:
                self.waiting += 1
            assert self.go.wait(60)
            with self.lock:
                self.waiting -= 1
        return answer(200, b"fine")


@pytest.fixture
def held():
    app = Held()
    yield app
    app.go.set()


def start(make_gateway, upstream, top="", more="", listen="127.0.0.1:0"):
    return make_gateway(configuration(site(upstream.url, more="open /open/*\n" + more), top=top, listen=listen))


def hold(port, count, **options):
    clients = [Client(port, **options) for _ in range(count)]
    for client in clients:
        client.send(message("GET", "/open/held", HOST))
    return clients


# ---- Connections -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 2])
def test_the_connection_that_has_been_idle_longest_makes_room_for_a_new_one(make_gateway, upstream, workers):
    gateway = make_gateway(configuration(site(upstream.url, more="open /open/*"), top="limits { connections 10 }").replace("workers 2", f"workers {workers}"))
    clients = idle_clients(gateway.port, 10)
    assert closed(clients) == []
    # The first one is used again, and is not the oldest any more.
    assert ask(clients[0]).status == 200
    for turn, expected in enumerate([[1], [1, 2], [1, 2, 3]]):
        clients += idle_clients(gateway.port, 1)
        until(lambda: closed(clients) == expected, 5, f"{expected} to be closed")
    gateway.wait_for_log("too many connections", "limit=connections", "number=10")
    for client in clients:
        client.close()


def test_those_in_the_middle_of_a_head_and_those_that_never_spoke_make_room_too(make_gateway, upstream):
    gateway = start(make_gateway, upstream, top="limits { connections 4 }")
    silent = Client(gateway.port)
    time.sleep(0.01)
    partial = Client(gateway.port)
    partial.send(b"GET /open/x HTTP/1.1\r\nHost:")
    # New ones are given a moment before they count as idle.
    time.sleep(0.3)
    clients = [silent, partial, *idle_clients(gateway.port, 2)]
    for expected in ([0], [0, 1], [0, 1, 2]):
        clients += idle_clients(gateway.port, 1)
        until(lambda: closed(clients) == expected, 5, f"{expected} to be closed")


def test_a_burst_of_new_connections_lets_each_of_them_speak(make_gateway, upstream):
    gateway = start(make_gateway, upstream, top="limits { connections 10 }")
    clients = [Client(gateway.port) for _ in range(50)]
    for client in clients:
        client.send(message("GET", "/open/x", HOST))
    assert [client.response().status for client in clients] == [200] * 50


def test_when_nobody_is_idle_further_connections_wait_until_one_ends(make_upstream, make_gateway, held):
    upstream = make_upstream(held)
    gateway = start(make_gateway, upstream, top="limits { connections 6 }")
    busy = hold(gateway.port, 6)
    until(lambda: held.waiting == 6, 10, "six requests at the app")
    late = hold(gateway.port, 5)
    # They are connected, as far as the kernel is concerned, and are neither refused nor served.
    assert closed(late) == [] and closed(busy) == []
    assert len(upstream.requests) == 6
    held.go.set()
    for client in busy + late:
        assert client.response().status == 200
    assert len(upstream.requests) == 11


def test_a_connection_that_becomes_idle_is_closed_for_one_that_waits(make_upstream, make_gateway, held):
    upstream = make_upstream(held)
    gateway = start(make_gateway, upstream, top="limits { connections 3 }")
    busy = hold(gateway.port, 3)
    until(lambda: held.waiting == 3, 10, "three requests at the app")
    late = Client(gateway.port)
    late.send(message("GET", "/open/quick", HOST))
    held.go.set()
    # None of the three ends its connection: one of them must go.
    assert late.response().status == 200
    for client in busy:
        assert client.response().status == 200
    until(lambda: len(closed(busy)) == 1, 5, "one of them to be closed")


def test_a_request_that_has_arrived_is_answered_even_if_its_connection_was_the_oldest(make_gateway, upstream):
    gateway = make_gateway(configuration(site(upstream.url, more="open /open/*"), top="limits { connections 2 }").replace("workers 2", "workers 1"))
    for _ in range(20):
        oldest, other = idle_clients(gateway.port, 2)
        # Both at the same moment, as far as the gateway can tell.
        oldest.send(message("GET", "/open/again", HOST))
        new = Client(gateway.port)
        new.send(message("GET", "/open/new", HOST))
        assert oldest.response().status == 200
        assert new.response().status == 200
        for client in (oldest, other, new):
            client.close()


def test_a_listener_has_a_limit_of_its_own(make_upstream, make_gateway, held):
    upstream = make_upstream(held)
    gateway = start(make_gateway, upstream, listen="127.0.0.1:0 { connections 3 }\nlisten 127.0.0.1:0")
    first, second = (int(text.rpartition(":")[2]) for text in gateway.wait_for_log("ready").split('"')[1].split())
    busy = hold(first, 3)
    until(lambda: held.waiting == 3, 10, "three requests at the app")
    late = hold(first, 1)
    others = idle_clients(second, 20)
    assert closed(others) == [] and len(upstream.requests) == 23
    gateway.wait_for_log("too many connections", f"connections of 127.0.0.1:{first}", "number=3")
    held.go.set()
    for client in busy + late:
        assert client.response().status == 200
    # It took the place of one of its own listener, though others had been idle for longer.
    until(lambda: len(closed(busy)) == 1, 5, "one of them to be closed")
    assert closed(others) == []


def test_a_listener_for_which_places_are_kept_answers_checks_while_all_others_are_taken(make_upstream, make_gateway, held):
    upstream = make_upstream(held)
    gateway = start(make_gateway, upstream, top="limits { connections 8 }", listen="127.0.0.1:0 { connections 6 }\nlisten 127.0.0.1:0")
    visitors, watchdogs = (int(text.rpartition(":")[2]) for text in gateway.wait_for_log("ready").split('"')[1].split())
    busy = hold(visitors, 6)
    until(lambda: held.waiting == 6, 10, "six requests at the app")
    late = hold(visitors, 3)
    for _ in range(20):
        with Client(watchdogs) as watchdog:
            assert ask(watchdog, "/.anteroom/healthz").status == 200
    assert len(upstream.requests) == 6 and closed(late) == []
    held.go.set()
    for client in busy + late:
        assert client.response().status == 200


def test_a_client_address_has_its_limit_and_others_have_theirs(make_gateway, upstream):
    gateway = start(make_gateway, upstream, top="limits { connections_per_address 5 }")
    clients = idle_clients(gateway.port, 5)
    for _ in range(3):
        # The reset may come at any moment.
        try:
            with Client(gateway.port) as one_more:
                one_more.send(message("GET", "/open/x", HOST))
                assert one_more.rest() == b""
        except (ConnectionResetError, BrokenPipeError):
            pass
    gateway.wait_for_log("too many connections", "limit=connections_per_address", "number=5", "client=127.0.0.1")
    assert closed(clients) == []
    for number in range(5):
        with socket.create_connection(("127.0.0.1", gateway.port), 5, source_address=("127.0.0.2", 0)) as other:
            other.sendall(message("GET", "/open/x", HOST))
            assert other.recv(100).startswith(b"HTTP/1.1 200")
    clients.pop().close()

    def again():
        try:
            with Client(gateway.port) as client:
                return ask(client).status == 200
        except Exception:
            return False

    until(again, 10, "room for another connection")


def has_ipv6():
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 here")
def test_an_ipv6_client_counts_by_its_network(make_gateway, upstream):
    gateway = start(make_gateway, upstream, top="limits { connections_per_address 2 }", listen="[::1]:0")
    def connect():
        return socket.create_connection(("::1", gateway.port), 5)

    first, second = connect(), connect()
    for one in (first, second):
        one.sendall(message("GET", "/open/x", HOST))
        assert one.recv(100).startswith(b"HTTP/1.1 200")
    try:
        with connect() as third:
            third.sendall(message("GET", "/open/x", HOST))
            assert third.recv(100) == b""
    except (ConnectionResetError, BrokenPipeError):
        pass
    first.close()
    second.close()


# ---- Requests of a site ----------------------------------------------------------------------------------------------


def test_a_site_has_its_limit_of_requests_and_other_sites_are_served(make_upstream, make_gateway, held):
    upstream = make_upstream(held)
    text = configuration(
        site(upstream.url, more="open /open/*\nlimits { requests 4 }"), site(upstream.url, hosts="other.test", more="open /open/*"))
    gateway = make_gateway(text)
    busy = hold(gateway.port, 4)
    until(lambda: held.waiting == 4, 10, "four requests at the app")
    with Client(gateway.port) as client:
        for _ in range(3):
            refused = ask(client)
            assert refused.status == 503 and int(refused.get("Retry-After")) >= 1
        # The gateway's own answers, and another site's, are no requests of this one.
        assert client.request("GET", "/.anteroom/login", HOST).status == 200
        assert client.request("GET", "/open/x", [("Host", "other.test")]).status == 200
    assert len(upstream.requests) == 5
    gateway.wait_for_log("too many requests at a site", "site=app.test", "requests=4")
    held.go.set()
    for client in busy:
        assert client.response().status == 200
    # Every place is free again: also that of one whose client went away.
    held.go.clear()
    gone = hold(gateway.port, 4)
    until(lambda: held.waiting == 4, 10, "four requests at the app")
    for client in gone:
        client.close()
    held.go.set()

    def again():
        with Client(gateway.port) as client:
            return ask(client).status == 200

    until(again, 10, "a free place")


# ---- Too slow --------------------------------------------------------------------------------------------------------


def trickle(client, data, pause, seconds):
    """Sends byte after byte until the gateway has something to say; the answer is how long that took."""
    began = time.monotonic()
    client.socket.settimeout(pause)
    for byte in data:
        try:
            client.socket.sendall(bytes([byte]))
            if client.socket.recv(1, socket.MSG_PEEK) is not None:
                break
        except TimeoutError:
            pass
        except OSError:
            break
        assert time.monotonic() - began < seconds, "still open"
    client.socket.settimeout(15)
    return time.monotonic() - began


def test_a_connection_that_never_says_anything_ends_with_the_time_for_a_head(make_gateway, upstream):
    gateway = start(make_gateway, upstream, top="limits { header_timeout 1s; idle_timeout 60s }")
    with Client(gateway.port) as silent, Client(gateway.port) as spoken:
        assert ask(spoken).status == 200
        began = time.monotonic()
        silent.expect_end()
        assert 0.5 < time.monotonic() - began < 15
        # After a request it is the idle time that counts.
        assert is_open(spoken)
        assert ask(spoken).status == 200


def test_a_head_that_trickles_steadily_ends_all_the_same(make_gateway, upstream):
    gateway = start(make_gateway, upstream, top="limits { header_timeout 1s; idle_timeout 60s }")
    with Client(gateway.port) as client:
        trickle(client, b"GET /open/x HTTP/1.1\r\nX-A: " + b"a" * 2000, 0.05, 15)
        assert client.response().status == 408


@pytest.mark.parametrize("framing", ["Content-Length: 5000", "Transfer-Encoding: chunked"])
def test_a_body_that_trickles_is_408_and_the_app_sees_no_whole_request(make_upstream, make_gateway, framing):
    ends = []

    def app(exchange):
        try:
            exchange.read_body()
        finally:
            ends.append(exchange.complete)
        return answer()

    upstream = make_upstream(app)
    gateway = start(make_gateway, upstream, top="limits { body_rate 500; rate_grace 1s; idle_timeout 60s }")
    with Client(gateway.port) as client:
        client.send(f"POST /open/x HTTP/1.1\r\nHost: app.test\r\n{framing}\r\n\r\n")
        body = b"x" * 5000 if "Length" in framing else b"1\r\nx\r\n" * 1000
        trickle(client, body, 0.05, 15)
        assert client.response().status == 408
    until(lambda: ends == [False], 10, "the app to notice")
    gateway.wait_for_log("POST /open/x", "408", "client-timeout")


def test_a_body_that_keeps_the_rate_is_passed_on_however_long_it_takes(front, make_gateway, upstream):
    gateway = start(make_gateway, upstream, top="limits { body_rate 500; rate_grace 500ms; idle_timeout 60s }")
    with Client(gateway.port) as client:
        client.send("POST /open/x HTTP/1.1\r\nHost: app.test\r\nContent-Length: 20000\r\n\r\n")
        for _ in range(20):
            client.send(b"x" * 1000)
            time.sleep(0.1)
        assert client.response().status == 200


def test_an_app_that_reads_slowly_is_not_the_clients_fault(make_upstream, make_gateway):
    go = threading.Event()

    def app(exchange):
        assert go.wait(30)
        exchange.read_body()
        return answer()

    upstream = make_upstream(app)
    gateway = start(make_gateway, upstream, top="limits { body_rate 1m; rate_grace 300ms; idle_timeout 60s }")
    with Client(gateway.port, timeout=30) as client:
        sender = threading.Thread(target=client.send, args=(message("POST", "/open/x", HOST, b"x" * (24 << 20)),))
        sender.start()
        time.sleep(1.5)
        go.set()
        sender.join(30)
        assert client.response().status == 200


def test_a_reader_that_is_too_slow_is_cut_off_and_one_that_is_fast_enough_is_not(make_upstream, make_gateway):
    size = 24 << 20
    upstream = make_upstream(lambda exchange: answer(200, b"x" * size))
    gateway = start(make_gateway, upstream, top="limits { send_rate 500k; rate_grace 1s; idle_timeout 60s }")
    slow = Client(gateway.port, receive_buffer=4096)
    slow.send(message("GET", "/open/slow", HOST))
    # 1 KB each 50 ms: far too slow, but never standing still.
    taken = 0
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            data = slow.socket.recv(1024)
        except ConnectionResetError:
            break
        taken += len(data)
        assert data, "the end of a cut answer must be seen"
        time.sleep(0.05)
    else:
        raise AssertionError("still there")
    assert taken < size
    gateway.wait_for_log("/open/slow", "client-timeout")
    with Client(gateway.port, timeout=30) as fast:
        fast.send(message("GET", "/open/fast", HOST))
        response = fast.head()
        while len(fast.buffer) < size:
            assert fast.more()
            time.sleep(0.005)
        assert response.status == 200 and len(fast.buffer) == size
    slow.close()


def test_a_reader_on_a_slow_line_is_judged_by_what_it_takes_not_by_when_the_kernel_has_room(make_upstream, make_gateway):
    """The kernel says that there is room only when a large part of its buffer is free, which takes a slow reader longer than the idle time."""
    upstream = make_upstream(lambda exchange: answer(200, b"x" * (24 << 20)))
    gateway = start(make_gateway, upstream, top="limits { send_rate 1k; rate_grace 1s; idle_timeout 1s }")
    with Client(gateway.port, receive_buffer=4096) as client:
        client.send(message("GET", "/open/x", HOST))
        until_time = time.monotonic() + 5
        while time.monotonic() < until_time:
            assert client.socket.recv(1024)
            time.sleep(0.02)


# ---- File descriptors ------------------------------------------------------------------------------------------------


@pytest.fixture
def make_limited(make_gateway, monkeypatch):
    """Starts gateways with one worker that may open only so many files."""

    def make(upstream, files):
        start = subprocess.Popen

        def popen(*arguments, **options):
            return start(*arguments, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files)), **options)

        text = configuration(site(upstream.url, more="open /open/*")).replace("workers 2", "workers 1")
        with monkeypatch.context() as patch:
            patch.setattr(subprocess, "Popen", popen)
            return make_gateway(text)

    return make


def test_running_out_of_file_descriptors_pauses_accepting_says_so_once_and_recovers(make_limited, make_upstream, held):
    upstream = make_upstream(held)
    gateway = make_limited(upstream, 64)

    def told(words):
        return sum(words in line for line in list(gateway.log))

    gateway.wait_for_log("limit of open files is too low", "open_files=64")
    for turn in (1, 2):
        held.go.clear()
        before = len(upstream.requests)
        clients = hold(gateway.port, 60, timeout=30)
        until(lambda: told("file descriptors run out") == turn, 10, "the event")
        until(lambda: held.waiting >= 15, 10, "requests at the app")
        # Who is let in finds a descriptor for the app as well; the others wait in the kernel's queue.
        assert len(upstream.requests) - before < 30
        assert closed(clients) == []
        held.go.set()
        assert [client.response().status for client in clients] == [200] * 60
        for client in clients:
            client.close()
        until(lambda: told("enough file descriptors again") == turn, 15, "the event that it is over")
        assert told("file descriptors run out") == turn
        with Client(gateway.port) as client:
            assert ask(client).status == 200


def test_connections_that_are_kept_to_apps_go_when_others_need_their_descriptors(make_limited, make_upstream, held):
    upstream = make_upstream(held)
    gateway = make_limited(upstream, 64)
    for method in ("GET", "POST", "POST", "GET"):
        held.go.clear()
        clients = [Client(gateway.port, timeout=30) for _ in range(40)]
        for client in clients:
            client.send(message(method, "/open/held", HOST, b"x" if method == "POST" else None))
        until(lambda: held.waiting >= 15, 10, "requests at the app")
        held.go.set()
        assert [client.response().status for client in clients] == [200] * 40
        for client in clients:
            client.close()


def test_idle_connections_go_first_when_file_descriptors_run_out(make_limited, upstream):
    gateway = make_limited(upstream, 64)
    clients = idle_clients(gateway.port, 100)
    gone = closed(clients)
    assert gone and gone == list(range(len(gone))), gone
    assert sum("file descriptors run out" in line for line in list(gateway.log)) == 1


# ---- slowhttptest ----------------------------------------------------------------------------------------------------

ATTACKERS = 300
# What each mode does, and the limits that are to end it; all others are too long to be of any help.
MODES = {
    "slow headers": (["-H", "-i", "1", "-x", "20"], "header_timeout 2m; idle_timeout 2m"),
    "slow bodies": (["-B", "-i", "1", "-x", "20", "-s", "8192"], "rate_grace 1s; idle_timeout 2m"),
    "slow readers": (["-X", "-w", "8", "-y", "64", "-n", "1", "-z", "16", "-k", "3"], "rate_grace 1s; idle_timeout 2m"),
}
needs_slowhttptest = pytest.mark.skipif(not shutil.which("slowhttptest"), reason="slowhttptest is not installed (Docker/install-packages test)")


@contextlib.contextmanager
def slowhttptest(gateway, options, directory):
    """The tool at work, for longer than any test."""
    command = [
        "slowhttptest", "-c", str(ATTACKERS), "-r", str(ATTACKERS), "-l", "300", "-p", "3", "-u", f"http://127.0.0.1:{gateway.port}/open/large",
        *options]
    attack = subprocess.Popen(command, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield attack
    finally:
        attack.kill()
        attack.wait(10)


@pytest.fixture
def make_attacked(make_upstream, make_gateway):
    """Makes a gateway that answers to slowhttptest, which names the host that it connects to, with more than a connection holds."""

    def app(exchange):
        exchange.read_body()
        return answer(200, b"x" * (8 << 20 if exchange.target == "/open/large" else 65536))

    def make(limits):
        upstream = make_upstream(app)
        return make_gateway(configuration(site(upstream.url, hosts="app.test 127.0.0.1", more="open /open/*"), top=f"limits {{ {limits} }}"))

    return make


def visit(port, times):
    """The statuses of so many requests, each on a connection of its own."""
    statuses = []
    for _ in range(times):
        with Client(port, timeout=60) as client:
            response = ask(client)
            assert len(response.body) == 65536
            statuses.append(response.status)
    return statuses


@needs_slowhttptest
@pytest.mark.parametrize("mode", MODES)
def test_everybody_is_answered_while_slowhttptest_wants_all_places_and_more(make_attacked, tmp_path, mode):
    options, limits = MODES[mode]
    gateway = make_attacked(f"connections {ATTACKERS // 3}; {limits}")
    with slowhttptest(gateway, options, tmp_path):
        gateway.wait_for_log("too many connections", "limit=connections", timeout=30)
        # They stand behind the attackers in the queue. Nobody would ever get through if these were not ended.
        with ThreadPoolExecutor(10) as visitors:
            found = [status for statuses in visitors.map(lambda _: visit(gateway.port, 5), range(10)) for status in statuses]
    assert found == [200] * 50
    ended = [line for line in list(gateway.log) if "client-timeout" in line]
    # Who sends no head gives up a place to whoever comes; the others are busy, and are ended for being slow.
    assert bool(ended) == (mode != "slow headers") and all("/open/large" in line for line in ended), ended[:5]
    assert visit(gateway.port, 1) == [200]


@needs_slowhttptest
@pytest.mark.parametrize("mode", MODES)
def test_every_attacker_is_ended_by_its_own_limit(make_attacked, tmp_path, mode):
    options, limits = MODES[mode]
    gateway = make_attacked(limits.replace("header_timeout 2m", "header_timeout 1s"))

    def ended():
        return [line for line in list(gateway.log) if "client-timeout" in line]

    with slowhttptest(gateway, options, tmp_path):
        until(lambda: len(ended()) >= ATTACKERS, 60, "all of them to be ended")
    assert all(("/open/large" in line) == (mode != "slow headers") for line in ended()), ended()[:5]
