"""In a real browser: a form that outlives its session, the login in a window of its own, and the notice before a session ends."""

import html
import json

import pytest

from gateway import PASSWORD, configuration, oidc, run, site
from upstream import answer
from waiting import until

pytestmark = pytest.mark.browser

TOP = "admin run/admin.sock\n"
SOON = "session { idle 2s; lifetime 1h }"


def app(exchange):
    """A record with a form, one with a file, and a page that saves by script as the manual shows it."""
    body = exchange.read_body()
    if exchange.target.startswith("/api/"):
        return answer(200, json.dumps({"saved": len(body)}), [("Content-Type", "application/json")])
    if exchange.method == "POST":
        page = f"<!doctype html><title>Saved</title><p id=saved>{html.escape(exchange.get('X-Auth-User') or '')} {len(body)}</p><a id=next href=next>next</a>"
    else:
        page = """<!doctype html><title>Record</title><p id=record>record</p>
            <form id=f method=post action="/patients/save?patient_id=8675309&x=%2F" enctype="multipart/form-data">
            <textarea name=note></textarea><input type=file name=scan><button id=save>Save</button></form>
            <form id=g method=post action="/patients/save?patient_id=8675309"><input name=short><button id=quick>Save</button></form>
            <button id=script onclick="save()">Save by script</button><p id=told></p>
            <script>
            async function save() {
              let answer = await fetch("/api/notes", { method: "POST", body: "note" });
              if (answer.status === 401) {
                const problem = await answer.json();
                window.open(problem.login, "anteroom", "popup,width=520,height=720");
                await new Promise(done => window.addEventListener("message", event => {
                  if (event.origin === location.origin && event.data.type === "anteroom:signed-in") done();
                }));
                answer = await fetch("/api/notes", { method: "POST", body: "note" });
              }
              document.getElementById("told").textContent = answer.status;
            }
            </script>"""
    return answer(200, page, [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store")])


class Desk:
    """A gateway at app.localhost, whose sessions end soon until `lasts` is called."""

    def __init__(self, upstream, make_gateway, session=SOON, login="login password { users users.passwd }"):
        self.app = upstream
        self.login = login
        self.gateway = make_gateway(configuration(site(upstream.url, hosts="app.localhost", login=login, more=session), top=TOP))
        self.origin = f"http://app.localhost:{self.gateway.port}"
        self.page = self.origin + "/patients?patient_id=8675309"

    def set(self, session=""):
        self.gateway.file.write_text(configuration(site(self.app.url, hosts="app.localhost", login=self.login, more=session), top=TOP))
        done = run("reload", "--config", str(self.gateway.file))
        assert done.returncode == 0, done.stderr

    def sign_in(self, browser, user="ann"):
        browser.one("input[name=user]").type(user)
        browser.one("input[name=password]").type(PASSWORD)
        browser.one("button[type=submit]").click()

    def open(self, browser, user="ann"):
        browser.open(self.page)
        self.sign_in(browser, user)
        browser.one("#record")

    def wait_for_end(self, browser):
        until(lambda: not self.session(browser)["signed_in"], 20, "the session to run out", pause=0.2)

    def session(self, browser):
        return browser.script("""
            const request = new XMLHttpRequest();
            request.open("GET", "/.anteroom/session", false); request.send();
            return JSON.parse(request.responseText)""")

    @property
    def posts(self):
        return [exchange for exchange in self.app.requests if exchange.method == "POST"]


@pytest.fixture
def browser(driver):
    made = driver.session()
    yield made
    made.end()


@pytest.fixture
def make_desk(make_upstream, make_gateway):
    return lambda *arguments, **more: Desk(make_upstream(app), make_gateway, *arguments, **more)


def test_what_was_typed_and_a_file_outlive_the_session_and_are_sent_once(browser, make_desk, tmp_path):
    desk = make_desk()
    scan = tmp_path / "x ray.bin"
    scan.write_bytes(bytes(range(256)) * 1000)
    desk.open(browser)
    browser.one("[name=note]").type("half a page")
    browser.one("[name=scan]").type(str(scan))
    desk.wait_for_end(browser)
    browser.one("#save").click()
    browser.one("input[name=password]")
    assert "is kept" in browser.text and "8675309" not in browser.address
    desk.set()
    desk.sign_in(browser)
    until(lambda: "Nothing has been sent yet" in browser.text, 10, "the offer")
    assert "x ray.bin (256 KB)" in browser.text and "8675309" not in browser.text and "8675309" not in browser.address
    browser.keep_screenshot("held-form")
    assert desk.posts == []
    offer = browser.address
    browser.one("form[action*='anteroom-held'] button").click()
    assert browser.one("#saved").text.startswith("ann ")
    (sent,) = desk.posts
    assert sent.target == "/patients/save?patient_id=8675309&x=%2F"
    assert b"half a page" in sent.body and scan.read_bytes() in sent.body
    assert sent.get("Origin") == desk.origin and sent.get("Referer") == desk.page
    # The app's answer stands at the app's own address.
    assert browser.script("return document.getElementById('next').href") == desk.origin + "/patients/next"
    browser.open(offer)
    assert "was sent already" in browser.text and len(desk.posts) == 1
    browser.open(desk.origin + "/patients/save?patient_id=8675309&x=%2F&anteroom-held=1")
    assert browser.address == desk.origin + "/patients/save?patient_id=8675309&x=%2F"


def test_without_javascript_it_is_the_same(driver, make_desk):
    browser = driver.session()
    try:
        desk = make_desk()
        desk.open(browser)
        browser.one("[name=short]").type("a few words")
        desk.wait_for_end(browser)
        browser.call("POST", "/goog/cdp/execute", {"cmd": "Emulation.setScriptExecutionDisabled", "params": {"value": True}})
        browser.one("#quick").click()
        browser.one("input[name=password]")
        desk.set()
        desk.sign_in(browser)
        browser.one("form[action*='anteroom-held'] button").click()
        assert browser.one("#saved").text == f"ann {len('short=a+few+words')}"
        assert len(desk.posts) == 1
    finally:
        browser.end()


def test_somebody_else_at_the_same_computer_neither_sees_nor_sends_it(browser, make_desk):
    desk = make_desk()
    desk.open(browser)
    browser.one("[name=short]").type("secret words")
    desk.wait_for_end(browser)
    browser.one("#quick").click()
    browser.one("input[name=password]")
    desk.set()
    desk.sign_in(browser, "bob")
    until(lambda: "has been destroyed" in browser.text, 10, "that it is destroyed")
    assert "secret" not in browser.source and not browser.find("form") and desk.posts == []
    browser.back()
    assert desk.posts == []


def test_a_page_opens_the_login_in_a_window_and_goes_on(browser, make_desk):
    desk = make_desk()
    desk.open(browser)
    page = browser.window
    desk.wait_for_end(browser)
    browser.one("#script").click()
    popup = until(lambda: [handle for handle in browser.windows if handle != page], 10, "the window")[0]
    browser.switch(popup)
    browser.one("input[name=password]")
    desk.set()
    desk.sign_in(browser)
    until(lambda: browser.windows == [page], 10, "the window to close itself")
    browser.switch(page)
    until(lambda: browser.one("#told").text == "200", 10, "that the page goes on")
    assert [exchange.body for exchange in desk.posts] == [b"note"]


def test_a_window_that_nobody_opened_says_that_it_can_be_closed(browser, make_desk):
    desk = make_desk(session="")
    browser.open(desk.origin + "/.anteroom/login?popup=1")
    desk.sign_in(browser)
    until(lambda: "You can close this window" in browser.text, 10, "the page")
    browser.keep_screenshot("popup")


def test_the_window_works_with_a_provider_too(browser, make_desk, provider):
    desk = make_desk(session="", login=oidc(provider))
    browser.open(desk.origin + "/.anteroom/login?popup=1")
    until(lambda: "You can close this window" in browser.text, 20, f"the page, not {browser.address}: {browser.text[:300]}")


def notice(browser):
    """What the notice says; empty while there is none."""
    return browser.script("""
        const host = document.getElementById('anteroom-notice'), box = host && host.shadowRoot.querySelector('div');
        return box && !box.hidden && box.getBoundingClientRect().height > 0 ? host.shadowRoot.querySelector('p').textContent : ''""")


def press(browser, name):
    browser.script(f"document.getElementById('anteroom-notice').shadowRoot.querySelector('{name}').click()")


def test_the_notice_shows_before_the_end_on_an_injected_page_and_prolongs(browser, make_desk):
    desk = make_desk(session="session { idle 6s; lifetime 1h; notice inject; }")
    desk.open(browser)
    assert browser.script("return document.body.lastElementChild.src || document.body.lastElementChild.id").endswith(("/.anteroom/notice.js", "anteroom-notice"))
    until(lambda: "You will be signed out" in notice(browser), 20, "the notice")
    browser.keep_screenshot("notice")
    facts = browser.script("""
        const root = document.getElementById('anteroom-notice').shadowRoot, button = root.querySelector('button');
        return { role: root.querySelector('p').getAttribute('role'), words: button.textContent, focus: document.activeElement === document.body,
          tab: button.tabIndex, bottom: Math.abs(root.querySelector('div').getBoundingClientRect().bottom - innerHeight) < 1,
          ground: getComputedStyle(root.querySelector('div')).backgroundColor }""")
    assert facts == {"role": "status", "words": "Stay signed in", "focus": True, "tab": 0, "bottom": True, "ground": "rgb(20, 38, 43)"}
    assert desk.session(browser)["signed_in"]
    before = browser.script("return document.getElementById('anteroom-notice') !== null")
    press(browser, "button")
    until(lambda: notice(browser) == "", 10, "the notice to go")
    assert before and desk.session(browser)["idle_ends_in"] > 3


def test_after_the_end_the_notice_says_that_nothing_is_saved_and_signs_in_again(browser, make_desk):
    desk = make_desk(session="session { idle 2s; lifetime 1h; notice inject; }")
    desk.open(browser)
    page = browser.window
    until(lambda: "not saved yet" in notice(browser), 30, "the notice after the end")
    press(browser, "a")
    popup = until(lambda: [handle for handle in browser.windows if handle != page], 10, "the window")[0]
    browser.switch(popup)
    browser.one("input[name=password]")
    desk.set("session { notice inject; }")
    desk.sign_in(browser)
    until(lambda: browser.windows == [page], 10, "the window to close itself")
    browser.switch(page)
    until(lambda: notice(browser) == "", 10, "the notice to go")


def test_a_page_with_a_strict_policy_and_styles_of_its_own_shows_it_too(browser, make_upstream, make_gateway):
    fields = [("Content-Type", "text/html"), ("Content-Security-Policy", "default-src 'none'; script-src 'self'; connect-src 'self'")]
    strict = make_upstream(lambda exchange: answer(200, "<!doctype html><title>Record</title><p id=record>record", fields))
    desk = Desk(strict, make_gateway, "session { idle 4s; lifetime 1h; notice inject; }")
    desk.open(browser)
    until(lambda: notice(browser), 20, "the notice")
