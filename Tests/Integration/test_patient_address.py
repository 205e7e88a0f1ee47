"""Where the app really shows a patient: a signed-in click is sent on, with the app's own id where its API knows one."""

import json
import threading

import pytest

from gateway import configuration, run, site
from leaks import mentions
from rawhttp import Client
from upstream import Upstream, answer, describe, refused_port
from visitor import NAVIGATION, Visitor
from waiting import until

FRAGMENT = 'patient /patients { to "/app/explorer.html#patient?uuid={patient_id}" }'
CLICK = "/patients?patient_id=8675309123"
GET = '''patient /patients {
    to "/app/record?of={app_id}#p={patient_id}"
    lookup GET "/api/patients/{patient_id}?by=number" { id json:patient.id; %s }
}'''
IN_PATH = 'patient /patients {\n to "%s"\n lookup GET "/api/patients/{patient_id}" { id json:id }\n}'
JSON = [("Content-Type", "application/json")]


@pytest.fixture
def front(make_gateway, upstream):
    return make_gateway(configuration(site(upstream.url, patient=FRAGMENT)))


class Api:
    """An app that answers questions below /api with what a test says, and everything else as usual."""

    def __init__(self):
        self.says = answer(200, json.dumps({"patient": {"id": "a-1"}}), JSON)

    def __call__(self, exchange):
        if not exchange.target.startswith("/api/"):
            return describe(exchange)
        exchange.read_body()
        return self.says(exchange) if callable(self.says) else self.says


@pytest.fixture
def api():
    return Api()


@pytest.fixture
def ask(make_gateway, make_upstream, api):
    """Somebody signed in at a gateway whose rule asks the app."""

    def make(patient=GET % "", more="", addresses=None):
        app = make_upstream(api)
        gateway = make_gateway(configuration(site(addresses or app.url, patient=patient, more=more)))
        made = Visitor(gateway.port)
        made.sign_in()
        made.app, made.gateway = app, gateway
        return made

    return make


def questions(app):
    return [one for one in list(app.requests) if one.target.startswith("/api/")]


def test_a_click_goes_by_the_login_to_the_apps_own_page_of_the_patient(visitor, upstream, front):
    back = visitor.sign_in(target=CLICK)
    assert back.location == CLICK
    there = visitor.navigate(back.location)
    assert there.status == 302 and there.response.get("Location") == "/app/explorer.html#patient?uuid=8675309123"
    assert there.get("Cache-Control") == "no-store" and there.response.body == b""
    assert upstream.requests == []
    record, = front.wait_for_audit(lambda one: one["event"] == "patient-request" and one["status"] == 302 and one["outcome"] == "shown")
    assert record["patient"] == "8675309123" and record["user"] == "ann" and record["rule"] == "/patients"
    assert not mentions("8675309123", front.output)


def test_before_the_login_nobody_is_sent_on(visitor):
    assert visitor.navigate(CLICK).location.startswith("/.anteroom/login")
    assert visitor.fetch(CLICK).status == 401


def test_what_is_no_click_is_passed_to_the_app_as_without(ann, upstream):
    assert ann.fetch(CLICK).status == 200
    assert ann.request("HEAD", CLICK, NAVIGATION).status == 200
    assert ann.request("POST", CLICK, NAVIGATION + [("Origin", ann.origin)], b"x=1").status == 200
    assert ann.navigate("/patients").status == 200
    assert ann.navigate("/patients/7?patient_id=8675309123").status == 200
    assert [(one.method, one.target) for one in upstream.requests] == [
        ("GET", CLICK), ("HEAD", CLICK), ("POST", CLICK), ("GET", "/patients"), ("GET", "/patients/7?patient_id=8675309123")]
    assert [one.get("X-Cliniko-Patient-Id") for one in upstream.requests] == ["8675309123", "8675309123", "8675309123", None, None]


@pytest.mark.parametrize("query", ["patient_id=1&patient_id=2", "patient_id=", "patient_id=1;patient_id=2", "patient_id=01", "patient_id=..%2f"])
def test_what_names_no_patient_for_sure_leads_nowhere(ann, upstream, query):
    page = ann.navigate(f"/patients?{query}")
    assert page.status == 400 and page.get("Location") is None
    assert upstream.requests == []


def test_the_session_is_renewed_on_the_way(make_gateway, upstream):
    front = make_gateway(configuration(site(upstream.url, patient=FRAGMENT, more="session { idle 1s; lifetime 1h }")))
    ann = Visitor(front.port)
    ann.sign_in()
    before = dict(ann.jar)
    until(lambda: ann.navigate(CLICK).all("Set-Cookie"), 5, "a renewed session")
    assert ann.jar != before and ann.signed_in()


def test_a_template_that_leads_elsewhere_or_in_circles_is_refused_at_start(tmp_path, upstream):
    for to, word in [("//evil.test/{patient_id}", "doubled slashes"), ("/patients?patient_id={patient_id}", "sends people on again"),
                     ("/app/{app_id}", "lookup"), ("/.anteroom/login?{patient_id}", "gateway's own")]:
        (tmp_path / "gateway.conf").write_text(configuration(site(upstream.url, patient=f'patient /patients {{ to "{to}" }}')))
        checked = run("check", "--config", str(tmp_path / "gateway.conf"))
        assert checked.returncode == 78 and word in checked.stderr, checked


def test_the_app_is_asked_as_the_user_and_its_id_is_filled_in(ask):
    ann = ask(more='request { set X-Gateway-Secret "known only here" }')
    ann.jar["sessionid"] = "the app's own"
    there = ann.navigate(CLICK, [("X-Auth-User", "eve"), ("Authorization", "Basic eve")])
    assert there.status == 302 and there.response.get("Location") == "/app/record?of=a-1#p=8675309123"
    assert there.get("Cache-Control") == "no-store"
    asked, = questions(ann.app)
    assert (asked.method, asked.target) == ("GET", "/api/patients/8675309123?by=number")
    assert asked.get("X-Auth-User") == "ann" and asked.get("X-Gateway-Secret") == "known only here"
    assert asked.get("Cookie") == "sessionid=the app's own" and asked.get("Authorization") is None
    assert asked.get("Host") == ann.authority and asked.get("X-Forwarded-Host") == ann.authority
    assert asked.get("X-Forwarded-For") == "127.0.0.1" and asked.get("X-Request-Id")
    assert asked.get("User-Agent") == dict(NAVIGATION)["User-Agent"] and asked.get("Accept-Language") == "en-AU"
    ann.gateway.wait_for_audit(lambda one: one["event"] == "patient-request" and one["outcome"] == "shown" and one["patient"] == "8675309123")


def test_a_lookup_may_be_a_post(ask):
    ann = ask('''patient /patients {
        to "/app/{app_id}"
        lookup POST /api/find { body "{\\"number\\": \\"{patient_id}\\"}"; id json:*.id; where number "{patient_id}" }
    }''')
    ann.app.app.says = answer(200, json.dumps([{"id": 41, "number": "86753091231"}, {"id": 42, "number": 8675309123}]), JSON)
    assert ann.navigate(CLICK).response.get("Location") == "/app/42"
    asked, = questions(ann.app)
    assert (asked.method, asked.target, json.loads(asked.body)) == ("POST", "/api/find", {"number": "8675309123"})
    assert asked.get("Content-Type") == "application/json"


def test_nothing_is_remembered_from_one_click_to_the_next(ask, api):
    ann = ask()
    assert ann.navigate(CLICK).location.startswith("/app/record?of=a-1")
    api.says = answer(200, json.dumps({"patient": {"id": "a-2"}}), JSON)
    assert ann.navigate(CLICK).location.startswith("/app/record?of=a-2")
    api.says = answer(404, "nobody")
    assert ann.navigate(CLICK).status == 404
    assert len(questions(ann.app)) == 3


@pytest.mark.parametrize("says", [
    answer(404, json.dumps({"patient": {"id": "a-1"}}), JSON), answer(200, '{"patient": null}', JSON), answer(200, "{}", JSON),
    answer(200, "null", JSON), b"HTTP/1.1 204 None\r\n\r\n"], ids=["404", "null", "nothing", "null at all", "204"])
def test_a_patient_that_the_app_does_not_know_is_told_as_such(ask, api, says):
    ann = ask()
    api.says = says
    page = ann.navigate(CLICK)
    assert page.status == 404 and page.get("Location") is None and page.get("Cache-Control") == "no-store"
    assert "The application does not know this patient" in page.text and "a-1" not in page.text
    record, = ann.gateway.wait_for_audit(lambda one: one["event"] == "patient-request" and one["status"] == 404)
    assert record["outcome"] == "refused" and record["reason"] == "the app does not know the patient"
    assert not mentions("8675309123", ann.gateway.output)


def test_of_several_patients_none_is_opened(ask, api):
    ann = ask('patient /patients {\n to "/app/{app_id}"\n lookup GET "/api/{patient_id}" { id json:*.id }\n}')
    api.says = answer(200, json.dumps([{"id": "a"}, {"id": "b"}]), JSON)
    page = ann.navigate(CLICK)
    assert page.status == 409 and page.get("Location") is None
    assert "more than one such patient" in page.text


@pytest.mark.parametrize("body", [
    '{"patient": {"id": 1e3}}', '{"patient": {"id": "a\\r\\nb"}}', '{"patient": {"id": "a\\u0000b"}}', '{"patient": {"id": {"id": "a"}}}',
    '{"patient": {"id": ["a"]}}', '{"patient": {"id": "a", "id": "b"}}', '{"patient": {"id": ""}}', '{"patient": ["a"]}',
    '{"patient": {"id": true}}', '{"patient": {"id": "%s"}}' % ("a" * 300), '{"patient": {"id": "a"}}' + " " * (1 << 20),
    "<!doctype html><p>please sign in", '{"patient": {"id": "a"}', "[" * 4000],
    ids=["exponent", "line break", "NUL", "nested", "list", "twice", "empty", "list outside", "true", "long", "1 MB", "HTML", "cut short", "deep"])
def test_an_answer_that_makes_no_sense_opens_nothing(ask, api, body):
    ann = ask()
    api.says = answer(200, body, JSON)
    page = ann.navigate(CLICK)
    assert page.status == 502 and page.get("Location") is None and "The application does not answer" in page.text
    line = ann.gateway.wait_for_log("an app cannot be asked for its id of a patient")
    assert not mentions("8675309123", ann.gateway.output), line
    record, = ann.gateway.wait_for_audit(lambda one: one["event"] == "patient-request" and one["status"] == 502)
    assert record["outcome"] == "failed"


@pytest.mark.parametrize("status, shown", [(301, 502), (401, 502), (403, 403), (500, 502), (503, 502)])
def test_an_app_that_does_not_tell_opens_nothing(ask, api, status, shown):
    ann = ask()
    api.says = answer(status, json.dumps({"patient": {"id": "a-1"}}), [*JSON, ("Location", "/api/login")])
    page = ann.navigate(CLICK)
    assert page.status == shown and page.get("Location") is None
    assert len(questions(ann.app)) == 1, "no redirect is followed"


@pytest.mark.parametrize("identifier", ["../../admin", "..", ".", "a/b", "a\\b", "%2e%2e%2f", "a;b", "a?b#c"])
def test_an_id_that_would_lead_elsewhere_in_a_path_opens_nothing(ask, api, identifier):
    ann = ask(IN_PATH % "/app/{app_id}/record")
    api.says = answer(200, json.dumps({"id": identifier}), JSON)
    page = ann.navigate(CLICK)
    assert page.status == 502 and page.get("Location") is None


@pytest.mark.parametrize("identifier, location", [
    ("../../x", "..%2F..%2Fx"), ("a&b=c#d", "a%26b%3Dc%23d"), ("//evil.test", "%2F%2Fevil.test"), ("Müller 1", "M%C3%BCller%201"), ("<script>", "%3Cscript%3E")])
@pytest.mark.parametrize("place", ["/app?of=", "/app#of="])
def test_elsewhere_an_id_is_encoded(ask, api, identifier, location, place):
    ann = ask(IN_PATH % (place + "{app_id}"))
    api.says = answer(200, json.dumps({"id": identifier}), JSON)
    assert ann.navigate(CLICK).response.get("Location") == place + location


def test_an_id_never_leads_to_the_gateways_own_pages(ask, api):
    ann = ask(IN_PATH % "/.{app_id}/logout")
    api.says = answer(200, json.dumps({"id": "well-known"}), JSON)
    assert ann.navigate(CLICK).location == "/.well-known/logout"
    for identifier in ("anteroom", "Anteroom", "."):
        api.says = answer(200, json.dumps({"id": identifier}), JSON)
        page = ann.navigate(CLICK)
        assert page.status == 502 and page.get("Location") is None


def test_an_app_that_takes_no_connection_is_left_for_the_other_one(ask, make_upstream, api):
    other = make_upstream(api)
    ann = ask(addresses=[f"http://127.0.0.1:{refused_port()}", other.url])
    for _ in range(4):
        assert ann.navigate(CLICK).location.startswith("/app/record?of=a-1")


def test_where_no_app_takes_connections_it_is_said_so(ask):
    ann = ask(addresses=f"http://127.0.0.1:{refused_port()}")
    page = ann.navigate(CLICK)
    assert page.status == 502 and "The application does not answer" in page.text
    ann.gateway.wait_for_log("an app cannot be asked for its id of a patient")
    assert not mentions("8675309123", ann.gateway.output)


def test_an_app_that_says_nothing_is_given_up(ask, api):
    ann = ask(GET % "timeout 200ms")
    held = threading.Event()
    api.says = lambda exchange: held.wait(30) and None
    try:
        page = ann.navigate(CLICK)
        assert page.status == 504 and "takes too long" in page.text
    finally:
        held.set()


def test_only_so_many_lookups_are_under_way_at_once(ask, api):
    ann = ask(GET % "requests 1")
    held = threading.Event()

    def wait(exchange):
        held.wait(30)
        return answer(200, json.dumps({"patient": {"id": "a-1"}}), JSON)

    api.says = wait
    with Client(ann.port) as first:
        first.send(ann.message("GET", CLICK, NAVIGATION))
        until(lambda: questions(ann.app), 10, "the first question")
        page = ann.navigate(CLICK)
        assert page.status == 503 and page.get("Retry-After")
        assert len(questions(ann.app)) == 1
        held.set()
        assert first.response("GET").status == 302
    until(lambda: ann.navigate(CLICK).status == 302, 10, "a free place")


def test_a_browser_that_goes_while_the_app_is_asked_leaves_nothing_behind(ask, api):
    ann = ask(GET % "requests 1")
    held = threading.Event()

    def wait(exchange):
        held.wait(30)
        return answer(200, json.dumps({"patient": {"id": "a-1"}}), JSON)

    api.says = wait
    with Client(ann.port) as first:
        first.send(ann.message("GET", CLICK, NAVIGATION))
        until(lambda: questions(ann.app), 10, "the first question")
    held.set()
    until(lambda: ann.navigate(CLICK).status == 302, 10, "a free place")


def test_scripts_do_not_have_the_app_asked(ask):
    ann = ask()
    assert ann.fetch(CLICK).status == 200
    assert questions(ann.app) == []
