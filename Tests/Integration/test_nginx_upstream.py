"""nginx as the app: large files, slow answers, resets, and keep-alive that ends under us."""

import hashlib
import threading

import pytest

from gateway import configuration, site
from nginx import Nginx
from rawhttp import Client, Truncated, message
from visitor import NAVIGATION, Visitor

LARGE = 500 << 20
FLAT = 80 << 20

SERVER = """
    server {
        listen 127.0.0.1:{port} backlog=512;
        root {root};
        client_max_body_size 0;
        location /up {
            client_body_in_file_only on;
            proxy_pass http://127.0.0.1:{port}/done;
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            proxy_set_header X-File $request_body_file;
            proxy_set_header X-Auth-User $http_x_auth_user;
        }
        location /done { add_header X-File $http_x_file; add_header X-User $http_x_auth_user; return 200 "stored\\n"; }
        location /few { keepalive_requests 3; return 200 "few\\n"; }
        location /short { keepalive_timeout 1ms; return 200 "short\\n"; }
        location /reset { return 444; }
        location /slow { limit_rate 64k; }
        location /seen { return 200 "$request_method $request_uri [$http_x_cliniko_patient_id] [$http_x_auth_user] [$http_cookie]\\n"; }
        location /patients { return 200 "$request_uri [$http_x_cliniko_patient_id] [$http_x_auth_user]\\n"; }
        location /moved { return 302 /seen?moved; }
        location /gone { return 410; }
    }
"""


@pytest.fixture(scope="module")
def nginx(tmp_path_factory):
    server = Nginx(tmp_path_factory.mktemp("nginx"), SERVER)
    with open(server.root / "large", "wb") as file:
        file.truncate(LARGE)
        for position in range(0, LARGE, 50 << 20):
            file.seek(position)
            file.write(b"mark at %d" % position)
    (server.root / "slow").mkdir()
    (server.root / "slow" / "file").write_bytes(bytes(range(256)) * 512)
    (server.root / "small.txt").write_text("small\n")
    yield server
    server.stop()


@pytest.fixture
def clinician(make_gateway, nginx):
    """Somebody signed in before nginx."""
    gateway = make_gateway(configuration(site(nginx.url, more="open /open/*"), top="limits { body 1g }"))
    visitor = Visitor(gateway.port)
    visitor.gateway = gateway
    visitor.sign_in()
    return visitor


def drain(client, response, digest):
    """Reads a body with a length without keeping it."""
    left = int(response.get("Content-Length"))
    digest.update(client.buffer)
    left -= len(client.buffer)
    client.buffer = b""
    while left:
        data = client.socket.recv(min(left, 1 << 20))
        assert data, "ended early"
        digest.update(data)
        left -= len(data)


def test_the_patient_arrives_in_an_app_that_we_did_not_write(clinician):
    assert clinician.navigate("/patients?patient_id=123&x=%zz").text == "/patients?patient_id=123&x=%zz [123] [ann]\n"
    assert clinician.request("GET", "/seen", [*NAVIGATION, ("Cookie", clinician.cookie_header() + "; a=b")]).text == "GET /seen [] [ann] [a=b]\n"


def test_a_file_of_500_mb_comes_down_in_flat_memory(clinician, nginx):
    expected = hashlib.sha256()
    with open(nginx.root / "large", "rb") as file:
        while block := file.read(1 << 20):
            expected.update(block)
    digest = hashlib.sha256()
    with Client(clinician.port, timeout=60) as client:
        client.send(clinician.message("GET", "/large", NAVIGATION))
        response = client.head()
        assert response.status == 200 and int(response.get("Content-Length")) == LARGE
        drain(client, response, digest)
        assert client.request("GET", "/small.txt", clinician.headers(NAVIGATION)).text == "small\n"
    assert digest.digest() == expected.digest()
    assert clinician.gateway.peak() < FLAT


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_large_file_goes_up_in_flat_memory(clinician, framing):
    size, block = 200 << 20, bytes(range(256)) * 256
    expected = hashlib.sha256()
    with Client(clinician.port, timeout=60) as client:
        length = [("Content-Length", str(size))] if framing == "length" else [("Transfer-Encoding", "chunked")]
        client.send(message("PUT", "/up/large", clinician.headers([*NAVIGATION, *length])))
        chunk = b"%x\r\n%s\r\n" % (len(block), block) if framing == "chunked" else block
        for _ in range(size // len(block)):
            client.send(chunk)
            expected.update(block)
        if framing == "chunked":
            client.send(b"0\r\n\r\n")
        response = client.response("PUT")
    assert response.status == 200 and response.get("X-User") == "ann"
    stored = hashlib.sha256()
    with open(response.get("X-File"), "rb") as file:
        while data := file.read(1 << 20):
            stored.update(data)
    assert stored.digest() == expected.digest()
    assert clinician.gateway.peak() < FLAT


def test_ranges_and_conditional_requests_pass(clinician):
    whole = clinician.navigate("/small.txt")
    assert clinician.navigate("/small.txt", [("Range", "bytes=1-3")]).text == "mal"
    assert clinician.navigate("/small.txt", [("If-None-Match", whole.get("ETag"))]).status == 304
    assert clinician.request("HEAD", "/small.txt", NAVIGATION).get("Content-Length") == "6"
    assert clinician.navigate("/nothing-here").status == 404
    assert clinician.navigate("/gone").status == 410
    assert clinician.navigate("/moved").status == 302


def test_a_slow_answer_arrives_whole(clinician):
    assert clinician.navigate("/slow/file").response.body == bytes(range(256)) * 512


@pytest.mark.parametrize("path", ["/few", "/short"])
def test_keep_alive_that_ends_under_us_is_not_noticed(clinician, path):
    with Client(clinician.port) as client:
        for _ in range(200):
            assert client.request("GET", path, clinician.headers(NAVIGATION)).status == 200


def test_keep_alive_that_ends_under_many_is_not_noticed(clinician):
    faults = []

    def work():
        try:
            with Client(clinician.port) as client:
                for number in range(60):
                    response = client.request("GET", ("/few", "/short", "/small.txt")[number % 3], clinician.headers(NAVIGATION))
                    if response.status != 200:
                        faults.append(response)
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []


def test_a_connection_that_nginx_ends_without_an_answer_is_502_and_the_next_request_is_fine(clinician):
    for _ in range(5):
        assert clinician.navigate("/reset").status == 502
        assert clinician.navigate("/small.txt").status == 200


def test_a_client_that_leaves_within_a_large_file_harms_nobody(clinician):
    for _ in range(5):
        client = Client(clinician.port)
        client.send(clinician.message("GET", "/large", NAVIGATION))
        assert client.head().status == 200
        client.close()
    assert clinician.navigate("/small.txt").status == 200


def test_nginx_ending_within_a_large_file_is_seen_by_the_client(clinician, tmp_path, make_gateway):
    server = Nginx(tmp_path / "mortal", SERVER)
    with open(server.root / "large", "wb") as file:
        file.truncate(LARGE)
    visitor = Visitor(make_gateway(configuration(site(server.url))).port)
    visitor.sign_in()
    try:
        with Client(visitor.port, timeout=30) as client:
            client.send(visitor.message("GET", "/large", NAVIGATION))
            response = client.head()
            assert response.status == 200
            server.stop()
            with pytest.raises(Truncated):
                client.body(response)
    finally:
        server.stop()
    assert visitor.navigate("/small.txt").status in (502, 503)
