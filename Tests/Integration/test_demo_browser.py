"""What a clinician does, in a real browser: with the demo, and with a gateway whose session runs out soon."""

import html
import json
import os

import pytest

from demo import Demo
from gateway import PASSWORD, configuration, site
from upstream import answer
from waiting import until

pytestmark = pytest.mark.browser


@pytest.fixture
def browser(driver):
    made = driver.session()
    yield made
    made.end()


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    made = Demo(folder)
    yield made
    made.stop()
    assert os.listdir(folder) == [], "the demo leaves files behind"


def patients(browser):
    """The addresses behind the patient buttons of the clinic's page."""
    browser.one("a[href*='patient_id='], form input[name=patient_id]")
    return browser.script("""
        return [...document.querySelectorAll("a[href*='patient_id=']")].map(a => a.href).concat(
          [...document.querySelectorAll("form input[name=patient_id]")].map(i => i.form.action + '?patient_id=' + i.value))""")


def patient_of(address):
    return address.partition("patient_id=")[2].partition("&")[0]


def click_patient(browser, number):
    """Clicks the button of one patient, in whatever menu it is, and follows it into a new tab if it opens one."""
    before = browser.windows
    address = patients(browser)[number]
    browser.script("document.querySelectorAll('details').forEach(d => d.open = true)")
    links = browser.find("a[href*='patient_id=']")
    if links:
        links[number].click()
    else:
        browser.script("document.querySelectorAll('form input[name=patient_id]')[arguments[0]].form.requestSubmit()", number)
    until(lambda: len(browser.windows) > len(before) or "patient_id=" in browser.address or "/.anteroom/" in browser.address, 10, "the click")
    opened = [handle for handle in browser.windows if handle not in before]
    if opened:
        browser.switch(opened[0])
    return patient_of(address)


def sign_in(browser, user, password):
    browser.one("input[name=password]")
    name = browser.one("input[name=user]")
    name.clear()
    name.type(user)
    browser.one("input[name=password]").type(password)
    browser.one("form:has(input[name=password]) button, form:has(input[name=password]) input[type=submit]").click()


def on_login(browser):
    return "/.anteroom/login" in browser.address and bool(browser.find("input[name=password]"))


def shows(browser, patient):
    """Waits for the app's page about a patient."""
    until(lambda: patient_of(browser.address) == patient and patient in browser.text, 10, f"patient {patient} at {browser.address}: {browser.text[:500]}")


def test_the_demo_prints_an_address_and_accounts(demo):
    assert demo.address.startswith("http://") and len(demo.accounts) >= 1, demo.output


def test_a_click_leads_through_the_login_to_the_patient_and_the_second_needs_none(browser, demo):
    browser.open(demo.address)
    assert len(patients(browser)) >= 3
    browser.keep_screenshot("demo-clinic")
    patient = click_patient(browser, 0)
    until(lambda: on_login(browser), 10, "the login page")
    assert patient not in browser.address and patient not in browser.source
    browser.keep_screenshot("login")
    sign_in(browser, *demo.accounts[0])
    shows(browser, patient)
    assert "X-Cliniko-Patient-Id".lower() in browser.text.lower()
    browser.keep_screenshot("demo-app")
    browser.new_tab()
    browser.open(demo.address)
    second = click_patient(browser, 1)
    shows(browser, second)
    assert second != patient


def test_three_tabs_at_once_finished_in_another_order(browser, demo):
    tabs = {}
    for number in range(3):
        browser.new_tab()
        browser.open(demo.address)
        patient = click_patient(browser, number)
        until(lambda: on_login(browser), 10, "the login page")
        tabs[number] = (browser.window, patient)
    assert len({patient for _, patient in tabs.values()}) == 3
    for number in (2, 0, 1):
        handle, patient = tabs[number]
        browser.switch(handle)
        sign_in(browser, *demo.accounts[0])
        shows(browser, patient)
    for handle, patient in tabs.values():
        browser.switch(handle)
        browser.reload()
        shows(browser, patient)


def test_a_wrong_password_is_said_and_the_right_one_still_leads_to_the_patient(browser, demo):
    browser.open(demo.address)
    patient = click_patient(browser, 2)
    until(lambda: on_login(browser), 10, "the login page")
    before = browser.text
    sign_in(browser, demo.accounts[0][0], "wrong wrong wrong")
    until(lambda: on_login(browser) and browser.text != before, 10, "the page that says so")
    assert "wrong wrong wrong" not in browser.source
    assert browser.one("input[name=password]").live("value") == ""
    browser.keep_screenshot("login-wrong")
    sign_in(browser, *demo.accounts[0])
    shows(browser, patient)


def test_after_a_logout_back_shows_no_record(browser, demo):
    browser.open(demo.address)
    patient = click_patient(browser, 0)
    until(lambda: on_login(browser), 10, "the login page")
    sign_in(browser, *demo.accounts[0])
    shows(browser, patient)
    app = browser.address
    browser.open(app.partition("/patients")[0].rstrip("/") + "/.anteroom/logout" if "/patients" in app else browser.script("return location.origin") + "/.anteroom/logout")
    browser.keep_screenshot("logout")
    browser.one("form button, form input[type=submit]").click()
    until(lambda: not browser.find("input[name=token]") or on_login(browser) or "/.anteroom/logout" not in browser.address, 10, "the logout")
    for _ in range(3):
        browser.back()
        assert not (patient_of(browser.address) == patient and patient in browser.text), "the record is shown after the logout"
    browser.open(app)
    until(lambda: on_login(browser), 10, "the login page")


def record(exchange):
    """A small app in HTML: a record, a form, and a link to another patient."""
    patient = exchange.get("X-Cliniko-Patient-Id") or "none"
    body = exchange.read_body().decode()
    page = f"""<!doctype html><title>Record</title><p id=record>record of {html.escape(patient)}</p><p id=body>{html.escape(body)}</p>
        <a id=next href="/patients?patient_id=202">next</a>
        <form method=post action=/save><input name=note><button id=save>Save</button></form>"""
    return answer(200, page, [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "private")])


@pytest.fixture
def clinic(make_upstream, make_gateway):
    app = make_upstream(record)

    def make(more=""):
        # Browsers treat this name as they treat https: to other plain-HTTP hosts they send no Sec-Fetch fields.
        gateway = make_gateway(configuration(site(app.url, hosts="app.localhost", more=more)))
        return f"http://app.localhost:{gateway.port}", app

    return make


def session_is_over(browser):
    state = browser.script("const x = new XMLHttpRequest(); x.open('GET', '/.anteroom/session', false); x.send(); return [x.status, x.responseText]")
    return state[0] != 200 or not json.loads(state[1]).get("user")


def test_a_session_that_runs_out_while_a_tab_is_open_leads_through_the_login_and_on(browser, clinic):
    address, app = clinic("session { idle 2s; lifetime 1h }")
    browser.open(f"{address}/patients?patient_id=101")
    sign_in(browser, "ann", PASSWORD)
    shows(browser, "101")
    until(lambda: session_is_over(browser), 20, "the session to run out", pause=0.2)
    browser.one("#next").click()
    until(lambda: on_login(browser), 10, "the login page")
    sign_in(browser, "ann", PASSWORD)
    shows(browser, "202")


def test_a_form_sent_after_the_session_ended_is_not_sent_on_unasked(browser, clinic):
    address, app = clinic("session { idle 2s; lifetime 1h }")
    browser.open(f"{address}/patients?patient_id=101")
    sign_in(browser, "ann", PASSWORD)
    shows(browser, "101")
    browser.one("[name=note]").type("half a note")
    until(lambda: session_is_over(browser), 20, "the session to run out", pause=0.2)
    browser.one("#save").click()
    until(lambda: on_login(browser), 10, "the login page")
    sign_in(browser, "ann", PASSWORD)
    # It is kept, and offered.
    until(lambda: "Nothing has been sent yet" in browser.text, 10, f"the offer, not {browser.address}")
    assert [exchange.method for exchange in app.requests if exchange.method == "POST"] == []


def test_the_login_is_done_with_the_keyboard_alone(browser, clinic):
    address, _ = clinic()
    browser.open(f"{address}/patients?patient_id=101")
    browser.one("input[name=password]")

    def focused():
        return browser.script("return document.activeElement ? document.activeElement.name || '' : ''")

    for _ in range(6):
        if focused() == "user":
            break
        browser.press("tab")
    assert focused() == "user"
    browser.press("ann", "tab")
    for _ in range(3):
        if focused() == "password":
            break
        browser.press("tab")
    assert focused() == "password"
    browser.press(PASSWORD, "enter")
    shows(browser, "101")


def test_the_login_page_can_be_read_aloud(browser, clinic):
    address, _ = clinic()
    browser.open(f"{address}/patients?patient_id=101")
    browser.one("input[name=password]")
    facts = browser.script("""
        const fields = ['user', 'password'].map(name => document.querySelector(`input[name=${name}]`));
        return {
          lang: document.documentElement.lang, title: document.title, headings: document.querySelectorAll('h1').length, main: document.querySelectorAll('main').length,
          labels: fields.map(field => (field.labels && field.labels.length) || (field.getAttribute('aria-label') ? 1 : 0)),
          complete: fields.map(field => field.autocomplete), type: fields[1].type }""")
    assert facts["lang"] and facts["title"] and facts["headings"] == 1 and facts["main"] == 1
    assert min(facts["labels"]) >= 1 and facts["type"] == "password"
    assert facts["complete"] == ["username", "current-password"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_login_page_fits_a_phone_in_light_and_dark(driver, clinic, scheme):
    browser = driver.session(*(["--force-dark-mode"] if scheme == "dark" else []))
    try:
        browser.emulate_phone()
        browser.call("POST", "/goog/cdp/execute", {"cmd": "Emulation.setEmulatedMedia", "params": {"features": [{"name": "prefers-color-scheme", "value": scheme}]}})
        address, _ = clinic('brand { name "Harbour Physio and Sports Medicine Centre" }')
        browser.open(f"{address}/patients?patient_id=101")
        browser.one("input[name=password]")
        facts = browser.script("""
            const boxes = [...document.querySelectorAll('input:not([type=hidden]), button')].map(e => e.getBoundingClientRect());
            const parse = color => color.match(/[0-9.]+/g).slice(0, 3).map(Number).reduce((a, b) => a + b, 0) / 3;
            const body = getComputedStyle(document.body), root = getComputedStyle(document.documentElement);
            const clear = color => color === 'transparent' || /, 0\\)$/.test(color);
            const ground = clear(body.backgroundColor) ? (clear(root.backgroundColor) ? (root.colorScheme.includes('dark') && matchMedia('(prefers-color-scheme: dark)').matches ? 'rgb(18,18,18)' : 'rgb(255,255,255)') : root.backgroundColor) : body.backgroundColor;
            return { wide: document.documentElement.scrollWidth, inner: innerWidth, right: Math.max(...boxes.map(b => b.right)), low: Math.min(...boxes.map(b => b.height)),
              text: parse(body.color), ground: parse(ground), size: parseFloat(getComputedStyle(document.querySelector('input[name=user]')).fontSize), viewport: !!document.querySelector('meta[name=viewport]') }""")
        assert facts["viewport"]
        assert facts["wide"] <= facts["inner"] <= 400 and facts["right"] <= facts["inner"]
        assert facts["low"] >= 36 and facts["size"] >= 16, "a thumb must hit it, and a phone must not zoom in"
        assert (facts["ground"] > facts["text"]) == (scheme == "light")
        browser.keep_screenshot(f"login-phone-{scheme}")
        sign_in(browser, "ann", PASSWORD)
        shows(browser, "101")
    finally:
        browser.end()


def test_the_cookies_are_out_of_reach_of_scripts(browser, clinic):
    address, _ = clinic()
    browser.open(f"{address}/patients?patient_id=101")
    sign_in(browser, "ann", PASSWORD)
    shows(browser, "101")
    assert browser.script("return document.cookie") == ""
    own = [cookie for cookie in browser.cookies if cookie["name"] == "anteroom"]
    assert len(own) == 1 and own[0]["httpOnly"] and own[0]["sameSite"] == "Lax" and own[0]["path"] == "/"


def test_the_login_page_draws_itself_without_breaking_its_own_policy(driver, clinic):
    """Its style must be one that its Content-Security-Policy lets through."""
    browser = driver.session()
    try:
        address, _ = clinic('brand { name "Harbour Physio" }')
        browser.open(f"{address}/patients?patient_id=101")
        browser.one("input[name=password]")
        styled = browser.script("return document.styleSheets.length > 0 && [...document.styleSheets].every(s => s.cssRules.length > 0)")
        assert styled, "the style sheet was blocked"
    finally:
        browser.end()
