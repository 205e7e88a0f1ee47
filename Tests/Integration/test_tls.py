"""TLS on listeners and to apps: with curl, openssl, Python's ssl, nginx behind the gateway, and what is no TLS at all."""

import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time

import pytest

from authority import Authority
from browser import Driver, absence, must_be_there
from gateway import PASSWORD, configuration, run, site
from nginx import Nginx
from tls_client import ask, connect, context, shown_certificate
from waiting import until

CURL = ["curl", "-sS", "--max-time", "20"]


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def secure(make_gateway, upstream, authority, tmp_path):
    """A gateway with TLS for app.test, and its certificates in a folder `tls` beside its file."""
    folder = tmp_path / "gateway0" / "tls"
    authority.issue(folder, "app", ["app.test", "*.clinic.test"])
    return make_gateway(configuration(
        site(upstream.url, "app.test *.clinic.test", more="open /open/*\nhsts 1h"), listen="127.0.0.1:0 { tls tls/app.pem tls/app.key }"))


def curl(gateway, authority, url, *arguments):
    return subprocess.run(
        [*CURL, "--cacert", str(authority.pem), "--connect-to", f"::127.0.0.1:{gateway.port}", *arguments, url], capture_output=True, text=True)


def test_a_request_goes_through_with_https_in_everything_that_depends_on_it(secure, upstream, authority):
    answer = curl(secure, authority, "https://app.test/open/x?y=1", "-i")
    assert answer.returncode == 0, answer.stderr
    assert "HTTP/1.1 200" in answer.stdout and "\nStrict-Transport-Security: max-age=3600" in answer.stdout
    head = upstream.requests[-1]
    assert head.get("X-Forwarded-Proto") == "https" and "proto=https" in head.get("Forwarded")
    login = curl(secure, authority, "https://app.test/.anteroom/login", "-i")
    assert re.search(r"Set-Cookie: __Host-anteroom[^;]*; Path=/; Secure; HttpOnly; SameSite=Lax", login.stdout)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_both_versions_carry_requests_and_resume_sessions(secure, authority, version):
    made = context(authority, minimum_version=version, maximum_version=version)
    with connect(secure, made) as stream:
        assert ask(stream)[0] == 200 and ask(stream)[0] == 200
        session = stream.session
        assert not stream.session_reused
    with connect(secure, made, session=session) as stream:
        assert ask(stream)[0] == 200
        assert stream.session_reused


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1", "-ssl3"])
def test_old_versions_are_refused(secure, version):
    answer = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{secure.port}", version, "-cipher", "ALL:@SECLEVEL=0"], stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=20)
    assert "Cipher is (NONE)" in answer.stdout or answer.returncode != 0


def test_http_1_1_is_agreed_on_and_a_client_of_other_protocols_is_turned_away(secure, authority):
    made = context(authority)
    made.set_alpn_protocols(["h2", "http/1.1"])
    with connect(secure, made) as stream:
        assert stream.selected_alpn_protocol() == "http/1.1"
    made = context(authority)
    made.set_alpn_protocols(["smtp"])
    with pytest.raises(ssl.SSLError, match="NO_APPLICATION_PROTOCOL|no application protocol"):
        connect(secure, made)


def test_the_certificate_is_chosen_by_name_and_by_kind_of_key(make_gateway, upstream, authority, tmp_path):
    folder = tmp_path / "gateway0" / "tls"
    for name, hosts, kind in (("a", ["a.test"], "rsa"), ("a2", ["a.test"], "ec"), ("wild", ["*.b.test"], "ec"), ("b", ["x.b.test"], "ec")):
        authority.issue(folder, name, hosts, kind)
    lines = "; ".join(f"tls tls/{name}.pem tls/{name}.key" for name in ("a", "a2", "wild", "b"))
    gateway = make_gateway(configuration(site(upstream.url, "a.test *.b.test"), listen=f"127.0.0.1:0 {{ {lines} }}"))
    shown = {name: ssl.PEM_cert_to_DER_cert((folder / f"{name}.pem").read_text()) for name in ("a", "a2", "wild", "b")}
    made = context(authority, check_hostname=False)
    assert shown_certificate(gateway, made, "x.b.test") == shown["b"]
    assert shown_certificate(gateway, made, "Y.B.test") == shown["wild"]
    assert shown_certificate(gateway, made, "other.test") == shown["a2"]
    assert shown_certificate(gateway, made, None) == shown["a2"]
    old = context(authority, check_hostname=False, maximum_version=ssl.TLSVersion.TLSv1_2)
    old.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256")
    assert shown_certificate(gateway, old, "a.test") == shown["a"]
    assert shown_certificate(gateway, made, "a.test") == shown["a2"]


def test_a_session_of_one_listener_is_worth_nothing_on_one_that_asks_for_certificates(make_gateway, upstream, authority, tmp_path):
    folder = tmp_path / "gateway0" / "tls"
    authority.issue(folder, "app", ["app.test"])
    client = authority.issue(tmp_path, "client", ["someone"])
    text = configuration(site(upstream.url, more="open /open/*"), listen="127.0.0.1:0 { tls tls/app.pem tls/app.key }")
    text += f"\nlisten 127.0.0.1:0 {{ tls tls/app.pem tls/app.key; client_ca {authority.pem} }}\n"
    gateway = make_gateway(text)
    ports = [int(port) for port in re.findall(r"https://127\.0\.0\.1:(\d+)", gateway.output)]
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        made = context(authority, minimum_version=version, maximum_version=version)
        gateway.port = ports[0]
        with connect(gateway, made) as stream:
            assert ask(stream)[0] == 200
            session = stream.session
        gateway.port = ports[1]
        with pytest.raises((ssl.SSLError, OSError, http.client.HTTPException)):
            with connect(gateway, made, session=session) as stream:
                ask(stream)
        made.load_cert_chain(*map(str, client))
        with connect(gateway, made) as stream:
            assert ask(stream)[0] == 200 and not stream.session_reused
    gateway.port = ports[0]


def test_an_optional_certificate_may_be_missing_but_not_wrong(make_gateway, upstream, authority, tmp_path):
    authority.issue(tmp_path / "gateway0" / "tls", "app", ["app.test"])
    stranger = Authority(tmp_path / "stranger").issue(tmp_path, "client", ["someone"])
    gateway = make_gateway(configuration(
        site(upstream.url, more="open /open/*"), listen=f"127.0.0.1:0 {{ tls tls/app.pem tls/app.key; client_ca {authority.pem} optional }}"))
    with connect(gateway, context(authority)) as stream:
        assert ask(stream)[0] == 200
    made = context(authority)
    made.load_cert_chain(*map(str, stranger))
    with pytest.raises((ssl.SSLError, OSError, http.client.HTTPException)):
        with connect(gateway, made) as stream:
            ask(stream)


def test_somebody_signs_in_over_https_with_curl(secure, authority, tmp_path):
    jar = tmp_path / "jar"
    page = curl(secure, authority, "https://app.test/patients?patient_id=7", "-L", "-c", str(jar), "-b", str(jar), "-H", "Accept: text/html", "-w", "%{url_effective}")
    action = re.search(r'<form[^>]*action="([^"]+)"', page.stdout)[1].replace("&amp;", "&")
    fields = [f"{name}={value}" for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.stdout)]
    data = sum((["--data-urlencode", field] for field in [*fields, "user=ann", f"password={PASSWORD}"]), [])
    url = action if action.startswith("https") else "https://app.test" + action
    refused = curl(secure, authority, url, *data, "-b", str(jar), "-H", "Origin: http://app.test", "-o", "/dev/null", "-w", "%{http_code}")
    assert refused.stdout == "403"
    answer = curl(secure, authority, url, *data, "-b", str(jar), "-c", str(jar), "-H", "Origin: https://app.test", "-i")
    assert "HTTP/1.1 303" in answer.stdout and "Location: /patients?patient_id=7" in answer.stdout.replace("https://app.test/", "/")
    assert "__Host-anteroom\t" in jar.read_text()


def test_what_is_no_tls_gets_an_answer_that_says_so_or_none(secure, authority):
    with socket.create_connection(("127.0.0.1", secure.port), 10) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: app.test\r\n\r\n")
        answer = b"".join(iter(lambda: plain.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 400 ") and b"This port speaks HTTPS" in answer
    for garbage in (b"\x00" * 100, b"\x16\x03\x01\x00\x05hello", b"\x16\x03\x01\xff\xff" + b"x" * 70_000, b"SSH-2.0-x\r\n", b"\x80\x2e\x01\x03\x01" + b"\x00" * 60):
        with socket.create_connection(("127.0.0.1", secure.port), 10) as stream:
            try:
                stream.sendall(garbage)
                stream.shutdown(socket.SHUT_WR)
                while stream.recv(4096):
                    pass
            except OSError:
                pass
    secure.wait_for_log("a TLS handshake came to nothing")
    assert len([line for line in secure.log if "a TLS handshake came to nothing" in line]) == 1
    with connect(secure, context(authority)) as stream:
        assert ask(stream)[0] == 200


def test_a_slow_handshake_is_given_up_and_holds_nobody_up(make_gateway, upstream, authority, tmp_path):
    authority.issue(tmp_path / "gateway0" / "tls", "app", ["app.test"])
    gateway = make_gateway(configuration(
        site(upstream.url, more="open /open/*"), listen="127.0.0.1:0 { tls tls/app.pem tls/app.key }", top="limits { header_timeout 700ms }"))
    silent = socket.create_connection(("127.0.0.1", gateway.port), 10)
    slow = socket.create_connection(("127.0.0.1", gateway.port), 10)
    began = time.monotonic()
    slow.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    with connect(gateway, context(authority)) as stream:
        assert ask(stream)[0] == 200
    for one in (silent, slow):
        assert not one.recv(100)
        one.close()
    assert time.monotonic() - began < 8
    gateway.wait_for_log("a TLS handshake came to nothing", "too slow")


def test_of_too_many_handshakes_the_oldest_are_given_up(make_gateway, upstream, authority, tmp_path):
    authority.issue(tmp_path / "gateway0" / "tls", "app", ["app.test"])
    gateway = make_gateway(configuration(
        site(upstream.url, more="open /open/*"), listen="127.0.0.1:0 { tls tls/app.pem tls/app.key }",
        top="limits { handshakes 8; header_timeout 60s }"))
    held = [socket.create_connection(("127.0.0.1", gateway.port), 10) for _ in range(60)]
    for one in held:
        try:
            one.sendall(b"\x16\x03\x01\x02\x00")
        except OSError:
            pass
    with connect(gateway, context(authority)) as stream:
        assert ask(stream)[0] == 200
    gateway.wait_for_log("too many connections", "limit=handshakes")

    def closed():
        count = 0
        for one in held:
            one.setblocking(False)
            try:
                count += one.recv(10) == b""
            except BlockingIOError:
                pass
            except OSError:
                count += 1
        return count >= 50

    until(closed, 10, "the oldest handshakes to be given up")
    for one in held:
        one.close()


def test_renegotiation_is_refused(secure, authority):
    answer = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{secure.port}", "-servername", "app.test", "-CAfile", str(authority.pem), "-tls1_2"],
        input="R\n", capture_output=True, text=True, timeout=30)
    assert "no renegotiation" in answer.stderr
    with connect(secure, context(authority)) as stream:
        assert ask(stream)[0] == 200


def test_new_keys_in_the_middle_of_a_connection_do_no_harm(secure, authority):
    process = subprocess.Popen(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{secure.port}", "-servername", "app.test", "-CAfile", str(authority.pem), "-tls1_3"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    lines = []
    reader = threading.Thread(target=lambda: lines.extend(iter(process.stdout.readline, b"")), daemon=True)
    reader.start()
    until(lambda: any(b"Verify return code" in line for line in lines), 10, "the handshake")
    for number in range(3):
        process.stdin.write(b"K\n")
        process.stdin.flush()
        # It reads a command or data, whichever comes first in one piece.
        until(lambda: sum(b"KEYUPDATE" in line for line in lines) > number, 10, "new keys")
        # Counted before it is asked for: the answer can be quicker than the next line.
        answers = sum(b"HTTP/1.1 200" in line for line in lines)
        process.stdin.write(b"GET /open/k HTTP/1.1\r\nHost: app.test\r\n\r\n")
        process.stdin.flush()
        until(lambda: sum(b"HTTP/1.1 200" in line for line in lines) > answers or process.poll() is not None, 10, "an answer")
    process.stdin.close()
    process.wait(20)
    reader.join(5)
    assert sum(b"HTTP/1.1 200" in line for line in lines) == 3


def test_long_bodies_pass_both_ways(secure, upstream, authority, tmp_path):
    upload = tmp_path / "upload"
    upload.write_bytes(bytes(range(256)) * 20_000)
    answer = curl(secure, authority, "https://app.test/open/echo", "--data-binary", f"@{upload}", "-o", str(tmp_path / "back"), "-w", "%{http_code}")
    assert answer.stdout == "200", answer.stderr
    assert upstream.requests[-1].body == upload.read_bytes()


def test_changed_certificates_are_taken_up_and_broken_ones_are_not(secure, authority, tmp_path):
    folder = secure.directory / "tls"
    made = context(authority)
    first = shown_certificate(secure, made)
    lasting = connect(secure, made)
    assert ask(lasting)[0] == 200
    other = authority.issue(tmp_path / "other", "app", ["app.test"])
    shutil.copy(other[0], folder / "new.pem")
    (folder / "new.pem").rename(folder / "app.pem")
    secure.wait_for_log("new certificates cannot be used", "the key is not this certificate's")
    assert shown_certificate(secure, made) == first
    shutil.copy(other[1], folder / "new.key")
    (folder / "new.key").rename(folder / "app.key")
    secure.wait_for_log("certificate read", "app.test")
    second = shown_certificate(secure, made)
    assert second == ssl.PEM_cert_to_DER_cert(other[0].read_text()) != first
    assert ask(lasting)[0] == 200
    lasting.close()
    (folder / "app.pem").write_text("-----BEGIN CERTIFICATE-----\nbroken\n")
    until(lambda: sum("new certificates cannot be used" in line for line in secure.log) == 2, 10, "the second complaint")
    assert shown_certificate(secure, made) == second


def test_the_plain_listener_sends_browsers_to_https(make_gateway, upstream, authority, tmp_path):
    authority.issue(tmp_path / "gateway0" / "tls", "app", ["app.test"])
    text = configuration(site(upstream.url, more="open /open/*"), listen="127.0.0.1:0 { redirect https 8443 }")
    gateway = make_gateway(text + "\nlisten 127.0.0.1:0 { redirect https }\nlisten 127.0.0.1:0 { tls tls/app.pem tls/app.key }\n")
    ports = [int(port) for port in re.findall(r"http://127\.0\.0\.1:(\d+)", gateway.output)]

    def location(port, target, host="app.test", method="GET"):
        with socket.create_connection(("127.0.0.1", port), 10) as stream:
            stream.sendall(f"{method} {target} HTTP/1.1\r\nHost: {host}\r\nCookie: anteroom=x\r\nConnection: close\r\n\r\n".encode())
            answer = b"".join(iter(lambda: stream.recv(4096), b"")).decode()
        head = answer.partition("\r\n\r\n")[0]
        assert "Set-Cookie" not in head and "Strict-Transport-Security" not in head
        found = re.search(r"\r\nLocation: (.*)", head)
        return int(answer.split()[1]), found and found[1].rstrip("\r")

    target = "/patients?patient_id=1&a=%2F+b;z&b=&&c%zz//evil.test"
    assert location(ports[0], target) == (301, "https://app.test:8443" + target)
    assert location(ports[1], target, "APP.test:80") == (301, "https://APP.test" + target)
    assert location(ports[1], "/x", method="POST") == (308, "https://app.test/x")
    assert location(ports[1], "//evil.test/%2e%2e")[1] == "https://app.test//evil.test/%2e%2e"
    assert location(ports[1], "http://app.test/y?z")[1] == "https://app.test/y?z"
    assert location(ports[1], "/", "evil.test") == (421, None)
    assert location(ports[1], "/.anteroom/healthz")[0] == 200
    assert location(ports[1], "/.anteroom/login")[0] == 301
    assert not upstream.requests


# MARK: What others think of it

@pytest.mark.timeout(900)
def test_testssl_finds_nothing_that_is_high_or_critical(make_gateway, upstream, authority, tmp_path):
    program = shutil.which("testssl") or shutil.which("testssl.sh")
    if not program:
        pytest.skip("testssl.sh not installed (Docker/install-packages test)")
    folder = tmp_path / "gateway0" / "tls"
    for kind in ("ec", "rsa"):
        authority.issue(folder, kind, ["localhost"], kind, days=200, more="authorityInfoAccess=OCSP;URI:http://127.0.0.1:9/")
    gateway = make_gateway(configuration(
        site(upstream.url, "localhost", more="hsts 1y"), listen="127.0.0.1:0 { tls tls/ec.pem tls/ec.key; tls tls/rsa.pem tls/rsa.key }"))
    found = tmp_path / "found.json"
    subprocess.run(
        [program, "--quiet", "--color", "0", "--warnings", "batch", "--add-ca", str(authority.pem), "--ip", "127.0.0.1", "--nodns", "min",
         "-p", "-s", "-f", "-S", "-P", "-h", "-U", "--jsonfile", str(found), f"localhost:{gateway.port}"],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=850)
    findings = json.loads(found.read_text())
    assert len(findings) > 60
    assert {"TLS1_2": "OK", "TLS1_3": "OK", "TLS1": "INFO"}.items() <= {entry["id"]: entry["severity"] for entry in findings}.items()
    bad = [entry for entry in findings if entry["severity"] in ("HIGH", "CRITICAL", "FATAL")]
    assert not bad, bad


@pytest.mark.browser
def test_a_browser_trusts_it_and_signs_in(make_gateway, upstream, authority, tmp_path, tmp_path_factory):
    reason = absence() or (None if shutil.which("certutil") else "certutil not installed (Docker/install-packages test)")
    if reason:
        (pytest.fail if must_be_there() else pytest.skip)(reason)
    authority.issue(tmp_path / "gateway0" / "tls", "app", ["app.test"])
    gateway = make_gateway(configuration(site(upstream.url), listen="127.0.0.1:0 { tls tls/app.pem tls/app.key }"))
    home = tmp_path_factory.mktemp("home")
    database = home / ".pki" / "nssdb"
    database.mkdir(parents=True)
    for arguments in (["-N", "--empty-password"], ["-A", "-t", "C,,", "-n", "ca", "-i", str(authority.pem)]):
        subprocess.run(["certutil", "-d", f"sql:{database}", *arguments], check=True, capture_output=True)
    driver = Driver(home)
    browser = None
    try:
        browser = driver.session()
        browser.open(f"https://app.test:{gateway.port}/patients?patient_id=7")
        browser.one("input[name=user]").type("ann")
        browser.one("input[name=password]").type(PASSWORD)
        browser.one("button[type=submit], input[type=submit]").click()
        until(lambda: browser.address == f"https://app.test:{gateway.port}/patients?patient_id=7", 20, "the patient's page")
        assert [one.get("X-Cliniko-Patient-Id") for one in upstream.requests if one.target == "/patients?patient_id=7"] == ["7"]
        session = next(cookie for cookie in browser.cookies if cookie["name"] == "__Host-anteroom")
        assert session["secure"] and session["httpOnly"] and session["sameSite"] == "Lax" and "app.test" == session["domain"].lstrip(".")
        browser.open(f"https://other.test:{gateway.port}/")
        assert browser.title == "Privacy error"
    finally:
        # The driver's end alone would leave the browser behind.
        if browser:
            browser.end()
        driver.stop()


# MARK: Apps

APP = """
    server {
        listen 127.0.0.1:{port} ssl;
        root {root};
        ssl_certificate FOLDER/app.pem; ssl_certificate_key FOLDER/app.key;
        ssl_client_certificate CA; ssl_verify_client optional;
        ssl_session_cache shared:s:1m;
        location / { return 200 "$ssl_server_name|$ssl_client_verify|$ssl_session_reused|$ssl_protocol|$host\\n"; }
        location /open/close { keepalive_timeout 0; return 200 "$ssl_session_reused\\n"; }
        location /open/files { }
    }
"""


@pytest.fixture(scope="module")
def nginx(tmp_path_factory, authority):
    folder = tmp_path_factory.mktemp("nginx")
    authority.issue(folder, "app", ["backend.internal", "127.0.0.1"])
    server = Nginx(folder, APP.replace("FOLDER", str(folder)).replace("CA", str(authority.pem)))
    (server.root / "open").mkdir()
    (server.root / "open" / "files").write_bytes(bytes(range(256)) * 20_000)
    yield server
    server.stop()


def fetch(gateway, path, host="app.test"):
    answer = subprocess.run(
        [*CURL, "-i", "-H", f"Host: {host}", f"http://127.0.0.1:{gateway.port}{path}"], capture_output=True)
    head, _, body = answer.stdout.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


def test_an_app_is_verified_by_name_and_authority(make_gateway, nginx, authority, tmp_path):
    stranger = Authority(tmp_path / "stranger").pem
    port = nginx.port
    sites = [
        site(f"https://127.0.0.1:{port} {{ ca {authority.pem} }}", "address.test", more="open /*"),
        site(f"https://127.0.0.1:{port} {{ ca {authority.pem}; server_name backend.internal }}", "name.test", more="open /*"),
        site(f"https://127.0.0.1:{port} {{ ca {authority.pem}; server_name other.internal }}", "wrong.test", more="open /*"),
        site(f"https://127.0.0.1:{port} {{ ca {stranger} }}", "stranger.test", more="open /*"),
        site(f"https://127.0.0.1:{port}", "system.test", more="open /*"),
        site(f"https://127.0.0.1:{port} {{ verify off }}", "off.test", more="open /*"),
    ]
    gateway = make_gateway(configuration(*sites))
    assert fetch(gateway, "/x", "address.test")[1].startswith(b"|NONE|")
    assert fetch(gateway, "/x", "name.test")[1].startswith(b"backend.internal|NONE|")
    assert fetch(gateway, "/x", "name.test")[1].endswith(b"|name.test\n")
    assert fetch(gateway, "/x", "off.test")[0] == 200
    gateway.wait_for_log("verify off")
    for host in ("wrong.test", "stranger.test", "system.test"):
        assert fetch(gateway, "/x", host)[0] == 502
    gateway.wait_for_log("no answer from an app", "TLS: the certificate is not accepted: hostname mismatch (it is not for other.internal)")


def test_named_authorities_stand_in_place_of_those_that_the_system_trusts(make_gateway, nginx, authority, tmp_path, monkeypatch):
    stranger = Authority(tmp_path / "stranger").pem
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.pem))
    gateway = make_gateway(configuration(
        site(f"https://127.0.0.1:{nginx.port}", "system.test", more="open /*"),
        site(f"https://127.0.0.1:{nginx.port} {{ ca {stranger} }}", "named.test", more="open /*")))
    assert fetch(gateway, "/x", "system.test")[0] == 200
    assert fetch(gateway, "/x", "named.test")[0] == 502


def test_an_app_gets_our_certificate_long_bodies_pass_and_sessions_are_resumed(make_gateway, nginx, authority, tmp_path):
    authority.issue(tmp_path / "gateway0" / "tls", "gateway", ["gateway"])
    gateway = make_gateway(configuration(
        site(f"https://127.0.0.1:{nginx.port} {{ ca {authority.pem}; certificate tls/gateway.pem tls/gateway.key }}", more="open /*"), top="").replace("workers 2", "workers 1"))
    assert b"|SUCCESS|" in fetch(gateway, "/x")[1]
    assert fetch(gateway, "/open/files") == (200, bytes(range(256)) * 20_000)
    for _ in range(3):
        answer = fetch(gateway, "/open/close")
    assert answer == (200, b"r\n")


def test_health_checks_speak_tls_and_say_why_they_fail(make_gateway, nginx, authority):
    block = "health /open/x every 200ms timeout 2s fails 1 passes 1"
    gateway = make_gateway(configuration(
        site(f"https://127.0.0.1:{nginx.port} {{ ca {authority.pem}; {block} }}", "good.test", more="open /*"),
        site(f"https://127.0.0.1:{nginx.port} {{ ca {authority.pem}; server_name x.test; {block} }}", "bad.test", more="open /*")))
    gateway.wait_for_log("an upstream is down", "certificate is not accepted: hostname mismatch")
    assert fetch(gateway, "/x", "good.test")[0] == 200
    assert fetch(gateway, "/x", "bad.test")[0] in (502, 503)
    assert fetch(gateway, "/.anteroom/readyz")[0] == 200


def test_an_app_without_tls_and_one_that_never_shakes_hands_are_told_apart(make_gateway):
    silent, plain = socket.create_server(("127.0.0.1", 0)), socket.create_server(("127.0.0.1", 0))

    def refuse():
        while True:
            try:
                connection, _ = plain.accept()
            except OSError:
                return
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    threading.Thread(target=refuse, daemon=True).start()
    gateway = make_gateway(configuration(
        site(f"https://127.0.0.1:{plain.getsockname()[1]} {{ verify off }}", "plain.test", more="open /*"),
        site(f"https://127.0.0.1:{silent.getsockname()[1]} {{ verify off }}", "silent.test", more="open /*"),
        top="limits { connect_timeout 300ms }"))
    try:
        assert fetch(gateway, "/x", "plain.test")[0] == 502
        gateway.wait_for_log("no answer from an app", "TLS: wrong version number")
        assert fetch(gateway, "/x", "silent.test")[0] == 504
    finally:
        silent.close()
        plain.shutdown(socket.SHUT_RDWR)
        plain.close()


def test_an_app_that_wants_a_certificate_which_it_does_not_get_is_told_of(make_gateway, authority, tmp_path):
    chain, key = authority.issue(tmp_path, "app", ["127.0.0.1"])
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(authority.pem))
    made.load_cert_chain(chain, key)
    made.verify_mode = ssl.CERT_REQUIRED
    listener = socket.create_server(("127.0.0.1", 0))

    def app():
        while True:
            try:
                connection, _ = listener.accept()
                with connection, made.wrap_socket(connection, server_side=True):
                    pass
            except ssl.SSLError:
                continue
            except OSError:
                return

    threading.Thread(target=app, daemon=True).start()
    gateway = make_gateway(configuration(
        site(f"https://127.0.0.1:{listener.getsockname()[1]} {{ ca {authority.pem} }}", more="open /*")))
    try:
        assert fetch(gateway, "/x")[0] == 502
        gateway.wait_for_log("no answer from an app", "TLS: ", "certificate required")
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


# MARK: check

def test_check_finds_what_is_wrong_with_certificates(tmp_path, authority, upstream):
    folder = tmp_path / "tls"
    authority.issue(folder, "good", ["app.test"])
    authority.issue(folder, "soon", ["app.test"], days=3)
    authority.issue(folder, "other", ["other.test"])
    shutil.copy(folder / "other.key", folder / "wrong.key")
    (folder / "wrong.key").chmod(0o600)
    (folder / "broken.pem").write_text("nothing\n")

    def check(listen, hosts="app.test", block=""):
        file = tmp_path / "gateway.conf"
        file.write_text(configuration(site(upstream.url + block, hosts), listen=listen))
        (tmp_path / "users.passwd").touch(mode=0o600)
        return run("check", "--config", str(file))

    def listening(*lines):
        return "127.0.0.1:0 { " + "; ".join(lines) + " }"

    good = check(listening("tls tls/good.pem tls/good.key"))
    assert good.returncode == 0 and "warning" not in good.stderr
    mismatch = check(listening("tls tls/good.pem tls/wrong.key"))
    assert mismatch.returncode == 78 and re.search(r"gateway\.conf:\d+:\d+: error: .*the key is not this certificate's", mismatch.stderr)
    both = check(listening("tls tls/good.pem tls/wrong.key"), block=" { verify on }")
    assert both.returncode == 78 and "the key is not this certificate's" in both.stderr and "`on`" in both.stderr
    broken = check(listening("tls tls/broken.pem tls/good.key"))
    assert broken.returncode == 78 and "no certificate in it" in broken.stderr
    soon = check(listening("tls tls/soon.pem tls/soon.key"))
    assert soon.returncode == 0 and re.search("expires in [23] days", soon.stderr)
    open_host = check(listening("tls tls/good.pem tls/good.key"), "app.test *.clinic.test")
    assert open_host.returncode == 0 and "no certificate of this listener is for `*.clinic.test`" in open_host.stderr
    (folder / "good.key").chmod(0o644)
    readable = check(listening("tls tls/good.pem tls/good.key"))
    assert readable.returncode == 78 and "every user of this machine may read the key" in readable.stderr
    started = run("run", "--config", str(tmp_path / "gateway.conf"))
    assert started.returncode == 78
