"""Signing in with a password: who may, how often, and from where."""

import re
import statistics
import time
import urllib.parse

import pytest

from gateway import PASSWORD, account, accounts, configuration, run, site
from visitor import NAVIGATION, Visitor
from waiting import until


def login(throttle):
    return "login password { users users.passwd; throttle { %s } }" % throttle


def strip(page):
    """A page without what differs each time: tokens, request ids, the name that was typed."""
    text = re.sub(r'value="[^"]*"', "", page.text)
    return re.sub(r"[0-9A-Za-z_-]{8,}", lambda match: match[0] if match[0].isalpha() else "", text)


def attempts(visitor, count, user, password="not the password at all"):
    return [visitor.login_page().sign_in(user, password).status for _ in range(count)]


def test_a_wrong_password_shows_the_form_again(visitor, upstream):
    page = visitor.login_page().sign_in(password="wrong wrong wrong")
    assert page.status == 403
    assert page.form("user", "password").value("password") in (None, "")
    assert "wrong wrong wrong" not in page.text
    assert "no-store" in page.get("Cache-Control")
    assert "anteroom" not in visitor.jar
    assert visitor.navigate("/app").status == 302 and upstream.requests == []


def test_unknown_user_and_wrong_password_look_the_same(visitor):
    unknown = visitor.login_page().sign_in("nobody", "wrong wrong wrong")
    wrong = visitor.login_page().sign_in("ann", "wrong wrong wrong")
    assert unknown.status == wrong.status == 403
    assert strip(unknown) == strip(wrong).replace("ann", "nobody") or strip(unknown) == strip(wrong)
    assert [name for name, _ in unknown.fields] == [name for name, _ in wrong.fields]


def test_unknown_user_and_wrong_password_take_the_same_time(make_gateway, upstream):
    throttle = login("account 1000 in 10m; address 1000 in 10m; lock 1m")
    gateway = make_gateway(configuration(site(upstream.url, login=throttle)), users=[])
    made = run("passwd", str(gateway.users), "ann", input=PASSWORD + "\n")
    assert made.returncode == 0, made.stderr
    visitor = Visitor(gateway.port)
    until(lambda: visitor.login_page().sign_in("ann").status == 303, 15, "the account to be read", pause=0.5)
    visitor = Visitor(gateway.port)
    page = visitor.login_page()
    times = {"ann": [], "nobody": []}
    for _ in range(15):
        for user, taken in times.items():
            began = time.monotonic()
            assert page.sign_in(user, "wrong wrong wrong").status == 403
            taken.append(time.monotonic() - began)
    known, unknown = (statistics.median(times[user]) for user in ("ann", "nobody"))
    assert 0.6 < known / unknown < 1.67, times


@pytest.mark.parametrize("user, password", [
    ("ann", ""), ("ann", " "), ("", PASSWORD), ("", ""), ("ann\x00", PASSWORD), ("ann", PASSWORD + "\x00"), ("ann", PASSWORD + " "), ("ann", PASSWORD.upper()), ("ann:", PASSWORD),
    ("a" * 5000, PASSWORD), ("ann", "p" * 5000),
], ids=lambda value: repr(value)[:24])
def test_what_is_not_the_password_is_no_login(visitor, user, password):
    page = visitor.login_page().sign_in(user, password)
    assert page.status in (400, 403, 413), page.response
    assert "anteroom" not in visitor.jar


def test_an_empty_broken_or_outdated_hash_never_verifies(make_gateway, upstream):
    users = [
        "empty::Name:e@x.test:", "star:*:::", "bang:!:::", "x:x:::", "plain:" + PASSWORD + ":::", "des:rl.3StKT.4T8M:::", "md5:$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/:::",
        "apr:$apr1$saltsalt$kPYAP4s2W6sHNfU4pQ5/M.:::", "sha:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=:::", *accounts(),
    ]
    gateway = make_gateway(configuration(site(upstream.url)), users=users)
    for user in ("empty", "star", "bang", "x", "plain", "des", "md5", "apr", "sha"):
        for password in ("password", PASSWORD, "x"):
            assert Visitor(gateway.port).login_page().sign_in(user, password).status == 403
        assert Visitor(gateway.port).login_page().sign_in(user, "").status in (400, 403)
    Visitor(gateway.port).sign_in()


def test_names_match_without_regard_to_case_and_the_account_says_how_it_is_spelt(visitor, upstream):
    visitor.sign_in("ANN")
    visitor.navigate("/app")
    assert upstream.last.get("X-Auth-User") == "ann"


def test_all_spellings_of_a_name_are_one_bucket(front):
    strangers = Visitor(front.port)
    statuses = [attempts(strangers, 1, user)[0] for user in ("ann", "Ann", "ANN", "ann ", " aNN")]
    assert statuses == [403] * 5
    for user in ("ann", "ANN", "ann "):
        assert attempts(Visitor(front.port), 1, user) == [429]
    assert attempts(Visitor(front.port), 1, "bob") == [403]


def test_throttled_the_page_says_when_and_the_right_password_is_refused_meanwhile(front):
    assert attempts(Visitor(front.port), 5, "ann") == [403] * 5
    stranger = Visitor(front.port)
    page = stranger.login_page().sign_in("ann", PASSWORD)
    assert page.status == 429
    assert 1 <= int(page.get("Retry-After")) <= 900
    assert re.search(r"\b1[0-5] ?min|minutes?|\d\d:\d\d", page.text), page.text
    assert "anteroom" not in stranger.jar
    assert stranger.navigate("/app").status == 302


def test_the_lock_ends(make_gateway, upstream):
    gateway = make_gateway(configuration(site(upstream.url, login=login("account 3 in 2s; address 100 in 10m; lock 2s"))))
    assert attempts(Visitor(gateway.port), 3, "ann") == [403] * 3
    assert attempts(Visitor(gateway.port), 1, "ann", PASSWORD) == [429]
    until(lambda: Visitor(gateway.port).login_page().sign_in("ann").status == 303, 20, "the lock to end", pause=0.3)


def test_a_lock_outlives_a_restart(front):
    assert attempts(Visitor(front.port), 5, "ann") == [403] * 5
    assert attempts(Visitor(front.port), 1, "ann", PASSWORD) == [429]
    front.restart()
    assert attempts(Visitor(front.port), 1, "ann", PASSWORD) == [429]


def test_strangers_cannot_lock_out_a_browser_that_the_user_has_used_before(front):
    own = Visitor(front.port)
    own.sign_in("ann")
    own.logout()
    assert attempts(Visitor(front.port), 6, "ann") == [403] * 5 + [429]
    assert own.login_page().sign_in("ann").status == 303


def test_the_device_of_one_user_gives_no_bucket_for_another(front):
    bobs = Visitor(front.port)
    bobs.sign_in("bob")
    bobs.logout()
    assert attempts(Visitor(front.port), 6, "ann") == [403] * 5 + [429]
    assert bobs.login_page().sign_in("ann").status == 429


def test_one_address_may_not_try_many_names(make_gateway, upstream):
    gateway = make_gateway(configuration(site(upstream.url, login=login("account 5 in 10m; address 8 in 10m; lock 15m"))))
    statuses = [attempts(Visitor(gateway.port), 1, f"user{number}")[0] for number in range(10)]
    assert statuses == [403] * 8 + [429] * 2


@pytest.mark.parametrize("typed", ["'\"><script>alert(1)</script>", "</title><img src=x onerror=alert(1)>", "%27-alert(1)-%27", "&lt;b&gt;", "\" autofocus onfocus=alert(1) x=\"", "{{7*7}}", "\u202e\u0000"])
def test_what_was_typed_is_escaped_wherever_it_is_shown(visitor, typed):
    page = visitor.login_page().sign_in(typed, "wrong wrong wrong")
    assert page.status in (400, 403)
    for dangerous in ("<script>alert", "<img src=x", "onfocus=alert(1) x=\"", "<b>"):
        assert dangerous not in page.text
    shown = page.form("user", "password").value("user") if page.status == 403 else None
    assert shown in (None, "", typed), "neither as typed nor left out"


@pytest.mark.parametrize("target", ["/.anteroom/%3Cscript%3Ealert(1)%3C/script%3E", "/.anteroom/x?'\"%3E%3Cscript%3Ealert(1)", "/.anteroom/login?return=%22%3E%3Cscript%3Ealert(1)%3C/script%3E"])
def test_what_stands_in_an_address_is_escaped(visitor, target):
    page = visitor.navigate(target)
    assert "<script" not in page.text


def test_the_brands_name_is_escaped(make_gateway, upstream):
    gateway = make_gateway(configuration(site(upstream.url, more='brand { name "Smith & Sons <b>Physio</b>" }')))
    page = Visitor(gateway.port).login_page()
    assert "Smith &amp; Sons &lt;b&gt;Physio" in page.text and "<b>Physio" not in page.text


def test_a_form_without_its_token_or_with_anothers_is_refused(front):
    own, other = Visitor(front.port), Visitor(front.port)
    page = own.login_page()
    foreign = other.login_page().form("user", "password").value("token")
    for token in ("", "x", foreign, None):
        answer = page.sign_in(token=token)
        assert answer.status in (400, 403), answer.response
        assert "anteroom" not in own.jar
    assert page.sign_in().status == 303


@pytest.mark.parametrize("origin", ["http://evil.test", "null", "http://app.test.evil.test", "https://app.test", "http://app.test:1"])
def test_a_form_from_another_origin_is_refused(visitor, origin):
    page = visitor.login_page()
    form = page.form("user", "password")
    answer = page.submit({"user": "ann", "password": PASSWORD}, form, origin=origin)
    assert answer.status in (400, 403), answer.response
    assert "anteroom" not in visitor.jar


def test_a_cross_site_post_is_refused_even_if_no_origin_came(visitor):
    page = visitor.login_page()
    answer = page.submit({"user": "ann", "password": PASSWORD}, page.form("user", "password"), headers={"Sec-Fetch-Site": "cross-site"}, origin=False)
    assert answer.status in (400, 403)
    assert "anteroom" not in visitor.jar


def test_credentials_in_the_address_are_no_login(visitor):
    page = visitor.login_page()
    token = page.form("user", "password").value("token")
    answer = visitor.navigate(f"/.anteroom/login?user=ann&password={PASSWORD.replace(' ', '+')}&token={token}")
    assert answer.status == 200 and "anteroom" not in visitor.jar


@pytest.mark.parametrize("content_type", ["text/plain", "multipart/form-data; boundary=x", "application/json", None])
def test_a_login_of_another_content_type_is_none(visitor, content_type):
    page = visitor.login_page()
    form = page.form("user", "password")
    body = f"user=ann&password={PASSWORD.replace(' ', '+')}&token={form.value('token')}&return={form.value('return')}"
    fields = [*NAVIGATION, ("Origin", visitor.origin)] + ([("Content-Type", content_type)] if content_type else [])
    answer = visitor.request("POST", "/.anteroom/login", fields, body)
    assert answer.status in (400, 403, 415), answer.response
    assert "anteroom" not in visitor.jar


def test_a_login_body_of_a_megabyte_is_refused(visitor):
    page = visitor.login_page()
    answer = page.submit({"user": "ann", "password": "x" * (1 << 20)}, page.form("user", "password"))
    assert answer.status in (400, 403, 413)
    assert visitor.login_page().sign_in().status == 303


def test_a_doubled_field_is_no_way_around_anything(visitor):
    page = visitor.login_page()
    form = page.form("user", "password")
    pairs = [*form.hidden(), ("user", "ann"), ("user", "bob"), ("password", PASSWORD), ("password", "x")]
    answer = visitor.request("POST", "/.anteroom/login", [*NAVIGATION, ("Origin", visitor.origin), ("Content-Type", "application/x-www-form-urlencoded")], urllib.parse.urlencode(pairs))
    assert answer.status in (303, 400, 403)
    if answer.status == 303:
        assert '"ann"' in visitor.fetch("/.anteroom/session").text


def test_a_password_of_other_scripts_and_signs_works(make_gateway, upstream):
    password = "pässwörd+&=% \u00a3 \u65e5\u672c\u8a9e"
    gateway = make_gateway(configuration(site(upstream.url)), users=[account("zoë", password)])
    visitor = Visitor(gateway.port)
    visitor.sign_in("zoë", password)


def test_a_missing_accounts_file_lets_nobody_in_until_it_is_there(make_gateway, upstream):
    gateway = make_gateway(configuration(site(upstream.url, login="login password { users later.passwd; throttle { account 100 in 10m } }")))
    visitor = Visitor(gateway.port)
    assert visitor.login_page().sign_in().status == 403
    made = run("passwd", str(gateway.directory / "later.passwd"), "ann", input=PASSWORD + "\n")
    assert made.returncode == 0, made.stderr
    until(lambda: visitor.login_page().sign_in().status == 303, 15, "the new file to be read", pause=1.0)
