"""Forms that come after their sender's session has ended: kept, offered to the same person in the same browser, and sent once."""

import hashlib
import threading

import pytest

from gateway import configuration, oidc, run, site
from rawhttp import Client
from test_openid_flow import Person
from upstream import answer, refused_port
from visitor import NAVIGATION, Visitor, forms
from waiting import until

SOON = "session { idle 1s; lifetime 1h }"
FORM = "application/x-www-form-urlencoded"
TARGET = "/patients/notes?patient_id=8675309&x=%2F+a&&b"
BODY = b"note=half+a+page&csrf=abc&note=\xff\x00&empty="


def write(gateway, *sites, top="admin run/admin.sock\n"):
    gateway.file.write_text(configuration(*sites, top=top))
    done = run("reload", "--config", str(gateway.file))
    assert done.returncode == 0, done.stderr


@pytest.fixture
def make_desk(make_gateway, upstream):
    """Starts gateways, and has somebody's session run out there; from then on sessions last."""

    def make(user="ann", more="", top="", app=None, hosts="app.test"):
        address = (app or upstream).url if not isinstance(app, str) else app
        gateway = make_gateway(configuration(site(address, more=SOON + "\n" + more, hosts=hosts), top="admin run/admin.sock\n" + top))
        visitor = Visitor(gateway.port)
        visitor.sign_in(user)
        until(lambda: not visitor.signed_in(), 15, "the session to run out")
        visitor.gateway = gateway
        visitor.lasts = lambda: write(gateway, site(address, more=more, hosts=hosts), top="admin run/admin.sock\n" + top)
        return visitor

    return make


@pytest.fixture
def desk(make_desk):
    return make_desk()


def send(visitor, target=TARGET, body=BODY, kind=FORM, fields=(), without=()):
    """A form of the app's, as a browser sends it."""
    sent = [
        *[(name, value) for name, value in NAVIGATION if name != "Sec-Fetch-Site"], ("Sec-Fetch-Site", "same-origin"), ("Origin", visitor.origin),
        ("Referer", visitor.origin + "/patients?patient_id=8675309"), ("Content-Type", kind),
    ]
    changed = {name for name, _ in fields} | set(without)
    return visitor.request("POST", target, [pair for pair in sent if pair[0] not in changed] + list(fields), body)


def kept(page):
    assert page.status == 303 and page.location.startswith("/.anteroom/login"), page.response
    return "kept=1" in page.location


def offer(visitor, page, user="ann"):
    """From the answer to a form that is kept, through the login, to the page that offers it."""
    login = visitor.navigate(page.location)
    assert login.status == 200 and "is kept" in login.text
    visitor.lasts()
    back = login.sign_in(user)
    assert back.status == 303 and back.location.startswith("/.anteroom/login?return="), back.response
    return visitor.navigate(back.location)


def order(page, **more):
    forms = [form for form in page_forms(page) if "held" not in form.names]
    assert len(forms) == 1, page.text
    return page.submit({}, forms[0], **more)


def page_forms(page):
    return forms(page.response.text)


def posts(upstream):
    return [exchange for exchange in upstream.requests if exchange.method == "POST"]


def outcomes(gateway):
    return [(record["outcome"], record["user"]) for record in gateway.audit() if record["event"] == "form"]


def test_a_form_is_kept_offered_and_sent_byte_for_byte_once(desk, upstream):
    first = send(desk)
    assert kept(first)
    page = offer(desk, first)
    assert page.status == 200 and "Nothing has been sent yet" in page.text and "4 fields" in page.text
    assert "/patients/notes" in page.text and posts(upstream) == []
    sent = order(page)
    assert sent.status == 200 and '"target": "' + TARGET + '"' in sent.text
    (arrived,) = posts(upstream)
    assert arrived.target == TARGET and arrived.body == BODY and arrived.get("Content-Type") == FORM
    assert arrived.get("Origin") == desk.origin and arrived.get("Referer") == desk.origin + "/patients?patient_id=8675309"
    assert arrived.get("X-Auth-User") == "ann" and "anteroom" not in arrived.raw_head.decode().lower().replace("1.1 anteroom", "")
    again = order(page)
    assert again.status == 200 and "was sent already" in again.text and len(posts(upstream)) == 1
    assert "was sent already" in desk.navigate(page.target).text
    desk.gateway.wait_for_audit(lambda record: record["event"] == "form" and record["outcome"] == "sent")
    assert outcomes(desk.gateway) == [("held", "ann"), ("sent", "ann")]


def test_many_clicks_at_the_same_time_send_it_once(make_desk, make_upstream):
    here, go_on = threading.Event(), threading.Event()

    def app(exchange):
        exchange.read_body()
        if exchange.method == "POST":
            here.set()
            assert go_on.wait(20)
        return answer(body=exchange.method)

    app = make_upstream(app)
    desk = make_desk(app=app)
    page = offer(desk, send(desk))
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(order(page).text)) for _ in range(6)]
    for thread in threads:
        thread.start()
    assert here.wait(20)
    until(lambda: len(answers) == 5, 20, "the other five")
    go_on.set()
    for thread in threads:
        thread.join(20)
    assert len(posts(app)) == 1 and answers.count("POST") == 1
    assert sum("may have been sent" in each or "was sent already" in each for each in answers) == 5


def test_a_file_upload_is_kept(desk, upstream):
    content = hashlib.sha256(b"x").digest() * 20_000
    body = (b"--xYz\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n--xYz\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a <b>.pdf\"\r\n"
            b"Content-Type: application/pdf\r\n\r\n" + content + b"\r\n--xYz--\r\n")
    first = send(desk, body=body, kind="multipart/form-data; boundary=xYz")
    assert kept(first)
    page = offer(desk, first)
    assert "1 field " in page.text and "a &lt;b&gt;.pdf (640 KB)" in page.text
    assert order(page).status == 200
    assert posts(upstream)[0].body == body


def test_another_person_does_not_get_to_see_it_and_it_is_destroyed(desk, upstream):
    page = offer(desk, send(desk), user="bob")
    assert page.status == 200 and "has been destroyed" in page.text and "/patients/notes" not in page.text
    assert page_forms(page) == [] and posts(upstream) == []
    desk.logout()
    again = desk.navigate(page.target)
    if again.status == 200:
        assert "Nothing has been sent yet" not in again.sign_in("ann").response.everything()
    desk.gateway.wait_for_audit(lambda record: record["outcome"] == "destroyed")
    assert outcomes(desk.gateway) == [("held", "ann"), ("destroyed", "ann")]


def test_another_person_cannot_send_it_by_the_first_ones_page(desk, upstream):
    page = offer(desk, send(desk))
    binding = {name: value for name, value in desk.jar.items() if name.startswith("anteroom-b")}
    other = Visitor(desk.port)
    other.sign_in("bob")
    desk.jar = {**binding, "anteroom": other.jar["anteroom"]}
    refused = order(page)
    assert refused.status == 200 and "has been destroyed" in refused.text and posts(upstream) == []


def test_in_another_browser_of_the_same_person_it_is_destroyed(desk, upstream):
    page = offer(desk, send(desk))
    other = Visitor(desk.port)
    other.sign_in("ann")
    seen = other.navigate(page.target)
    assert seen.status == 200 and "another browser" in seen.text and page_forms(seen) == []
    gone = order(page)
    assert "has been destroyed" in gone.text and posts(upstream) == []


@pytest.mark.parametrize("fields, without", [
    ([("Origin", "https://evil.test")], []), ([("Origin", "null")], []), ([("Sec-Fetch-Site", "cross-site")], []), ([("Sec-Fetch-Site", "same-site")], []),
    ([], ["Origin"]), ([("Content-Type", "text/plain")], []), ([("Content-Type", "application/json")], []), ([], ["Content-Type"]),
], ids=str)
def test_nothing_else_is_kept(desk, upstream, fields, without):
    page = send(desk, fields=fields, without=without)
    assert not kept(page) and "unsent=1" in page.location
    assert "was not saved" in desk.navigate(page.location).text
    assert posts(upstream) == [] and outcomes(desk.gateway) == []


def test_without_a_session_that_has_ended_nothing_is_kept(front, upstream):
    stranger = Visitor(front.port)
    assert not kept(send(stranger))
    stranger.jar["anteroom"] = "A" * 200
    assert not kept(send(stranger))
    visitor = Visitor(front.port)
    visitor.sign_in()
    cookie = visitor.jar["anteroom"]
    visitor.logout()
    visitor.jar["anteroom"] = cookie
    assert not kept(send(visitor)) and posts(upstream) == []


@pytest.mark.parametrize("chunked", [False, True])
def test_the_size_is_bounded(make_desk, upstream, chunked):
    desk = make_desk(more="hold_forms 64k")

    def result(count):
        if not chunked:
            return kept(send(desk, body=b"a=" + b"x" * (count - 2)))
        fields = [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Site", "same-origin"), ("Origin", desk.origin), ("Content-Type", FORM), ("Transfer-Encoding", "chunked")]
        with Client(desk.port) as client:
            client.send(desk.message("POST", TARGET, fields) + b"2\r\na=\r\n" + b"%x\r\n%s\r\n0\r\n\r\n" % (count - 2, b"x" * (count - 2)))
            response = client.response()
            # The rest of the body is read and dropped: the connection lives on.
            assert client.request("GET", "/.anteroom/healthz", [("Host", "app.test")]).status == 200
        desk.keep(response)
        return "kept=1" in response.get("Location")

    assert result(64 << 10) and not result((64 << 10) + 1)


def test_forms_are_kept_only_where_they_are_to_be(make_desk):
    assert not kept(send(make_desk(more="hold_forms off")))


def test_one_user_has_a_few_and_all_together_a_bounded_amount(make_desk, upstream):
    desk = make_desk(more="hold_forms 1m", top="limits { held_forms 2500k }\n")
    pages = [send(desk, body=b"n=%d" % number) for number in range(6)]
    assert all(map(kept, pages))
    large = [kept(send(desk, body=b"x" * (1 << 20))) for _ in range(4)]
    assert large == [True] * 4, "the oldest of the same user make room"
    # Four that were one too many of a user, and four that were too much in all.
    until(lambda: outcomes(desk.gateway).count(("destroyed", "ann")) == 8, 10, "the records of those that made room")
    first = offer(desk, pages[0])
    assert "not kept any more" in first.text and posts(upstream) == []


def test_somebody_elses_forms_make_no_room(make_gateway, upstream):
    gateway = make_gateway(configuration(site(upstream.url, more=SOON), top="limits { held_forms 1200k }"))
    ann, bob = Visitor(gateway.port), Visitor(gateway.port)
    ann.sign_in("ann")
    bob.sign_in("bob")
    until(lambda: not ann.signed_in() and not bob.signed_in(), 15, "the sessions to run out")
    assert kept(send(ann, body=b"x" * (1 << 20))) and not kept(send(bob, body=b"x" * (1 << 20)))


def test_logging_out_destroys_it(desk, upstream):
    page = offer(desk, send(desk))
    desk.logout()
    desk.sign_in("ann")
    desk.gateway.wait_for_audit(lambda record: record["outcome"] == "destroyed")
    assert "destroyed" in order(page).text or posts(upstream) == []
    assert outcomes(desk.gateway)[-1] == ("destroyed", "ann") and posts(upstream) == []


def test_throwing_it_away(desk, upstream):
    page = offer(desk, send(desk))
    (discard,) = [form for form in page_forms(page) if "held" in form.names]
    gone = page.submit({}, discard)
    assert gone.status == 200 and "Thrown away" in gone.text and 'href="/patients?patient_id=8675309"' in gone.text
    assert "Thrown away" in order(page).text and posts(upstream) == []


@pytest.mark.parametrize("change", ["no token", "foreign", "null", "ticket"])
def test_an_order_that_is_forged_is_refused(desk, upstream, change):
    page = offer(desk, send(desk))
    (form,) = [form for form in page_forms(page) if "held" not in form.names]
    changed = {"no token": {"token": ""}, "ticket": {"return": form.value("return")[:-3] + "AAA"}}.get(change, {})
    origin = {"foreign": "https://evil.test", "null": "null"}.get(change, True)
    refused = page.submit(changed, form, origin=origin)
    assert refused.status == 403 and posts(upstream) == []
    assert order(page).status == 200 and len(posts(upstream)) == 1


def test_the_patient_is_judged_anew(desk, upstream):
    page = offer(desk, send(desk, target="/patients?patient_id=1&patient_id=2"))
    assert order(page).status == 400 and posts(upstream) == []


def test_an_app_that_is_down_has_nothing_and_it_is_kept(make_desk, make_upstream):
    port = refused_port()
    desk = make_desk(app=f"http://127.0.0.1:{port}")
    page = offer(desk, send(desk))
    failed = order(page)
    assert failed.status in (502, 503) and "could not be sent" in failed.text
    app = make_upstream()
    write(desk.gateway, site(app.url), top="admin run/admin.sock\n")
    sent = order(failed)
    assert sent.status == 200 and posts(app)[0].body == BODY


def test_an_app_that_breaks_off_may_have_it_and_it_is_not_sent_again(make_desk, make_upstream):
    def app(exchange):
        exchange.read_body()
        if exchange.method == "POST":
            exchange.close()
            return None
        return answer()

    app = make_upstream(app)
    desk = make_desk(app=app)
    page = offer(desk, send(desk))
    failed = order(page)
    assert failed.status == 502 and "may have been sent" in failed.text
    assert "was sent already" in order(page).text and len(posts(app)) == 1


def test_the_address_of_the_answer_asked_for_anew_leads_to_the_apps_own(desk):
    page = offer(desk, send(desk))
    assert page_forms(page)[0].action.endswith("anteroom-held=1")
    for target, leads in (("/a?anteroom-held=1", "/a"), ("/a?b=%2F&anteroom-held=1", "/a?b=%2F"), ("//evil.test/?anteroom-held=1", "/")):
        back = desk.navigate(target)
        assert back.status == 303 and back.response.get("Location") == leads
    assert desk.navigate("/a?xanteroom-held=1").status == 200


def test_nothing_of_it_is_in_logs_or_addresses(desk, upstream):
    first = send(desk)
    page = offer(desk, first)
    order(page)
    for address in (first.location, page.target):
        assert "8675309" not in address
    until(lambda: "/patients/notes" in desk.gateway.output, 10, "the access line")
    assert "8675309" not in desk.gateway.output and "half" not in desk.gateway.output


def test_a_restart_loses_it_and_says_so(desk, upstream):
    first = send(desk)
    page = offer(desk, first)
    desk.gateway.restart()
    assert "not kept any more" in desk.navigate(page.target).text and posts(upstream) == []


def test_a_form_of_somebody_who_signs_in_at_a_provider_is_kept(make_gateway, upstream, provider):
    top = "admin run/admin.sock\n"
    gateway = make_gateway(configuration(site(upstream.url, login=oidc(provider), more="session { idle 1s; lifetime 2s }"), top=top))
    person = Person(gateway.port)
    person.sign_in_at_provider()
    until(lambda: not person.signed_in(), 15, "the session to run out")
    first = send(person)
    assert kept(first)
    page = person.navigate(first.location)
    assert "is kept" in page.text, "it is said before the browser goes elsewhere"
    write(gateway, site(upstream.url, login=oidc(provider)), top=top)
    link = page.text.partition('<nav')[2].partition('href="')[2].partition('"')[0].replace("&amp;", "&")
    back = person.come_back(person.at_provider(person.leave(link)))
    shown = person.navigate(back.location)
    assert "Nothing has been sent yet" in shown.text
    assert order(shown).status == 200 and posts(upstream)[0].body == BODY

