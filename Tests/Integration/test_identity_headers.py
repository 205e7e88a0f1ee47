"""Who is signed in and which patient it is about: only the gateway says so."""

import pytest

from gateway import configuration, site
from visitor import NAVIGATION, Visitor


def spellings(name):
    return [name, name.lower(), name.upper(), name.replace("-", "_"), name.replace("-", "_").lower(), name.replace("-", "."), name.replace("-", "~", 1)]


def canonical(name):
    return "".join(letter if letter.isalnum() else "-" for letter in name.lower())


OWNED = ["X-Cliniko-Patient-Id", "X-Auth-User", "X-Auth-Name", "X-Auth-Email", "X-Auth-Groups", "X-Anteroom-Site", "X-Anteroom-Anything"]
FOREIGN = [
    "Remote-User", "X-Remote-User", "X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Groups", "X-Forwarded-Preferred-Username",
    "X-Forwarded-Uri", "X-Forwarded-Prefix", "X-Forwarded-Port", "X-Forwarded-Server", "X-Original-URL", "X-Rewrite-URL", "X-Real-IP",
    "X-HTTP-Method-Override", "Proxy",
]
FULL = "identity { user X-Auth-User; name X-Auth-Name; email X-Auth-Email; groups X-Auth-Groups }\nopen /open/*"


@pytest.fixture
def full(make_gateway, upstream):
    return Visitor(make_gateway(configuration(site(upstream.url, more=FULL))).port)


def test_the_identity_headers_say_who_it_is(full, upstream):
    full.sign_in()
    full.navigate("/app")
    seen = upstream.last
    assert [seen.get(name) for name in ("X-Auth-User", "X-Auth-Name", "X-Auth-Email", "X-Auth-Groups")] == [
        "ann", "Ann Archer", "ann@clinic.test", "clinicians,admins"]


def test_by_default_the_user_alone(ann, upstream):
    ann.navigate("/app")
    assert upstream.last.get("X-Auth-User") == "ann"
    assert not {"x-auth-name", "x-auth-email", "x-auth-groups"} & set(upstream.last.names())


def test_an_open_path_has_the_identity_when_somebody_is_signed_in_and_none_otherwise(full, upstream):
    forged = [(name, "mallory") for name in OWNED]
    assert full.fetch("/open/x", extra=forged).status == 200
    assert not [name for name in upstream.last.names() if canonical(name) in map(canonical, OWNED)]
    full.sign_in()
    full.fetch("/open/x", extra=forged)
    assert upstream.last.get("X-Auth-User") == "ann"
    assert upstream.last.get("X-Cliniko-Patient-Id") is None


@pytest.mark.parametrize("name", [spelling for name in OWNED for spelling in spellings(name)])
def test_whatever_the_client_sends_under_an_owned_name_never_arrives(full, upstream, name):
    full.sign_in()
    for target, method in (("/app", "GET"), ("/patients?patient_id=5", "GET"), ("/open/x", "GET"), ("/app", "OPTIONS"), ("/patients", "GET"), ("/patients?patient_id=5", "POST")):
        full.fetch(target, method, extra=[(name, "forged-9"), (name, "forged-8")])
        assert "forged" not in upstream.last.raw_head.decode()
        expected = "5" if "patient_id=5" in target else None
        assert upstream.last.get("X-Cliniko-Patient-Id") == expected
        assert upstream.last.get("X-Auth-User") == "ann"


@pytest.mark.parametrize("name", FOREIGN + [name.replace("-", "_") for name in FOREIGN if "-" in name])
def test_fields_by_which_others_say_who_or_what_it_is_never_arrive(ann, upstream, name):
    ann.fetch("/app", extra=[(name, "/forged")])
    ann.fetch("/open/static", extra=[(name, "/forged")])
    assert [exchange for exchange in upstream.requests if "/forged" in exchange.raw_head.decode()] == []


@pytest.mark.parametrize("nominated", ["X-Cliniko-Patient-Id", "x-cliniko-patient-id, X-Auth-User", "X_Cliniko_Patient_Id", "Cookie, Host, X-Auth-User, X-Request-Id"])
def test_nominating_an_owned_field_in_connection_does_not_remove_it(ann, upstream, nominated):
    page = ann.request("GET", "/patients?patient_id=5", [*NAVIGATION, ("Connection", f"close, {nominated}")])
    assert page.status == 200
    assert upstream.last.get("X-Cliniko-Patient-Id") == "5"
    assert upstream.last.get("X-Auth-User") == "ann"
    assert upstream.last.get("Host") == ann.authority


def test_hop_by_hop_fields_and_what_connection_nominates_end_here(ann, upstream):
    ann.fetch("/app", extra=[
        ("Connection", "X-One"), ("Connection", "x-two , keep-alive"), ("X-One", "1"), ("X-Two", "2"), ("X-Three", "3"), ("Keep-Alive", "timeout=9"),
        ("Proxy-Connection", "keep-alive"), ("TE", "trailers"), ("Upgrade", "h2c"), ("HTTP2-Settings", "AAMAAABkAAQCAAAAAAIAAAAA")])
    names = set(upstream.last.names())
    assert "x-three" in names
    assert not names & {"x-one", "x-two", "keep-alive", "proxy-connection", "te", "upgrade"}


def test_forwarded_fields_of_an_untrusted_peer_have_no_influence(visitor, upstream):
    forged = [
        ("X-Forwarded-Host", "evil.test"), ("X-Forwarded-Proto", "https"), ("Forwarded", "host=evil.test;proto=https"), ("X-Forwarded-Uri", "/open/x"),
        ("X-Original-URL", "/open/x"), ("X-Rewrite-URL", "/open/x"), ("X-Forwarded-Prefix", "/evil"),
    ]
    page = visitor.navigate("/patients?patient_id=5", forged)
    assert page.status == 302 and "evil" not in page.response.everything()
    assert "secure" not in page.response.everything().lower().split("set-cookie")[-1].split("\n")[0].split("; ")
    assert upstream.requests == []
    visitor.sign_in()
    visitor.navigate("/app", forged)
    assert "evil" not in upstream.last.raw_head.decode()
    assert upstream.last.get("X-Forwarded-Proto") == "http"


def test_request_sets_and_drops_fields_against_the_client(make_gateway, upstream):
    more = 'request { set X-Gateway-Secret "s3cret value"; set Authorization "Basic YTpi"; drop X-Debug }\nopen /open/*'
    visitor = Visitor(make_gateway(configuration(site(upstream.url, more=more))).port)
    forged = [("X-Gateway-Secret", "guess"), ("x_gateway_secret", "guess"), ("Authorization", "Bearer mine"), ("X-Debug", "1"), ("x_debug", "1")]
    for signed_in in (False, True):
        if signed_in:
            visitor.sign_in()
        visitor.fetch("/open/x", extra=forged)
        assert upstream.last.get("X-Gateway-Secret") == "s3cret value"
        assert upstream.last.get("Authorization") == "Basic YTpi"
        assert not {"x-debug", "x_debug", "x_gateway_secret"} & set(upstream.last.names())


def test_the_clients_authorization_passes_unless_something_uses_it(ann, upstream):
    ann.fetch("/app", extra=[("Authorization", "Bearer mine")])
    assert upstream.last.get("Authorization") == "Bearer mine"


def test_a_patient_header_of_the_operators_choice_is_as_protected(make_gateway, upstream):
    patient = "patient /records/* { query pid; header X-Record }"
    visitor = Visitor(make_gateway(configuration(site(upstream.url, patient=patient))).port)
    visitor.sign_in()
    visitor.navigate("/records/open?pid=8", [("X-Record", "9"), ("x_record", "9")])
    assert upstream.last.get("X-Record") == "8" and "x_record" not in upstream.last.names()
    visitor.navigate("/else?pid=8", [("X-Record", "9")])
    assert upstream.last.get("X-Record") is None


def test_trace_is_refused_since_an_app_would_echo_what_the_gateway_adds(make_gateway, upstream):
    gateway = make_gateway(configuration(site(upstream.url, more="open /open/*\nrequest { set X-Gateway-Secret s3cret }")))
    answer = Visitor(gateway.port).request("TRACE", "/open/x")
    assert answer.status == 405 and "GET" in answer.response.get("Allow")
    assert not upstream.requests and "s3cret" not in answer.text
