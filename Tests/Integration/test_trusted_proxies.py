"""Proxies that speak HTTP in front of the gateway: what they say of their clients, and what clients make them say."""

import pytest

from gateway import configuration, site
from nginx import Nginx
from rawhttp import Client
from visitor import NAVIGATION, Visitor

THROTTLED = "login password { users users.passwd; throttle { account 100 in 10m; address 3 in 10m; lock 15m } }"
SITES = "app.test *.clinic.test"
# Trusted; the kernel gives whoever does not choose an address 127.0.0.1.
PROXY = "127.0.0.7"


@pytest.fixture
def make_front(make_gateway, upstream):
    def make(trusted=PROXY, listen="127.0.0.1:0"):
        return make_gateway(configuration(
            site(upstream.url, hosts=SITES, login=THROTTLED, more="open /open/*"), top=f"trusted_proxies {trusted}" if trusted else "", listen=listen))
    return make


@pytest.fixture
def front(make_front):
    return make_front()


def ask(front, fields, source=PROXY, target="/open/x", host="app.test"):
    with Client(front.port, source=source) as connection:
        return connection.request("GET", target, [("Host", host), *fields])


@pytest.fixture
def make_nginx(tmp_path, front):
    made = []

    def make(settings, scheme="http"):
        made.append(Nginx(tmp_path / f"nginx{len(made)}", f"""
    server {{
        listen 127.0.0.1:{{port}};
        location / {{
            proxy_pass http://127.0.0.1:{front.port};
            proxy_http_version 1.1;
            proxy_bind {PROXY};
            proxy_buffering off;
            proxy_set_header Connection "";
            {settings}
        }}
    }}"""))
        return made[-1]

    yield make
    for one in made:
        one.stop()


APPENDING = "proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"


def test_behind_nginx_the_browsers_address_arrives_in_app_logs_and_audit(make_nginx, front, upstream):
    nginx = make_nginx(APPENDING)
    visitor = Visitor(nginx.port, source="127.0.0.5", always=[("X-Forwarded-For", "6.6.6.6")])
    visitor.sign_in()
    visitor.navigate("/patients?patient_id=7")
    # What the browser sent along is cut off, so that an app that takes the first address is right too.
    assert upstream.last.get("X-Forwarded-For") == f"127.0.0.5, {PROXY}"
    assert upstream.last.get("Forwarded") == f'for=127.0.0.5;host="app.test:{nginx.port}";proto=http, for={PROXY}'
    assert upstream.last.get("X-Forwarded-Host") == f"app.test:{nginx.port}"
    front.wait_for_log(" 127.0.0.5 app.test ann ", "/patients")
    opened = front.wait_for_audit(lambda record: record["event"] == "patient-request" and record["outcome"] == "shown")[0]
    assert (opened["client"], opened["host"]) == ("127.0.0.5", f"app.test:{nginx.port}")


def test_behind_nginx_that_ends_tls_cookies_and_forms_are_those_of_https(make_nginx, upstream):
    nginx = make_nginx(APPENDING + "proxy_set_header X-Forwarded-Proto https;")
    visitor = Visitor(nginx.port, scheme="https", always=[("X-Forwarded-Proto", "http")])
    back = visitor.sign_in()
    assert "__Host-anteroom" in visitor.jar and all("; Secure" in line for line in back.response.all("Set-Cookie"))
    assert visitor.navigate("/patients?patient_id=7").status == 200
    assert upstream.last.get("X-Forwarded-Proto") == "https"
    # The cookie of https is none where a proxy does not say https.
    plain = make_nginx(APPENDING)
    other = Visitor(plain.port)
    other.jar = dict(visitor.jar)
    assert other.navigate("/patients?patient_id=7").status == 302


def test_no_made_up_address_gets_around_the_throttle(make_nginx, front):
    nginx = make_nginx(APPENDING)

    def attempt(*fields):
        return Visitor(nginx.port, source="127.0.0.5", always=fields).login_page().sign_in("ann", "wrong").status

    assert [attempt(("X-Forwarded-For", f"192.0.2.{number}")) for number in range(3)] == [403, 403, 403]
    for fields in (
        [("X-Forwarded-For", "192.0.2.77")], [("X-Forwarded-For", f"192.0.2.77, {PROXY}")], [("X-Forwarded-For", "unknown")], [("X-Real-IP", "192.0.2.77")],
        [("X-Forwarded-For", "1.1.1.1"), ("X-Forwarded-For", "2.2.2.2")], [("X_Forwarded_For", "192.0.2.77")],
    ):
        assert attempt(*fields) == 429, fields
    # nginx passes Forwarded on as it came: the two contradict each other, and the form is not even shown.
    for spoofed in ("for=192.0.2.77", "for=unknown", 'for="', "proto=https", "nonsense"):
        assert Visitor(nginx.port, source="127.0.0.5", always=[("Forwarded", spoofed)]).navigate("/.anteroom/login").status == 400
    front.wait_for_log("contradict each other", PROXY)
    # Somebody else behind the same proxy is not locked out.
    assert Visitor(nginx.port, source="127.0.0.6").login_page().sign_in("ann", "wrong").status == 403


def test_who_is_not_trusted_says_nothing_of_addresses(front, upstream):
    for fields in ([("X-Forwarded-For", "192.0.2.1")], [("Forwarded", "for=192.0.2.1;proto=https;host=x.clinic.test")], [("X-Forwarded-Proto", "https")]):
        assert ask(front, fields, source=None).status == 200
        assert upstream.last.get("X-Forwarded-For") == "127.0.0.1"
        assert upstream.last.get("Forwarded") == 'for=127.0.0.1;host="app.test";proto=http'
        assert upstream.last.get("X-Forwarded-Proto") == "http"
    assert ask(front, [("X-Forwarded-Host", "app.test")], source=None, host="unknown.test").status == 421


def test_by_default_nobody_is_trusted(make_front, upstream):
    front = make_front(trusted=None)
    assert ask(front, [("X-Forwarded-For", "192.0.2.1")]).status == 200
    assert upstream.last.get("X-Forwarded-For") == PROXY


@pytest.mark.parametrize("fields, client", [
    ([("X-Forwarded-For", "192.0.2.1")], "192.0.2.1"), ([("X-Forwarded-For", f"192.0.2.9, 192.0.2.1, {PROXY}")], "192.0.2.1"),
    ([("X-Forwarded-For", "[2001:db8::1]:99")], "2001:db8::1"), ([("Forwarded", "for=192.0.2.1")], "192.0.2.1"),
    ([("Forwarded", 'for="')], PROXY), ([("Forwarded", 'for=", for=192.0.2.1')], "192.0.2.1"), ([("X-Forwarded-For", "192.0.2.1, unknown")], PROXY),
    ([("X-Forwarded-For", "192.0.2.1"), ("Forwarded", "for=192.0.2.1;proto=http")], "192.0.2.1"), ([], PROXY),
])
def test_the_last_address_that_is_no_trusted_proxys_is_the_client(front, upstream, fields, client):
    assert ask(front, fields).status == 200
    assert upstream.last.get("X-Forwarded-For").split(", ")[0] == client
    front.wait_for_log(f" {client} app.test ")


@pytest.mark.parametrize("fields", [
    [("X-Forwarded-For", "192.0.2.1"), ("Forwarded", "for=192.0.2.2")], [("X-Forwarded-Proto", "https"), ("Forwarded", "for=192.0.2.2;proto=http")],
    [("X-Forwarded-For", "192.0.2.1"), ("Forwarded", "secret=1")],
])
def test_what_contradicts_itself_is_refused(front, upstream, fields):
    for target in ("/open/x", "/patients?patient_id=1", "/.anteroom/login"):
        assert ask(front, fields, target=target).status == 400
    assert not upstream.requests
    assert ask(front, fields, target="/.anteroom/healthz").status == 200


def test_the_host_field_chooses_the_site_and_only_where_it_cannot_the_proxys_word(front, upstream):
    assert ask(front, [("X-Forwarded-Host", "au.clinic.test")]).status == 200
    assert upstream.last.get("Host") == "app.test" and "x-anteroom-site" not in upstream.last.names()
    assert ask(front, [("X-Forwarded-Host", "au.clinic.test")], host="10.0.0.5:8080").status == 200
    assert (upstream.last.get("Host"), upstream.last.get("X-Anteroom-Site")) == ("au.clinic.test", "au")
    for fields in ([("X-Forwarded-Host", "evil.test")], [("X-Forwarded-Host", "app.test, app.test")], [("X-Forwarded-Host", "app.test/x")], [("X-Forwarded-Host", "")]):
        assert ask(front, fields, host="unknown.test").status == 421, fields


@pytest.mark.parametrize("source", [PROXY, None])
def test_no_field_of_a_proxy_makes_a_redirect_leave_the_site(front, source):
    for fields in (
        [("X-Forwarded-Host", "evil.test")], [("X-Forwarded-Uri", "//evil.test")], [("X-Forwarded-Prefix", "//evil.test")], [("X-Original-URL", "//evil.test/")],
        [("X-Forwarded-Server", "evil.test"), ("X-Forwarded-Port", "81")], [("Forwarded", "for=192.0.2.1;host=evil.test")],
    ):
        answer = ask(front, NAVIGATION + fields, source=source, target="/patients?patient_id=7")
        assert answer.status == 302 and answer.get("Location").startswith("/.anteroom/login?return="), fields
        assert "evil" not in answer.everything()


def test_a_listeners_scheme_stands_whatever_a_proxy_says(make_front, upstream):
    for scheme, other in (("http", "https"), ("https", "http")):
        front = make_front(listen=f"127.0.0.1:0 {{ scheme {scheme} }}")
        answer = ask(front, NAVIGATION + [("X-Forwarded-Proto", other)], target="/patients?patient_id=7")
        secure = [line.startswith("__Host-anteroom") for line in answer.all("Set-Cookie")]
        assert secure and all(it is (scheme == "https") for it in secure)
        ask(front, [("X-Forwarded-Proto", other)])
        assert upstream.last.get("X-Forwarded-Proto") == scheme


def test_fields_that_proxies_set_pass_from_trusted_ones_only_and_the_gateways_own_from_nobody(front, upstream):
    theirs = ["Remote-User", "X-Forwarded-User", "X-Forwarded-Prefix", "X-Forwarded-Port", "X-Real-IP", "X-Original-URL"]
    ours = ["X_Forwarded_For", "X-Cliniko-Patient-Id", "X_Auth_User", "X-Anteroom-Site", "x_forwarded_proto", "X_Request_Id"]
    for source, expected in ((PROXY, theirs), (None, [])):
        ask(front, [(name, "forged") for name in theirs + ours], source=source)
        assert [name for name, value in upstream.last.fields if value == "forged"] == expected
