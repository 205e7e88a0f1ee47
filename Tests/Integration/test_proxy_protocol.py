"""Balancers that pass connections on and say whose they are: the PROXY protocol, from HAProxy and from bare sockets."""

import ipaddress
import shutil
import socket
import ssl
import struct

import pytest

from authority import Authority
from gateway import configuration, site
from haproxy import Haproxy
from rawhttp import Client, Malformed, Truncated
from visitor import Visitor

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
LISTEN = "127.0.0.1:0 {{ proxy_protocol {} }}"
GET = b"GET /open/x HTTP/1.1\r\nHost: app.test\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n"
THROTTLED = "login password { users users.passwd; throttle { account 100 in 10m; address 3 in 10m; lock 15m } }"


def v1(client, port=4711):
    family = "TCP6" if ":" in client else "TCP4"
    here = "::1" if ":" in client else "127.0.0.1"
    return f"PROXY {family} {client} {here} {port} 443\r\n".encode()


def v2(client, port=4711, command=0x21, additions=b"", family=None):
    address = ipaddress.ip_address(client)
    rest = address.packed + ipaddress.ip_address("::1" if address.version == 6 else "127.0.0.1").packed + struct.pack("!HH", port, 443) + additions
    return SIGNATURE + struct.pack("!BBH", command, family or (0x21 if address.version == 6 else 0x11), len(rest)) + rest


@pytest.fixture
def make_front(make_gateway, upstream):
    def make(networks="127.0.0.0/8", login=THROTTLED, top="", scheme=""):
        listen = LISTEN.format(networks)
        if scheme:
            listen = listen.replace("}", f"; scheme {scheme} }}")
        return make_gateway(configuration(site(upstream.url, login=login, more="open /open/*"), listen=listen, top=top))
    return make


@pytest.fixture
def front(make_front):
    return make_front()


@pytest.mark.skipif(shutil.which("haproxy", path="/usr/sbin:/usr/bin:/sbin:/bin") is None, reason="HAProxy is not installed")
@pytest.mark.parametrize("send", ["send-proxy", "send-proxy-v2", "send-proxy-v2 proxy-v2-options crc32c,unique-id"])
def test_the_browsers_address_arrives_through_haproxy_in_app_logs_and_audit(front, upstream, tmp_path, send):
    balancer = Haproxy(tmp_path / "haproxy", front.port, send)
    try:
        visitor = Visitor(balancer.port, source="127.0.0.5")
        visitor.sign_in()
        visitor.navigate("/patients?patient_id=7", [("X-Forwarded-For", "6.6.6.6"), ("Forwarded", "for=6.6.6.6")])
        assert upstream.last.get("X-Forwarded-For") == "127.0.0.5"
        assert upstream.last.get("Forwarded").startswith("for=127.0.0.5;")
        front.wait_for_log(" 127.0.0.5 app.test ann ", "/patients")
        login = front.wait_for_audit(lambda record: record["event"] == "login")[0]
        opened = front.wait_for_audit(lambda record: record["event"] == "patient-request" and record["outcome"] == "shown")[0]
        assert (login["client"], opened["client"], opened["patient"]) == ("127.0.0.5", "127.0.0.5", "7")
    finally:
        balancer.stop()


@pytest.mark.parametrize("header, client", [
    (v1("192.0.2.1"), "192.0.2.1"), (v2("192.0.2.1"), "192.0.2.1"), (v1("2001:db8::7"), "2001:db8::7"), (v2("2001:db8::7"), "2001:db8::7"),
    (v2("::ffff:192.0.2.1"), "192.0.2.1"), (b"PROXY UNKNOWN\r\n", "127.0.0.1"), (v2("192.0.2.1", command=0x20), "127.0.0.1"),
    (v2("192.0.2.1", additions=b"\x20\x00\x03abc\x04\x00\x00"), "192.0.2.1"),
])
@pytest.mark.parametrize("piece", [1, 13, 4096])
def test_a_header_is_understood_in_whatever_pieces_it_comes(front, upstream, header, client, piece):
    with Client(front.port) as connection:
        data = header + GET
        for start in range(0, len(data), piece):
            connection.send(data[start:start + piece])
        assert connection.response().status == 200
        assert upstream.last.get("X-Forwarded-For") == client
        # It holds for the whole connection.
        connection.send(GET)
        assert connection.response().status == 200
        assert upstream.last.get("X-Forwarded-For") == client


@pytest.mark.parametrize("start", [
    GET, b"PROXY TCP4 192.0.2.1 127.0.0.1 4711\r\n" + GET, b"PROXY TCP4 192.0.2.1 127.0.0.1 4711 443\n" + GET, b"PROXY TCP4 localhost 127.0.0.1 1 1\r\n",
    b"PROXY " + b"x" * 120, v1("192.0.2.1").replace(b"TCP4", b"TCP5") + GET, v2("192.0.2.1", command=0x31) + GET, v2("192.0.2.1", command=0x22) + GET,
    v2("192.0.2.1", family=0x12) + GET, v2("192.0.2.1", family=0x21) + GET, v2("192.0.2.1", additions=b"\x20\x00\x09abc") + GET,
    v2("192.0.2.1", additions=b"\x03\x00\x04\x00\x00\x00\x00") + GET, v2("192.0.2.1", additions=b"\x20\x10\x00" + b"x" * 4096) + GET,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
])
def test_without_a_correct_header_there_is_no_answer(front, upstream, start):
    with Client(front.port) as connection:
        connection.send(start)
        connection.expect_end()
    front.wait_for_log("without a PROXY header", "127.0.0.1")
    assert not upstream.requests


def test_the_log_warns_once_and_not_for_each(front):
    for _ in range(20):
        with Client(front.port) as connection:
            connection.send(GET)
            connection.expect_end()
    front.wait_for_log("without a PROXY header")
    assert front.output.count("without a PROXY header") == 1


def test_a_header_that_does_not_come_ends_the_connection_in_time(make_front):
    front = make_front(top="limits { header_timeout 300ms }")
    for start in (b"", b"PRO", SIGNATURE):
        with Client(front.port, prefix=start) as connection:
            connection.expect_end()


def test_a_balancer_that_only_looks_whether_the_port_is_open_is_no_news(front):
    for _ in range(3):
        socket.create_connection(("127.0.0.1", front.port)).close()
    with Client(front.port, prefix=v1("192.0.2.1")) as connection:
        assert connection.request("GET", "/.anteroom/healthz", [("Host", "app.test")]).status == 200
    assert "without a PROXY header" not in front.output


def test_nobody_else_may_connect(make_front, upstream):
    front = make_front("127.0.0.9")
    with pytest.raises((ConnectionError, Truncated, Malformed)):
        with Client(front.port, prefix=v1("192.0.2.1")) as connection:
            connection.send(GET)
            connection.response()
    assert not upstream.requests
    front.wait_for_log("not in proxy_protocol", "127.0.0.1")
    with Client(front.port, source="127.0.0.9", prefix=v1("192.0.2.1")) as connection:
        connection.send(GET)
        assert connection.response().status == 200


def test_wrong_passwords_count_for_the_browsers_address(front):
    def attempt(address, password):
        return Visitor(front.port, prefix=v2(address)).login_page().sign_in("ann", password).status
    assert [attempt("192.0.2.1", "wrong") for _ in range(3)] == [403, 403, 403]
    assert attempt("192.0.2.1", "wrong") == 429
    # Neither the balancer nor anybody else behind it is locked out.
    assert attempt("192.0.2.2", "wrong") == 403
    Visitor(front.port, prefix=v2("192.0.2.3")).sign_in()


def test_connections_are_counted_for_the_browsers_address(make_front):
    front = make_front(top="limits { connections_per_address 2 }")
    ask = b"GET /.anteroom/healthz HTTP/1.1\r\nHost: app.test\r\n\r\n"
    kept = [Client(front.port, prefix=v2(f"192.0.2.{number}")) for number in (1, 1, 2, 2)]
    for connection in kept:
        connection.send(ask)
        assert connection.response().status == 200
    with pytest.raises((ConnectionError, Truncated)):
        with Client(front.port, prefix=v2("192.0.2.1")) as connection:
            connection.send(ask)
            connection.response()
    front.wait_for_log("too many connections", "192.0.2.1")
    for connection in kept:
        connection.close()


def test_with_scheme_https_the_cookies_and_the_origin_are_those_of_https(make_front, upstream):
    front = make_front(scheme="https")
    visitor = Visitor(front.port, scheme="https", prefix=v2("192.0.2.1"))
    back = visitor.sign_in()
    assert {name.split("-b-")[0] for name in visitor.jar} == {"__Host-anteroom", "__Host-anteroom-device"}
    assert all("; Secure" in line and "; Path=/" in line and "Domain" not in line for line in back.response.all("Set-Cookie"))
    visitor.navigate("/patients?patient_id=7")
    assert upstream.last.get("X-Forwarded-Proto") == "https"
    assert "proto=https" in upstream.last.get("Forwarded")
    page = Visitor(front.port, scheme="https", prefix=v2("192.0.2.1")).login_page()
    refused = page.submit({"user": "ann", "password": "x"}, page.form("user", "password"), origin=f"http://app.test:{front.port}")
    assert refused.status == 403


@pytest.mark.parametrize("piece", [1, 4096])
def test_the_header_comes_before_tls_and_takes_no_byte_of_it(make_gateway, upstream, tmp_path, piece):
    authority = Authority(tmp_path / "authority")
    authority.issue(tmp_path / "gateway0" / "tls", "app", ["app.test"])
    listen = "127.0.0.1:0 { tls tls/app.pem tls/app.key; proxy_protocol 127.0.0.0/8 }"
    front = make_gateway(configuration(site(upstream.url, more="open /open/*"), listen=listen))
    context = ssl.create_default_context(cafile=str(authority.pem))
    # The client's first TLS bytes, sent together with the header.
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname="app.test")
    data = v2("192.0.2.1")
    with socket.create_connection(("127.0.0.1", front.port), 10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def go_on(step):
            nonlocal data
            while True:
                try:
                    return step()
                except ssl.SSLWantReadError:
                    data += outgoing.read()
                    for start in range(0, len(data), piece):
                        connection.sendall(data[start:start + piece])
                    data = b""
                    incoming.write(connection.recv(65536))

        go_on(tls.do_handshake)
        tls.write(GET)
        assert b"200" in go_on(lambda: tls.read(65536)).split(b"\r\n")[0]
    assert upstream.last.get("X-Forwarded-For") == "192.0.2.1"
    assert upstream.last.get("X-Forwarded-Proto") == "https"
    # TLS without a header is none.
    with pytest.raises((ssl.SSLError, ConnectionError, EOFError)):
        context.wrap_socket(socket.create_connection(("127.0.0.1", front.port), 10), server_hostname="app.test")
    visitor = Visitor(front.port, tls=context, prefix=v2("192.0.2.1"))
    visitor.sign_in()
    assert "__Host-anteroom" in visitor.jar
