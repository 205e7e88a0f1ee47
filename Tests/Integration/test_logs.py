"""What is written down, and above all what is not."""

import json
import re

from gateway import configuration, site
from leaks import mentions
from visitor import NAVIGATION, Visitor
from waiting import until

PATIENT = "8675309123456789"


def flat(record):
    """A JSON record as one text."""
    return json.dumps(record)


def test_every_request_has_one_access_line_without_query_and_with_masked_digits(front):
    visitor = Visitor(front.port)
    visitor.sign_in()
    visitor.navigate("/charts/123456/notes/12345?secret=query")
    visitor.fetch("/.anteroom/healthz")
    line = front.wait_for_log("/charts/", "notes")
    assert "/charts/123456/" not in line and "/notes/12345" in line
    assert "secret" not in line and "query" not in line
    assert "200" in line and "ann" in line and "app.test" in line and "GET" in line
    assert len([each for each in front.log if "/charts/" in each]) == 1


def test_an_access_line_says_which_request_it_was(front, upstream):
    visitor = Visitor(front.port)
    visitor.sign_in()
    visitor.navigate("/unmistakable")
    assert upstream.last.get("X-Request-Id") in front.wait_for_log("/unmistakable")
    refused = visitor.at("app.test").fetch("/another")
    assert refused.status == 401
    front.wait_for_log("/another", "401")


def test_what_a_client_sends_cannot_forge_a_log_line(front):
    visitor = Visitor(front.port)
    visitor.request("GET", "/open/%0a%0dready%1b[31m", [*NAVIGATION, ("User-Agent", "x\" forged"), ("X-Request-Id", "forged id")])
    visitor.request("GET", "/open/escape", [*NAVIGATION, ("User-Agent", "x\x1b[31m")])
    visitor.request("GET", "/open/\x1b[31m", NAVIGATION)
    visitor.login_page().sign_in("forged\nready http://127.0.0.1:1", "wrong wrong wrong")
    front.wait_for_log("/open/")
    assert not [line for line in front.log if "\x1b" in line or line.startswith("ready")]


def test_access_lines_can_be_json_in_a_file(make_gateway, upstream):
    text = configuration(site(upstream.url, more="open /open/*")).replace("access_log stderr text", "access_log access.log json")
    gateway = make_gateway(text)
    Visitor(gateway.port).fetch("/open/x?secret")
    path = gateway.directory / "access.log"
    until(lambda: path.exists() and "/open/x" in path.read_text(), 10, "the access line")
    records = [json.loads(line) for line in path.read_text().splitlines()]
    assert any("/open/x" in flat(record) and "200" in flat(record) for record in records)
    assert "secret" not in path.read_text()
    assert not [line for line in gateway.log if "/open/x" in line]


def test_access_lines_can_be_off(make_gateway, upstream):
    gateway = make_gateway(configuration(site(upstream.url, more="open /open/*")).replace("access_log stderr text", "access_log off"))
    Visitor(gateway.port).fetch("/open/unseen")
    gateway.stop()
    assert "/open/unseen" not in gateway.output


def test_the_audit_trail_has_patient_requests_logins_logouts_and_refusals(front):
    visitor = Visitor(front.port)
    visitor.login_page(f"/patients?patient_id={PATIENT}").sign_in("ann", "wrong wrong wrong")
    visitor.sign_in(target=f"/patients?patient_id={PATIENT}")
    visitor.navigate(f"/patients?patient_id={PATIENT}&x=1")
    visitor.navigate("/patients?patient_id=0")
    visitor.logout()
    seen = front.wait_for_audit(lambda record: PATIENT in flat(record) and "ann" in flat(record))
    assert "app.test" in flat(seen[-1]) and "127.0.0.1" in flat(seen[-1])
    front.wait_for_audit(lambda record: "logout" in flat(record))
    records = front.audit()
    texts = [flat(record).lower() for record in records]
    assert any("logout" in text for text in texts)
    assert any("login" in text and "ann" in text for text in texts)
    assert len({text for text in texts if "login" in text and "ann" in text}) >= 2, "the refused and the good login"
    assert all("wrong wrong wrong" not in text for text in texts)
    assert all(re.search(r"\d{4}-\d\d-\d\dt\d\d:\d\d:\d\d", text) for text in texts), "each says when"


def test_each_opened_patient_is_one_record_with_its_outcome(front):
    visitor = Visitor(front.port)
    visitor.sign_in()
    for patient in ("111222333", "444555666", "111222333"):
        visitor.navigate(f"/patients?patient_id={patient}")
    front.wait_for_audit(lambda record: "444555666" in flat(record))
    until(lambda: len([1 for record in front.audit() if "111222333" in flat(record)]) == 2, 10, "two records")
    assert all("200" in flat(record) for record in front.audit() if "444555666" in flat(record))


def test_the_audit_trail_is_whole_after_the_end(front):
    visitor = Visitor(front.port)
    visitor.sign_in()
    for number in range(50):
        visitor.navigate(f"/patients?patient_id={900000 + number}")
    front.stop()
    text = "\n".join(map(flat, front.audit()))
    assert [number for number in range(50) if str(900000 + number) not in text] == []


def test_the_patient_is_nowhere_but_in_the_audit_trail(front, upstream):
    visitor, captured = Visitor(front.port), []

    def keep(page):
        captured.append(page.response.everything())
        captured.append(visitor.cookie_header())
        return page

    target = f"/patients?patient_id={PATIENT}&x=1"
    first = keep(visitor.navigate(target))
    captured.append(first.location)
    page = keep(visitor.navigate(first.location))
    page = keep(page.sign_in("ann", "wrong wrong wrong"))
    back = keep(page.sign_in())
    # The answer to the login is the one place that has to name the address: it is what the person asked for.
    captured.remove(back.response.everything())
    assert back.location == target
    assert visitor.navigate(target).status == 200
    keep(visitor.fetch(target, extra=[("Cookie", "")]))
    keep(visitor.navigate(f"/patients?patient_id={PATIENT}&patient_id={PATIENT}"))
    keep(visitor.fetch("/.anteroom/session"))
    visitor.navigate(f"/app/{PATIENT}/notes")
    keep(visitor.navigate("/.anteroom/logout"))
    long = f"/patients?patient_id={PATIENT}&fill=" + "x" * 4096
    captured.append(visitor.at("app.test").navigate(long).location)
    keep(visitor.logout())
    front.wait_for_audit(lambda record: PATIENT in flat(record))
    front.stop()
    for text in captured:
        assert mentions(PATIENT, text) is None, text
    assert mentions(PATIENT, front.output) is None
    for folder in ("keys", "state"):
        for path in (front.directory / folder).rglob("*"):
            if path.is_file():
                assert mentions(PATIENT, path.read_bytes().decode("latin-1")) is None, path


def test_no_secret_is_written_down(make_gateway, upstream):
    gateway = make_gateway(configuration(site(upstream.url, more='request { set X-Gateway-Secret "s3cret-value-of-ours" }')))
    visitor = Visitor(gateway.port)
    visitor.sign_in()
    cookies = list(visitor.jar.values())
    visitor.navigate("/app", [("Authorization", "Bearer very-secret-token")])
    visitor.logout()
    gateway.stop()
    written = gateway.output + "\n".join(map(flat, gateway.audit()))
    for secret in ("s3cret-value-of-ours", "very-secret-token", "correct horse", *cookies):
        assert secret not in written
