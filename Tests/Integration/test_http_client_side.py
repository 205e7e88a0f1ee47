"""HTTP/1 towards the client: every ambiguity is refused, and nothing that was answered here is ever read twice."""

import asyncio
import json
import socket
import threading

import pytest
import websockets

from gateway import configuration, site
from rawhttp import Client, Malformed, Truncated, message
from upstream import answer, chunked
from visitor import NAVIGATION, Visitor
from waiting import until

HOST = b"Host: app.test\r\n"
SMUGGLED = b"GET /open/smuggled HTTP/1.1\r\nHost: app.test\r\n\r\n"


def post(*lines, body=b"", target=b"/open/x", version=b"HTTP/1.1"):
    return b"POST " + target + b" " + version + b"\r\n" + HOST + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


FRAMING = {
    "both framings": post(b"Content-Length: 5", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n" + SMUGGLED),
    "both framings, other order": post(b"Transfer-Encoding: chunked", b"Content-Length: 5", body=b"0\r\n\r\n" + SMUGGLED),
    "two lengths": post(b"Content-Length: 5", b"Content-Length: 6", body=b"hello" + SMUGGLED),
    "one length twice": post(b"Content-Length: 5", b"Content-Length: 5", body=b"hello" + SMUGGLED),
    "a list of lengths": post(b"Content-Length: 5,5", body=b"hello" + SMUGGLED),
    "a list of two lengths": post(b"Content-Length: 5, 6", body=b"hello" + SMUGGLED),
    "plus": post(b"Content-Length: +5", body=b"hello"),
    "minus": post(b"Content-Length: -5", body=b"hello"),
    "hexadecimal": post(b"Content-Length: 0x5", body=b"hello"),
    "decimal point": post(b"Content-Length: 5.0", body=b"hello"),
    "blank within": post(b"Content-Length: 5 5", body=b"hello"),
    "empty length": post(b"Content-Length:", body=b"hello"),
    "overflow": post(b"Content-Length: 18446744073709551621", body=b"hello"),
    "huge": post(b"Content-Length: 99999999999999999999999999", body=b"hello"),
    "underscore": post(b"Content-Length: 1_0", body=b"hello"),
    "xchunked": post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n"),
    "blank before chunked": post(b"Transfer-Encoding:  chunked", b"Transfer-Encoding:  chunked", body=b"0\r\n\r\n"),
    "chunked twice": post(b"Transfer-Encoding: chunked, chunked", body=b"0\r\n\r\n"),
    "identity": post(b"Transfer-Encoding: identity", body=b"hello"),
    "identity, chunked": post(b"Transfer-Encoding: identity, chunked", body=b"0\r\n\r\n"),
    "gzip, chunked": post(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"),
    "chunked, gzip": post(b"Transfer-Encoding: chunked, gzip", body=b"0\r\n\r\n"),
    "chunked;x": post(b"Transfer-Encoding: chunked;x=1", body=b"0\r\n\r\n"),
    "quoted chunked": post(b'Transfer-Encoding: "chunked"', body=b"0\r\n\r\n"),
    "empty encoding": post(b"Transfer-Encoding:", body=b"0\r\n\r\n"),
    "vertical tab before chunked": post(b"Transfer-Encoding: \x0bchunked", body=b"0\r\n\r\n"),
    "chunked in HTTP/1.0": post(b"Transfer-Encoding: chunked", version=b"HTTP/1.0", body=b"0\r\n\r\n"),
    "blank before the colon": post(b"Content-Length : 5", body=b"hello"),
    "tab before the colon": post(b"X-Y\t: 5"),
    "folded": post(b"X-Y: a\r\n b"),
    "folded first line": b"GET /open/x HTTP/1.1\r\n Host: app.test\r\n\r\n",
    "folded framing": post(b"Transfer-Encoding:\r\n chunked", body=b"0\r\n\r\n"),
    "bare LF": b"GET /open/x HTTP/1.1\nHost: app.test\n\n",
    "bare LF after a field": b"GET /open/x HTTP/1.1\r\nHost: app.test\nX: y\r\n\r\n",
    "bare LF at the end": b"GET /open/x HTTP/1.1\r\nHost: app.test\r\n\n",
    "bare CR in a value": post(b"X-Y: a\rContent-Length: 5"),
    "bare CR in a name": post(b"X\rY: a"),
    "NUL in a value": post(b"X-Y: a\x00b"),
    "NUL in a name": post(b"X\x00Y: a"),
    "NUL in the target": b"GET /open/\x00 HTTP/1.1\r\n" + HOST + b"\r\n",
    "control byte in a value": post(b"X-Y: a\x01b"),
    "DEL in a value": post(b"X-Y: a\x7fb"),
    "no colon": post(b"Nonsense"),
    "empty name": post(b": x"),
    "name with a slash": post(b"X/Y: a"),
    "name over 0x7F": post(b"X-\xe9: a"),
    "HTTP/1.2": b"GET /open/x HTTP/1.2\r\n" + HOST + b"\r\n",
    "HTTP/2.0": b"GET /open/x HTTP/2.0\r\n" + HOST + b"\r\n",
    "HTTP/1.10": b"GET /open/x HTTP/1.10\r\n" + HOST + b"\r\n",
    "HTTP/01.1": b"GET /open/x HTTP/01.1\r\n" + HOST + b"\r\n",
    "http/1.1": b"GET /open/x http/1.1\r\n" + HOST + b"\r\n",
    "HTTP/0.9": b"GET /open/x\r\n\r\n",
    "HTTP/0.9 named": b"GET /open/x HTTP/0.9\r\n" + HOST + b"\r\n",
    "two blanks": b"GET  /open/x HTTP/1.1\r\n" + HOST + b"\r\n",
    "blank in the target": b"GET /open/x y HTTP/1.1\r\n" + HOST + b"\r\n",
    "tab for a blank": b"GET\t/open/x\tHTTP/1.1\r\n" + HOST + b"\r\n",
    "blank before the method": b" GET /open/x HTTP/1.1\r\n" + HOST + b"\r\n",
    "blank after the version": b"GET /open/x HTTP/1.1 \r\n" + HOST + b"\r\n",
    "odd method": b"GE\"T /open/x HTTP/1.1\r\n" + HOST + b"\r\n",
    "no method": b"/open/x HTTP/1.1\r\n" + HOST + b"\r\n",
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "CONNECT": b"CONNECT app.test:443 HTTP/1.1\r\n" + HOST + b"\r\n",
}


@pytest.mark.parametrize("name", FRAMING)
def test_an_ambiguous_head_is_refused_and_the_connection_ends(front, upstream, name):
    with Client(front.port) as client:
        client.send(FRAMING[name] + SMUGGLED)
        response = client.response()
        assert response.status in (400, 405, 501, 505), response
        client.expect_end()
    assert upstream.requests == []


CHUNKS = {
    "plus": b"+5\r\nhello\r\n0\r\n\r\n",
    "minus": b"-5\r\nhello\r\n0\r\n\r\n",
    "blank before": b" 5\r\nhello\r\n0\r\n\r\n",
    "blank after": b"5 \r\nhello\r\n0\r\n\r\n",
    "0x": b"0x5\r\nhello\r\n0\r\n\r\n",
    "empty": b"\r\nhello\r\n0\r\n\r\n",
    "overflow": b"10000000000000005\r\nhello\r\n0\r\n\r\n",
    "sixteen F": b"FFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n",
    "many zeros": b"0" * 5000 + b"5\r\nhello\r\n0\r\n\r\n",
    "not hexadecimal": b"5g\r\nhello\r\n0\r\n\r\n",
    "bare LF": b"5\nhello\r\n0\r\n\r\n",
    "bare CR": b"5\rhello\r\n0\r\n\r\n",
    "LF after the data": b"5\r\nhello\n0\r\n\r\n",
    "data too long": b"5\r\nhello!\r\n0\r\n\r\n",
    "data too short": b"5\r\nhell\r\n0\r\n\r\n",
    "extension of 1 MB": b"5;" + b"x" * (1 << 20) + b"\r\nhello\r\n0\r\n\r\n",
    "NUL in an extension": b"5;\x00\r\nhello\r\n0\r\n\r\n",
    "bare LF in an extension": b"5;a\nb\r\nhello\r\n0\r\n\r\n",
    "malformed trailer": b"5\r\nhello\r\n0\r\nX Y\r\n\r\n",
    "trailers of 1 MB": b"5\r\nhello\r\n0\r\n" + b"X: y\r\n" * 180000 + b"\r\n",
}


@pytest.mark.parametrize("name", CHUNKS)
def test_a_malformed_chunk_is_refused_and_the_app_never_sees_a_whole_request(make_upstream, make_gateway, name):
    whole = []

    def app(exchange):
        exchange.read_body()
        whole.append(exchange.target)
        return answer(200, "x")

    upstream = make_upstream(app)
    gateway = make_gateway(configuration(site(upstream.url, more="open /open/*")))
    with Client(gateway.port) as client:
        try:
            client.send(post(b"Transfer-Encoding: chunked", body=CHUNKS[name] + SMUGGLED))
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            response = client.response()
            assert response.status in (400, 413, 431), response
            client.expect_end()
        except Truncated:
            pass  # closed with unread bytes on the way: the answer may be lost to the reset
    assert whole == []


@pytest.mark.parametrize("name, request_bytes, statuses", [
    ("401", message("POST", "/app", [("Host", "app.test"), ("Accept", "*/*")], SMUGGLED), [401]),
    ("302", message("POST", "/app", [("Host", "app.test"), ("Sec-Fetch-Mode", "navigate")], SMUGGLED), [302, 303]),
    ("404", message("POST", "/.anteroom/nothing", [("Host", "app.test")], SMUGGLED), [404]),
    ("421", message("POST", "/app", [("Host", "other.test")], SMUGGLED), [421]),
    ("healthz", message("POST", "/.anteroom/healthz", [("Host", "app.test")], SMUGGLED), [200, 405]),
    ("GET with a body", message("GET", "/app", [("Host", "app.test"), ("Sec-Fetch-Mode", "navigate")], SMUGGLED), [302]),
    ("chunked", b"POST /app HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(SMUGGLED), SMUGGLED), [401]),
    ("login", message("POST", "/.anteroom/login", [("Host", "app.test")], SMUGGLED), [400, 403, 415]),
], ids=lambda value: value if isinstance(value, str) else "")
def test_an_answer_made_here_leaves_no_body_to_be_read_as_a_request(front, upstream, name, request_bytes, statuses):
    for pieces in ([request_bytes + message("GET", "/open/next", [("Host", "app.test")])], [request_bytes[:-10], request_bytes[-10:], message("GET", "/open/next", [("Host", "app.test")])]):
        upstream.requests.clear()
        with Client(front.port) as client:
            for piece in pieces:
                try:
                    client.send(piece)
                except (BrokenPipeError, ConnectionResetError):
                    break
            response = client.response()
            assert response.status in statuses, response
            if response.says_close:
                client.expect_end()
            else:
                assert client.response().status == 200
                assert upstream.targets == ["/open/next"]
        assert "/open/smuggled" not in upstream.targets


def test_a_refused_patient_parameter_with_a_body_does_not_desynchronise(ann, upstream):
    with Client(ann.port) as client:
        client.send(ann.message("POST", "/patients?patient_id=x", NAVIGATION, SMUGGLED) + ann.message("GET", "/app", NAVIGATION))
        response = client.response()
        assert response.status == 400
        if response.says_close:
            client.expect_end()
        else:
            assert client.response().status == 200
    assert "/open/smuggled" not in upstream.targets


def test_a_large_unread_body_does_not_desynchronise_either(front, upstream):
    body = SMUGGLED * 20000
    with Client(front.port) as client:
        try:
            client.send(message("POST", "/app", [("Host", "app.test")], body) + message("GET", "/open/next", [("Host", "app.test")]))
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            response = client.response()
            assert response.status == 401
            if not response.says_close:
                assert client.response().status == 200
            client.half_close()
            client.expect_end()
        except (Truncated, OSError):
            pass
    assert set(upstream.targets) <= {"/open/next"}


def test_pipelined_requests_are_answered_in_their_order(front, upstream):
    with Client(front.port) as client:
        client.send(b"".join(message("GET", f"/open/{number}", [("Host", "app.test")]) for number in range(50)))
        targets = [json.loads(client.response().body)["target"] for _ in range(50)]
    assert targets == [f"/open/{number}" for number in range(50)]


def test_pipelined_requests_of_every_kind_keep_their_order(ann, upstream):
    requests = [
        (ann.message("GET", "/app", NAVIGATION), "GET", 200), (ann.message("HEAD", "/app", NAVIGATION), "HEAD", 200), (ann.message("POST", "/app", NAVIGATION, b"x" * 5000), "POST", 200),
        (ann.message("GET", "/patients?patient_id=x", NAVIGATION), "GET", 400), (ann.message("GET", "/.anteroom/nothing"), "GET", 404), (ann.message("GET", "/patients?patient_id=3", NAVIGATION), "GET", 200),
    ] * 3
    with Client(ann.port) as client:
        client.send(b"".join(data for data, _, _ in requests))
        assert [client.response(method).status for _, method, _ in requests] == [status for _, _, status in requests]


def test_a_request_that_comes_byte_by_byte_is_the_same_request(front, upstream):
    data = post(b"Transfer-Encoding: chunked", body=b"5;ext=1\r\nhello\r\n1\r\n!\r\n0\r\nX-Trailer: 1\r\n\r\n") + message("GET", "/open/next", [("Host", "app.test")])
    with Client(front.port) as client:
        for position in range(len(data)):
            client.send(data[position:position + 1])
        assert client.response("POST").status == 200
        assert client.response().status == 200
    assert [exchange.body for exchange in upstream.requests] == [b"hello!", b""]


def test_trailers_end_here(make_upstream, make_gateway):
    app = make_upstream(lambda exchange: (exchange.read_body(), chunked(b"abc", trailer=b"X-Up: 1\r\nSet-Cookie: a=b\r\n"))[1])
    gateway = make_gateway(configuration(site(app.url, more="open /open/*")))
    with Client(gateway.port) as client:
        client.send(post(b"Transfer-Encoding: chunked", b"Trailer: X-Cliniko-Patient-Id", body=b"5\r\nhello\r\n0\r\nX-Cliniko-Patient-Id: 9\r\nX-Auth-User: eve\r\n\r\n"))
        response = client.response("POST")
    assert response.body == b"abc" and response.trailers == []
    assert app.last.body == b"hello" and app.last.trailers == []
    assert "9" not in app.last.all("X-Cliniko-Patient-Id")


def test_expect_100_continue_is_answered_before_the_body(front, upstream):
    with Client(front.port) as client:
        client.send(post(b"Expect: 100-continue", b"Content-Length: 5"))
        assert client.head().status == 100
        client.send(b"hello")
        assert client.response("POST").status == 200
    assert upstream.last.body == b"hello"


def test_expect_100_continue_is_not_answered_when_the_body_is_not_wanted(front, upstream):
    with Client(front.port) as client:
        client.send(post(b"Expect: 100-continue", b"Content-Length: 5", target=b"/app"))
        response = client.response("POST")
        assert response.status == 401 and response.interim == []
    assert upstream.requests == []


def test_head_has_the_length_and_no_body(ann):
    with Client(ann.port) as client:
        response = client.request("HEAD", "/app", ann.headers(NAVIGATION))
        assert response.status == 200 and int(response.get("Content-Length")) > 0
        assert client.request("GET", "/app", ann.headers(NAVIGATION)).status == 200


@pytest.mark.parametrize("target", ["/app", "/.anteroom/login", "/.anteroom/healthz", "/.anteroom/nothing"])
def test_head_of_what_is_answered_here_has_no_body(front, target):
    with Client(front.port) as client:
        client.send(message("HEAD", target, [("Host", "app.test"), *NAVIGATION]) + message("GET", "/.anteroom/healthz", [("Host", "app.test")]))
        client.response("HEAD")
        assert client.response().body.strip() == b"ok"


@pytest.mark.parametrize("raw", [
    b"HTTP/1.1 204 No Content\r\nX: y\r\n\r\n", b"HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
], ids=["204", "304", "304 with a length", "empty"])
def test_answers_without_a_body_do_not_stall_the_next(make_upstream, make_gateway, raw):
    app = make_upstream(lambda exchange: raw)
    gateway = make_gateway(configuration(site(app.url, more="open /open/*")))
    with Client(gateway.port) as client:
        for _ in range(5):
            response = client.request("GET", "/open/x", [("Host", "app.test")])
            assert response.status == int(raw[9:12]) and response.body == b""
    assert app.connections == 1


def test_a_client_that_half_closes_still_gets_its_answer(make_upstream, make_gateway):
    go = threading.Event()

    def app(exchange):
        assert go.wait(10)
        return answer(200, "x" * 100000)

    upstream = make_upstream(app)
    gateway = make_gateway(configuration(site(upstream.url, more="open /open/*")))
    with Client(gateway.port) as client:
        client.send(message("GET", "/open/x", [("Host", "app.test")]))
        client.half_close()
        until(lambda: upstream.requests, 10, "the request")
        go.set()
        assert len(client.response().body) == 100000
        client.expect_end()


def test_an_http_1_0_client_gets_no_chunks(make_upstream, make_gateway):
    app = make_upstream(lambda exchange: chunked(b"abc", b"def"))
    gateway = make_gateway(configuration(site(app.url, more="open /open/*")))
    with Client(gateway.port) as client:
        client.send(b"GET /open/x HTTP/1.0\r\nHost: app.test\r\n\r\n")
        response = client.response()
        assert response.body == b"abcdef" and response.all("Transfer-Encoding") == []
        client.expect_end()
    assert app.last.version == "HTTP/1.1"


def test_connection_close_is_honoured(front):
    with Client(front.port) as client:
        client.send(message("GET", "/open/x", [("Host", "app.test"), ("Connection", "close")]) + SMUGGLED)
        response = client.response()
        assert response.status == 200 and response.says_close
        client.expect_end()


def test_an_early_answer_reaches_the_client_before_its_body_is_sent(make_upstream, make_gateway):
    def app(exchange):
        exchange.send(answer(413, "too much", [("Connection", "close")]))
        exchange.wait_for_end()
        exchange.close()

    upstream = make_upstream(app)
    gateway = make_gateway(configuration(site(upstream.url, more="open /open/*")))
    with Client(gateway.port) as client:
        client.send(post(b"Content-Length: 1000000", body=b"x" * 1000))
        response = client.response("POST")
        assert response.status == 413 and response.body == b"too much"
        # The rest of the body is not a request.
        try:
            client.send(SMUGGLED)
            client.half_close()
        except OSError:
            pass
    until(lambda: len(upstream.requests) == 1, 5, "one request")
    assert upstream.targets == ["/open/x"]


def test_a_body_over_the_limit_is_413(make_gateway, upstream):
    gateway = make_gateway(configuration(site(upstream.url, more="open /open/*"), top="limits { body 10k }"))
    with Client(gateway.port) as client:
        client.send(post(b"Content-Length: 10241"))
        assert client.response("POST").status == 413
    assert upstream.requests == []
    with Client(gateway.port) as client:
        assert client.request("POST", "/open/x", [("Host", "app.test")], b"x" * 10240).status == 200
    complete = len([exchange for exchange in upstream.requests if exchange.complete])
    with Client(gateway.port) as client:
        client.send(post(b"Transfer-Encoding: chunked", body=b"1000\r\n" + b"x" * 4096 + b"\r\n" + b"2000\r\n" + b"x" * 8192 + b"\r\n0\r\n\r\n"))
        try:
            assert client.response("POST").status == 413
        except Truncated:
            pass
    assert len([exchange for exchange in upstream.requests if exchange.complete]) == complete


def test_heads_over_the_limits_are_414_and_431(make_gateway, upstream):
    gateway = make_gateway(configuration(site(upstream.url, more="open /open/*"), top="limits { header_bytes 8k; header_count 50 }"))
    for request_bytes, statuses in (
        (b"GET /open/" + b"x" * 9000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", (414,)),
        (b"GET /open/" + b"x" * 2000000, (414,)),
        (b"GET /open/x HTTP/1.1\r\n" + HOST + b"X: " + b"y" * 9000 + b"\r\n\r\n", (431,)),
        (b"GET /open/x HTTP/1.1\r\n" + HOST + b"X: y\r\n" * 51 + b"\r\n", (431,)),
        (b"GET /open/x HTTP/1.1\r\n" + HOST + b"X: " + b"y" * 2000000, (431,)),
        (b"A" * 9000 + b" /open/x HTTP/1.1\r\n" + HOST + b"\r\n", (400, 414, 431, 501)),
    ):
        with Client(gateway.port) as client:
            try:
                client.send(request_bytes)
            except OSError:
                pass
            try:
                response = client.response()
            except Truncated:
                assert len(request_bytes) > 100000
                continue
            assert response.status in statuses, (response, request_bytes[:60])
            client.expect_end()
    assert upstream.requests == []
    with Client(gateway.port) as client:
        client.send(b"GET /open/" + b"x" * 7000 + b" HTTP/1.1\r\n" + HOST + b"X: y\r\n" * 45 + b"\r\n")
        assert client.response().status == 200


@pytest.mark.parametrize("begun", [b"GET /open/x HTTP/1.1\r\nHost: app.te", b"G", b"GET /open/x HTTP/1.1\r\n"])
def test_a_head_that_takes_too_long_is_408(make_gateway, upstream, begun):
    gateway = make_gateway(configuration(site(upstream.url, more="open /open/*"), top="limits { header_timeout 1s; idle_timeout 30s }"))
    with Client(gateway.port) as client:
        client.send(begun)
        assert client.response().status == 408
        client.expect_end()
    assert upstream.requests == []


def test_a_head_that_trickles_is_408_too(make_gateway, upstream):
    gateway = make_gateway(configuration(site(upstream.url, more="open /open/*"), top="limits { header_timeout 2s; idle_timeout 30s }"))
    with Client(gateway.port) as client:
        client.send(b"GET /open/x HTTP/1.1\r\nHost: app.test\r\n")

        def ended():
            try:
                client.send(b"X: y\r\n")
                client.socket.settimeout(0.2)
                client.more()
            except socket.timeout:
                pass
            except OSError:
                return True
            return client.buffer or client.ended

        until(ended, 10, "the end of patience", pause=0.1)
        assert client.buffer == b"" or client.buffer.startswith(b"HTTP/1.1 408")
    assert upstream.requests == []


def test_idle_connections_are_closed_without_a_word(make_gateway, upstream):
    gateway = make_gateway(configuration(site(upstream.url, more="open /open/*"), top="limits { idle_timeout 1s; header_timeout 5s }"))
    with Client(gateway.port) as silent, Client(gateway.port) as served:
        assert served.request("GET", "/open/x", [("Host", "app.test")]).status == 200
        silent.expect_end()
        served.expect_end()


def test_a_body_that_stalls_does_not_hold_on_for_ever(make_gateway, upstream):
    gateway = make_gateway(configuration(site(upstream.url, more="open /open/*"), top="limits { idle_timeout 1s }"))
    with Client(gateway.port) as client:
        client.send(post(b"Content-Length: 100", body=b"some"))
        try:
            assert client.response("POST").status in (400, 408)
            client.expect_end()
        except Truncated:
            pass
    assert not any(exchange.complete for exchange in upstream.requests)


def test_a_client_that_goes_away_takes_its_upstream_request_along(make_upstream, make_gateway):
    ended = threading.Event()

    def app(exchange):
        try:
            while True:
                exchange.send(b"" if exchange.wait_for_end() else b"")
                ended.set()
                return None
        finally:
            exchange.close()

    upstream = make_upstream(app)
    gateway = make_gateway(configuration(site(upstream.url, more="open /open/*")))
    client = Client(gateway.port)
    client.send(post(b"Content-Length: 100", body=b"some"))
    until(lambda: upstream.requests, 10, "the request")
    client.close()
    assert ended.wait(10)


def endless(total, block=1 << 16):
    """An app that streams `total` bytes and counts what it could send."""
    sent = [0]

    def app(exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % total)
        data = b"x" * block
        while sent[0] < total:
            exchange.send(data)
            sent[0] += block
        return None

    return app, sent


def settled(figure, timeout=20):
    """Waits until a figure has stopped growing."""
    seen = [figure(), 0]

    def still():
        now = figure()
        seen[1] = seen[1] + 1 if now == seen[0] and now > 0 else 0
        seen[0] = now
        return seen[1] >= 10

    until(still, timeout, "a figure that stands still", pause=0.05)
    return seen[0]


def test_back_pressure_a_slow_reader_stops_the_app_and_costs_no_memory(make_upstream, make_gateway):
    total = 256 << 20
    app, sent = endless(total)
    gateway = make_gateway(configuration(site(make_upstream(app).url, more="open /open/*")))
    before = gateway.peak()
    with Client(gateway.port, timeout=60, receive_buffer=65536) as client:
        client.send(message("GET", "/open/x", [("Host", "app.test")]))
        stuck = settled(lambda: sent[0])
        assert stuck < 48 << 20, "the gateway swallowed what nobody read"
        assert gateway.peak() - before < 16 << 20
        response = client.head()
        left = int(response.get("Content-Length")) - len(client.buffer)
        while left:
            data = client.socket.recv(1 << 20)
            assert data
            left -= len(data)
    assert gateway.peak() - before < 16 << 20


def test_back_pressure_an_app_that_does_not_read_stops_the_client(make_upstream, make_gateway):
    total = 128 << 20
    go = threading.Event()

    def app(exchange):
        assert go.wait(60)
        exchange.link.socket.settimeout(60)
        left = total - len(exchange.link.buffer)
        exchange.link.buffer = b""
        while left:
            left -= len(exchange.link.socket.recv(1 << 20))
        exchange.complete = True
        return answer(200, "got it")

    upstream = make_upstream(app)
    gateway = make_gateway(configuration(site(upstream.url, more="open /open/*"), top="limits { body 200m }"))
    before = gateway.peak()
    sent = [0]
    with Client(gateway.port, timeout=60) as client:
        client.send(post(b"Content-Length: %d" % total))

        def pump():
            data = b"x" * 65536
            while sent[0] < total:
                client.send(data)
                sent[0] += len(data)

        thread = threading.Thread(target=pump, daemon=True)
        thread.start()
        stuck = settled(lambda: sent[0])
        assert stuck < 48 << 20
        assert gateway.peak() - before < 16 << 20
        go.set()
        assert client.response("POST").body == b"got it"
        thread.join(10)
    assert gateway.peak() - before < 16 << 20


def test_an_upgrade_to_anything_but_websocket_is_an_ordinary_request(ann, upstream):
    page = ann.request("GET", "/app", [*NAVIGATION, ("Connection", "Upgrade"), ("Upgrade", "h2c")])
    assert page.status == 200
    assert "upgrade" not in upstream.last.names()


class Echo:
    """A real WebSocket server, in a thread."""

    def __enter__(self):
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()
        self.requests = []

        async def serve(link, *_):
            self.requests.append((link.path, link.request_headers))
            async for text in link:
                if text == "bye":
                    await link.close(4001, "said bye")
                    return
                await link.send(text)

        async def main():
            self.stopping = asyncio.Event()
            async with websockets.serve(serve, "127.0.0.1", 0, max_size=1 << 25) as server:
                self.port = server.sockets[0].getsockname()[1]
                ready.set()
                await self.stopping.wait()

        self.thread = threading.Thread(target=lambda: self.loop.run_until_complete(main()), daemon=True)
        self.thread.start()
        assert ready.wait(10)
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.stopping.set)
        self.thread.join(10)
        self.loop.close()


def websocket(visitor, path, headers=()):
    fields = [*headers] + ([("Cookie", visitor.cookie_header())] if visitor.jar else [])
    return websockets.connect(f"ws://{visitor.authority}{path}", host="127.0.0.1", port=visitor.port, extra_headers=fields, max_size=1 << 25, open_timeout=10)


def test_a_websocket_of_a_signed_in_user_is_a_tunnel(make_gateway):
    with Echo() as echo:
        visitor = Visitor(make_gateway(configuration(site(f"http://127.0.0.1:{echo.port}"))).port)
        visitor.sign_in()

        async def talk():
            async with websocket(visitor, "/ws?room=1", [("X-Auth-User", "eve")]) as link:
                for text in ("hello", "", "é" * 1000, b"\x00\xff" * 70000, "x" * (5 << 20)):
                    await link.send(text)
                    assert await link.recv() == text
                for number in range(100):
                    await link.send(str(number))
                assert [await link.recv() for _ in range(100)] == [str(number) for number in range(100)]
                await (await link.ping())
                await link.send("bye")
                with pytest.raises(websockets.ConnectionClosed) as closed:
                    await link.recv()
                assert closed.value.code == 4001
            async with websocket(visitor, "/ws"), websocket(visitor, "/ws") as second:
                await second.send("side by side")
                assert await second.recv() == "side by side"

        asyncio.run(talk())
        path, headers = echo.requests[0]
        assert path == "/ws?room=1"
        assert headers.get_all("X-Auth-User") == ["ann"] and "Cookie" not in headers


def test_a_websocket_of_a_stranger_is_401(make_gateway):
    with Echo() as echo:
        visitor = Visitor(make_gateway(configuration(site(f"http://127.0.0.1:{echo.port}"))).port)

        async def talk():
            with pytest.raises(websockets.InvalidStatusCode) as refused:
                async with websocket(visitor, "/ws"):
                    pass
            assert refused.value.status_code == 401

        asyncio.run(talk())
        assert echo.requests == []


def test_a_websocket_that_the_app_refuses_is_an_ordinary_answer(ann, upstream):
    fields = [("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")]
    with Client(ann.port) as client:
        assert client.request("GET", "/app", ann.headers(fields)).status == 200
        assert client.request("GET", "/app", ann.headers(NAVIGATION)).status == 200
    assert len(upstream.requests) == 2


def test_the_reader_of_these_tests_is_strict_itself(make_upstream):
    app = make_upstream(lambda exchange: b"HTTP/1.1 200 OK\nContent-Length: 0\n\n")
    with Client(app.port) as client, pytest.raises(Malformed):
        client.request("GET", "/", [("Host", "x")])
