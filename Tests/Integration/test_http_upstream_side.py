"""HTTP/1 towards the app: what it may send, what becomes of half an answer, and when a request is tried again."""

import hashlib
import random
import threading

import pytest

from gateway import configuration, site
from rawhttp import Client, Truncated, message
from upstream import answer, chunked, describe, refused_port
from visitor import Visitor
from waiting import until

HOST = [("Host", "app.test")]


@pytest.fixture
def behind(make_upstream, make_gateway):
    """Puts an app behind a gateway in which every path is open; returns both."""

    def make(app, top=""):
        upstream = make_upstream(app)
        return upstream, make_gateway(configuration(site(upstream.url, more="open /*"), top=top))

    return make


def scripted(first, *others):
    """An app that answers its requests with these bytes in turn, and the last of them from then on."""
    answers = [first, *others]
    count = [0]

    def app(exchange):
        exchange.read_body()
        count[0] += 1
        return answers[min(count[0], len(answers)) - 1]

    return app


MALFORMED = {
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    "both framings": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "a list of lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nhello",
    "signed length": b"HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello",
    "negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    "unknown encoding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunked twice": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "no status line": b"hello\r\n\r\n",
    "SSH": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "status of two digits": b"HTTP/1.1 20 OK\r\n\r\n",
    "status of four digits": b"HTTP/1.1 2000 OK\r\n\r\n",
    "status 099": b"HTTP/1.1 099 Odd\r\n\r\n",
    "HTTP/2": b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.2": b"HTTP/1.2 200 OK\r\nContent-Length: 0\r\n\r\n",
    "blank before the colon": b"HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\nhello",
    "folded": b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n",
    "bare CR": b"HTTP/1.1 200 OK\r\nX: a\rb\r\nContent-Length: 0\r\n\r\n",
    "NUL": b"HTTP/1.1 200 OK\r\nX: a\x00b\r\nContent-Length: 0\r\n\r\n",
    "head of 1 MB": b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * (1 << 20) + b"\r\n\r\n",
    "many fields": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50000 + b"\r\n",
    "101 unasked": b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    "endless 1xx": b"HTTP/1.1 103 Early\r\n\r\n" * 50000,
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_answer_is_502_and_its_connection_is_not_used_again(behind, name):
    upstream, gateway = behind(scripted(MALFORMED[name], answer(200, "fine")))
    with Client(gateway.port) as client:
        response = client.request("GET", "/x", [*HOST, ("Accept", "text/html")])
        assert response.status == 502, response
        assert response.get("Content-Type").startswith("text/html")
        if response.says_close:
            client.expect_end()
    with Client(gateway.port) as client:
        assert client.request("GET", "/y", HOST).body == b"fine"
    assert len({exchange.connection for exchange in upstream.requests}) == 2


def test_502_is_problem_json_for_programs(behind):
    upstream, gateway = behind(scripted(b"nonsense\r\n\r\n"))
    with Client(gateway.port) as client:
        response = client.request("GET", "/x", [*HOST, ("Accept", "application/json")])
    assert response.status == 502 and response.get("Content-Type") == "application/problem+json"


def test_bytes_after_an_answer_end_the_use_of_its_connection(behind):
    hidden = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhidden"
    for first in (answer(200, "first") + hidden, chunked(b"first") + hidden, b"HTTP/1.1 204 No Content\r\n\r\n" + hidden):
        upstream, gateway = behind(scripted(first, answer(200, "second")))
        with Client(gateway.port) as client:
            assert client.request("GET", "/x", HOST).status in (200, 204)
            assert client.request("GET", "/y", HOST).body == b"second"
        assert len({exchange.connection for exchange in upstream.requests}) == 2


def test_bytes_that_come_later_unasked_end_it_too(behind):
    go, ended = threading.Event(), threading.Event()

    def app(exchange):
        exchange.send(answer(200, "first" if exchange.connection == 1 else "other"))
        if exchange.connection == 1:
            assert go.wait(10)
            exchange.send(answer(200, "hidden"))
            exchange.wait_for_end()
            ended.set()
            exchange.close()

    upstream, gateway = behind(app)
    with Client(gateway.port) as client:
        assert client.request("GET", "/0", HOST).body == b"first"
        # Only while the connection idles: bytes that cross a request on the wire are its answer to anybody.
        go.set()
        assert ended.wait(10), "the gateway keeps a connection on which something came unasked"
        assert [client.request("GET", f"/{number}", HOST).body for number in range(1, 4)] == [b"other"] * 3


def test_a_head_answer_with_a_body_does_not_poison_the_next(behind):
    upstream, gateway = behind(scripted(answer(200, "a body that must not be here"), answer(200, "second")))
    with Client(gateway.port) as client:
        client.send(message("HEAD", "/x", HOST))
        assert client.response("HEAD").status == 200
        assert client.request("GET", "/y", HOST).body == b"second"


def test_interim_answers_come_before_the_final_one(behind):
    raw = b"HTTP/1.1 102 Processing\r\n\r\n" + b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" * 3 + b"HTTP/1.1 100 Continue\r\n\r\n" + answer(200, "final")
    upstream, gateway = behind(scripted(raw))
    with Client(gateway.port) as client:
        for _ in range(3):
            assert client.request("GET", "/x", HOST).body == b"final"
        client.send(b"GET /x HTTP/1.0\r\nHost: app.test\r\n\r\n")
        response = client.response()
        assert response.interim == [] and response.body == b"final"
    assert upstream.connections == 1


@pytest.mark.parametrize("raw", [
    b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n",
], ids=["length", "between chunks", "within a chunk", "within the trailers", "malformed chunk"])
@pytest.mark.parametrize("end", ["close", "reset"])
def test_half_an_answer_is_seen_to_be_half(behind, raw, end):
    def app(exchange):
        exchange.send(raw)
        if end == "reset":
            assert seen.wait(10), "the first bytes did not arrive"
            exchange.reset()
        else:
            exchange.close()

    seen = threading.Event()
    upstream, gateway = behind(app)
    with Client(gateway.port) as client:
        client.send(message("GET", "/x", HOST))
        try:
            response = client.head()
        finally:
            seen.set()
        # Nothing at all would be worse than either: browsers send such a request again by themselves.
        assert response.status in (200, 502)
        if response.status == 200:
            with pytest.raises(Truncated):
                client.body(response)
    assert len(upstream.requests) == 1


def test_half_a_head_is_502(behind):
    def app(exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Le")
        exchange.close()

    upstream, gateway = behind(app)
    with Client(gateway.port) as client:
        assert client.request("GET", "/x", HOST).status == 502
    assert len(upstream.requests) == 1, "half an answer is no reason to ask again"


@pytest.mark.parametrize("end", ["close", "reset"])
def test_no_answer_on_a_fresh_connection_is_502(behind, end):
    upstream, gateway = behind(lambda exchange: getattr(exchange, end)())
    with Client(gateway.port) as client:
        assert client.request("POST", "/x", HOST, b"body").status == 502
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("end", ["close", "reset"])
@pytest.mark.parametrize("method, body", [("GET", None), ("HEAD", None), ("POST", b"once"), ("PUT", b""), ("DELETE", None), ("GET", b"with a body")])
def test_a_connection_that_ended_meanwhile_is_not_noticed_and_nothing_unsafe_is_sent_twice(behind, end, method, body):
    def app(exchange):
        exchange.read_body()
        if exchange.connection == 1 and exchange.target == "/second":
            getattr(exchange, end)()
            return None
        text = answer(200, "fine")
        return text[:-4] if exchange.method == "HEAD" else text

    upstream, gateway = behind(app)
    with Client(gateway.port) as client:
        assert client.request("GET", "/first", HOST).status == 200
        status = client.request(method, "/second", HOST, body).status
    arrivals = upstream.targets.count("/second")
    if method in ("GET", "HEAD") and body is None:
        assert (status, arrivals) == (200, 2)
    else:
        # Sent on a fresh connection from the start, or lost with the old one; but never twice.
        assert (status, arrivals) in ((200, 1), (502, 1))


def test_it_is_tried_once_more_and_not_for_ever(behind):
    def app(exchange):
        if exchange.target == "/first":
            return answer(200, "fine")
        exchange.close()

    upstream, gateway = behind(app)
    with Client(gateway.port) as client:
        assert client.request("GET", "/first", HOST).status == 200
        assert client.request("GET", "/second", HOST).status == 502
    assert upstream.targets.count("/second") <= 2


def test_an_upstream_that_refuses_is_left_for_another(make_upstream, make_gateway):
    upstream = make_upstream()
    gateway = make_gateway(configuration(site([f"http://127.0.0.1:{refused_port()}", upstream.url], more="open /*")))
    with Client(gateway.port) as client:
        for number in range(20):
            assert client.request("GET", f"/{number}", HOST).status == 200
    assert len(upstream.requests) == 20


def test_two_upstreams_take_turns(make_upstream, make_gateway):
    one, two = make_upstream(), make_upstream()
    gateway = make_gateway(configuration(site([one.url, two.url], more="open /*")))
    for number in range(40):
        assert Visitor(gateway.port).fetch(f"/{number}").status == 200
    assert len(one.requests) + len(two.requests) == 40
    assert min(len(one.requests), len(two.requests)) >= 10


def test_nothing_but_refusals_is_502_or_503(make_gateway):
    gateway = make_gateway(configuration(site(f"http://127.0.0.1:{refused_port()}", more="open /*")))
    for method, body in (("GET", None), ("POST", b"x")):
        with Client(gateway.port) as client:
            response = client.request(method, "/x", [*HOST, ("Accept", "text/html")], body)
        assert response.status in (502, 503)
        assert "no-store" in response.get("Cache-Control")


def test_an_app_that_accepts_and_never_answers_is_504(behind):
    release = threading.Event()
    upstream, gateway = behind(lambda exchange: release.wait(30) and None, top="limits { upstream_timeout 1s }")
    with Client(gateway.port) as client:
        assert client.request("GET", "/x", [*HOST, ("Accept", "text/html")]).status == 504
    assert len(upstream.requests) == 1
    release.set()


def test_an_answer_that_stalls_half_way_is_cut(behind):
    def app(exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
        exchange.wait_for_end()
        exchange.close()

    upstream, gateway = behind(app, top="limits { upstream_stall_timeout 1s; idle_timeout 5s }")
    with Client(gateway.port) as client:
        client.send(message("GET", "/x", HOST))
        with pytest.raises(Truncated):
            client.response()


def test_an_answer_before_the_request_ended_ends_the_use_of_the_connection(behind):
    def app(exchange):
        if exchange.method == "POST":
            exchange.send(answer(200, "early"))
            exchange.wait_for_end()
            exchange.close()
            return None
        return answer(200, "next")

    upstream, gateway = behind(app)
    with Client(gateway.port) as client:
        client.send(b"POST /early HTTP/1.1\r\nHost: app.test\r\nContent-Length: 2000000\r\n\r\n" + b"x" * 1000)
        assert client.response("POST").body == b"early"
    with Client(gateway.port) as client:
        assert client.request("GET", "/y", HOST).body == b"next"
    assert len({exchange.connection for exchange in upstream.requests}) == 2


def test_an_answer_without_a_length_goes_on_until_the_end(behind):
    def app(exchange):
        exchange.send(b"HTTP/1.0 200 OK\r\nX-Old: yes\r\n\r\n" + b"x" * 200000)
        exchange.close()

    upstream, gateway = behind(app)
    with Client(gateway.port) as client:
        response = client.request("GET", "/x", HOST)
        assert len(response.body) == 200000 and response.get("X-Old") == "yes"


def test_fields_of_the_answer_arrive_in_order_and_doubled_ones_stay_doubled(behind):
    fields = [("Set-Cookie", "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT"), ("X-B", "1"), ("Set-Cookie", "b=2"), ("X-B", "2"), ("Location", "http://127.0.0.1:9/x?y"), ("X-Empty", "")]
    upstream, gateway = behind(scripted(answer(302, "x", fields)))
    with Client(gateway.port) as client:
        response = client.request("GET", "/x", HOST)
    assert [(name, value) for name, value in response.fields if (name, value) in fields] == fields
    assert response.status == 302 and response.reason == "Fine"


def test_hop_by_hop_fields_of_the_answer_end_here(behind):
    fields = [("Connection", "X-Hop, keep-alive"), ("X-Hop", "1"), ("Keep-Alive", "timeout=5"), ("Proxy-Authenticate", "Basic"), ("X-Kept", "1"), ("Upgrade", "h2c")]
    upstream, gateway = behind(scripted(answer(200, "x", fields)))
    with Client(gateway.port) as client:
        names = {name.lower() for name, _ in client.request("GET", "/x", HOST).fields}
    assert "x-kept" in names and not names & {"x-hop", "upgrade"}


def test_connections_to_the_app_are_used_again(behind):
    upstream, gateway = behind(scripted(answer(200, "x"), chunked(b"y"), answer(200, "")))
    with Client(gateway.port) as client:
        for number in range(30):
            assert client.request("GET", f"/{number}", HOST).status == 200
        assert upstream.connections == 1
        # One that carried a form serves again, too.
        assert client.request("POST", "/form", HOST, b"z").status == 200
        for number in range(10):
            assert client.request("GET", f"/{number}", HOST).status == 200
    assert upstream.connections <= 2


def test_a_connection_that_the_app_wants_closed_is_not_used_again(behind):
    upstream, gateway = behind(scripted(answer(200, "x", [("Connection", "close")])))
    with Client(gateway.port) as client:
        for number in range(5):
            assert client.request("GET", f"/{number}", HOST).status == 200
    assert upstream.connections == 5


def test_an_app_that_comes_and_goes_is_reached_again(make_upstream, make_gateway):
    first = make_upstream()
    port = first.port
    gateway = make_gateway(configuration(site(first.url, more="open /*")))
    assert Visitor(gateway.port).fetch("/x").status == 200
    first.stop()
    assert Visitor(gateway.port).fetch("/x").status in (502, 503)
    make_upstream(describe, port)
    until(lambda: Visitor(gateway.port).fetch("/x").status == 200, 15, "the app to be reached again", pause=0.2)


def test_large_bodies_arrive_whole_in_both_framings(behind):
    data = random.Random(7).randbytes(3 << 20)

    def app(exchange):
        body = exchange.read_body()
        assert hashlib.sha256(body).digest() == hashlib.sha256(data).digest()
        if exchange.target == "/chunked":
            return chunked(*[data[position:position + 77777] for position in range(0, len(data), 77777)])
        return answer(200, data)

    upstream, gateway = behind(app)
    with Client(gateway.port, timeout=60) as client:
        for target in ("/length", "/chunked"):
            sender = threading.Thread(target=client.send, args=(message("POST", target, HOST, data),))
            sender.start()
            assert client.response("POST").body == data
            sender.join(10)
            chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (data[position:position + 54321] for position in range(0, len(data), 54321)))
            client.send(f"POST {target} HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
            sender = threading.Thread(target=client.send, args=(chunks + b"0\r\n\r\n",))
            sender.start()
            assert client.response("POST").body == data
            sender.join(10)
