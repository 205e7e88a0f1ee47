"""`login forward` with real servers that say who may pass, and in a real browser."""

import base64
import json
import urllib.parse

import pytest

from apache_portal import ApachePortal
from checker import Checker
from gateway import PASSWORD, configuration, quick_hash, site
from nginx import Nginx
from rawhttp import Client
from test_openid_browser import PATIENTS, record
from upstream import answer
from visitor import Visitor
from waiting import until


@pytest.fixture
def portal(tmp_path):
    made = []

    def make(**arguments):
        made.append(ApachePortal(tmp_path / "apache", **arguments))
        return made[-1]

    yield make
    for one in made:
        one.stop()


def enter(portal, target, user="ann"):
    """Fills in the form of Apache's mod_auth_form."""
    body = urllib.parse.urlencode({"httpd_username": user, "httpd_password": PASSWORD, "httpd_location": target})
    with Client(portal.port) as client:
        return client.request("POST", "/enter", [("Host", "auth.test"), ("Content-Type", "application/x-www-form-urlencoded")], body)


@pytest.mark.parametrize("style", ["401", "302"])
def test_apaches_form_login_lets_in_to_the_patient_and_out_again(portal, make_gateway, upstream, style):
    portal = portal(style=style)
    address = f"http://127.0.0.1:{portal.port}"
    sign_in = f"sign_in {address}/page?for={{url}}; " if style == "401" else ""
    login = f"login forward {{ check {address}/check; {sign_in}sign_out {address}/leave; copy Remote-User }}"
    visitor = Visitor(make_gateway(configuration(site(upstream.url, login=login))).port)
    target = "/patients?patient_id=8675309&x=%2F"
    page = visitor.navigate(visitor.navigate(target).location)
    assert page.status == 302, page.response
    there = page.get("Location")
    assert there.startswith(f"{address}/page?for="), there
    back = urllib.parse.unquote(there.partition("?for=")[2])
    assert back.startswith(visitor.origin + "/.anteroom/login?return=")
    refused = enter(portal, back, "mallory")
    assert refused.status == 401, refused
    entered = enter(portal, back)
    assert entered.status == 302 and entered.get("Location") == back, entered
    cookie = next(line for line in entered.all("Set-Cookie") if line.startswith("portal="))
    visitor.jar["portal"] = cookie.partition(";")[0].partition("=")[2]
    page = visitor.navigate(visitor.path_of(back))
    assert page.status == 302 and page.location == target, page.response
    assert visitor.navigate(target).status == 200
    assert upstream.last.get("Remote-User") == "ann" and upstream.last.get("X-Auth-User") == "ann" and upstream.last.get("X-Cliniko-Patient-Id") == "8675309"
    assert json.loads(visitor.fetch("/.anteroom/session").text)["user"] == "ann"
    out = visitor.navigate("/.anteroom/logout")
    done = out.submit({}, out.form("token"))
    assert f"{address}/leave" in done.text
    del visitor.jar["portal"]
    assert visitor.fetch("/x").status == 401


def test_nginx_with_passwords_says_who_may_pass(make_gateway, upstream, tmp_path):
    server = Nginx(tmp_path / "nginx", """
        server {
            listen 127.0.0.1:{port};
            location /check {
                auth_basic "members";
                auth_basic_user_file {root}/users;
                add_header Remote-User $remote_user;
                root {root};
                try_files /ok.txt =404;
            }
        }""")
    try:
        (server.root / "users").write_text(f"ann:{quick_hash(PASSWORD)}\n")
        (server.root / "ok.txt").write_text("ok\n")
        login = f"login forward {{ check {server.url}/check; copy Remote-User; cache 1h any_path }}"
        visitor = Visitor(make_gateway(configuration(site(upstream.url, login=login))).port)
        page = visitor.navigate("/patients?patient_id=5")
        assert page.status == 401 and 'Basic realm="members"' in page.all("WWW-Authenticate")
        given = lambda user, word: [("Authorization", "Basic " + base64.b64encode(f"{user}:{word}".encode()).decode())]
        assert visitor.navigate("/patients?patient_id=5", given("ann", "wrong")).status == 401
        assert visitor.navigate("/patients?patient_id=5", given("ann", PASSWORD)).status == 200
        assert upstream.last.get("Remote-User") == "ann"
        assert visitor.navigate("/patients?patient_id=5", given("ann", "wrong")).status == 401
    finally:
        server.stop()


# In a browser


@pytest.fixture
def browser(driver):
    made = driver.session()
    yield made
    made.end()


class Clinic:
    """The app at app.clinic.localhost, the checker's page at auth.clinic.localhost, and a page with patient buttons elsewhere."""

    def __init__(self, checker, make_upstream, make_gateway):
        checker.attributes = "; Domain=clinic.localhost; Path=/; HttpOnly; SameSite=Lax"
        page = f"http://auth.clinic.localhost:{checker.port}"
        login = checker.login(f"sign_in {page}/page?rd={{url}}", f"sign_out {page}/out", sign_in=False)
        self.app = make_upstream(record)
        self.gateway = make_gateway(configuration(site(self.app.url, hosts="app.clinic.localhost", login=login)))
        self.origin = f"http://app.clinic.localhost:{self.gateway.port}"
        buttons = "".join(f'<p><a id=p{patient} href="{self.origin}/patients?patient_id={patient}&tab={patient}">{patient}</a>' for patient in PATIENTS)
        self.pages = make_upstream(lambda exchange: answer(200, f"<!doctype html><title>Clinic</title>{buttons}", [("Content-Type", "text/html")]))
        self.checker = checker

    def click(self, browser, patient):
        browser.open(f"http://127.0.0.1:{self.pages.port}/")
        browser.one(f"#p{patient}").click()

    def sign_in(self, browser, user="ann"):
        browser.one("#user").type(user)
        browser.one("#go").click()

    def shows(self, browser, patient, user="ann"):
        address = f"{self.origin}/patients?patient_id={patient}&tab={patient}"
        until(lambda: browser.address == address and browser.find("#record"), 20, f"patient {patient}, not {browser.address}: {browser.text[:500]}")
        assert browser.one("#record").text == f"record of {patient}" and browser.one("#user").text == user


@pytest.fixture
def clinic(make_upstream, make_gateway):
    checker = Checker("nginx")
    yield Clinic(checker, make_upstream, make_gateway)
    checker.stop()


@pytest.mark.browser
def test_a_click_over_the_checkers_page_to_the_patient_and_out(browser, clinic):
    clinic.click(browser, "101")
    clinic.sign_in(browser)
    clinic.shows(browser, "101")
    clinic.click(browser, "202")
    clinic.shows(browser, "202")
    browser.open(clinic.origin + "/.anteroom/logout")
    browser.keep_screenshot("forward-logout")
    browser.one("button").click()
    until(lambda: browser.find("#out"), 20, f"the checker's way out, not {browser.address}")
    clinic.click(browser, "303")
    clinic.sign_in(browser, "bob")
    clinic.shows(browser, "303", "bob")


@pytest.mark.browser
def test_three_tabs_sign_in_one_after_another_each_to_its_own_patient(browser, clinic):
    tabs = {}
    for patient in PATIENTS:
        tabs[patient] = browser.new_tab()
        clinic.click(browser, patient)
        browser.one("#user")
    for patient in reversed(PATIENTS):
        browser.switch(tabs[patient])
        clinic.sign_in(browser)
        clinic.shows(browser, patient)


@pytest.mark.browser
def test_whoever_may_not_and_a_checker_that_is_down_are_told_in_plain_words(browser, clinic):
    clinic.click(browser, "101")
    clinic.sign_in(browser)
    clinic.shows(browser, "101")
    clinic.checker.denied = {"/patients"}
    browser.reload()
    until(lambda: "You may not open this" in browser.text, 10, "the page that says no")
    browser.keep_screenshot("forward-denied")
    clinic.checker.override = lambda exchange: answer(500)
    browser.reload()
    until(lambda: "It cannot be found out who you are" in browser.text, 10, "the page that says so")
    browser.keep_screenshot("forward-down")
