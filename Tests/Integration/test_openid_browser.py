"""Signing in at a provider in a real browser: a real provider's pages, and those of the tests' own that misbehaves."""

import html
import json

import pytest

import glewlwyd
from gateway import PASSWORD, configuration, oidc, site
from provider import Answer, Client
from upstream import answer
from waiting import until

pytestmark = pytest.mark.browser

PATIENTS = ("101", "202", "303")


@pytest.fixture
def browser(driver):
    made = driver.session()
    yield made
    made.end()


def record(exchange):
    """The app: a record, and a link to another."""
    patient = exchange.get("X-Cliniko-Patient-Id") or "none"
    page = f"""<!doctype html><title>Record</title><p id=record>record of {html.escape(patient)}</p><p id=user>{html.escape(exchange.get("X-Auth-User") or "")}</p>
        <a id=next href="/patients?patient_id=404">next</a>"""
    return answer(200, page, [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "private")])


class Clinic:
    """A gateway at HOST.localhost, with a practice-management page at another site that has the patient buttons."""

    def __init__(self, make_upstream, make_gateway, host, *logins, more=""):
        self.app = make_upstream(record)
        self.gateway = make_gateway(configuration(site(self.app.url, hosts=f"{host}.localhost", login="\n    ".join(logins), more=more)))
        # Browsers treat this name as they treat https: to other plain-HTTP hosts they send no Sec-Fetch fields.
        self.origin = f"http://{host}.localhost:{self.gateway.port}"
        buttons = "".join(f'<p><a id=p{patient} href="{self.origin}/patients?patient_id={patient}&tab={patient}">{patient}</a>' for patient in PATIENTS)
        self.pages = make_upstream(lambda exchange: answer(200, f"<!doctype html><title>Clinic</title>{buttons}", [("Content-Type", "text/html")]))
        self.buttons = f"http://127.0.0.1:{self.pages.port}/"

    def click(self, browser, patient):
        browser.open(self.buttons)
        browser.one(f"#p{patient}").click()

    def shows(self, browser, patient, user="ann"):
        address = f"{self.origin}/patients?patient_id={patient}&tab={patient}"
        until(lambda: browser.address == address and browser.find("#record"), 20, f"patient {patient}, not {browser.address}: {browser.text[:500]}")
        assert browser.one("#record").text == f"record of {patient}" and browser.one("#user").text == user

    def session(self, browser):
        """Who is signed in, as a page of the app can ask."""
        browser.open(self.origin + "/.anteroom/session")
        return json.loads(browser.text).get("user")


@pytest.fixture
def make_clinic(make_upstream, make_gateway):
    return lambda *logins, host="app", **more: Clinic(make_upstream, make_gateway, host, *logins, **more)


@pytest.fixture
def real(tmp_path):
    reason = glewlwyd.absence()
    if reason:
        pytest.fail(reason)
    made = glewlwyd.Glewlwyd(tmp_path / "glewlwyd")
    made.client = Client("anteroom", secret=glewlwyd.SECRET)
    yield made
    made.stop()


def click_button(browser, *texts):
    """Clicks a button that says one of `texts`, if there is one to click; in one step, since the page draws itself anew at any time."""
    return browser.script("""
        const found = [...document.querySelectorAll('button')].find(each => !each.disabled && arguments[0].includes(each.innerText.trim()));
        if (found) found.click();
        return found ? found.innerText.trim() : null""", list(texts))


def log_in_at_glewlwyd(browser, user="ann"):
    """Its login form, and its page about what the client may know, if it asks."""
    # The page draws itself anew at any time, and then loses what was typed, or a click.
    fill = """
        const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
        for (const [id, text] of arguments[0]) {
            const field = document.getElementById(id);
            if (!field) return false;
            if (field.value !== text) { set.call(field, text); field.dispatchEvent(new Event('input', {bubbles: true})); }
        }
        document.getElementById('loginbut')?.click();
        return true"""
    form = lambda: browser.script(fill, [["username", user], ["password", glewlwyd.PASSWORD]])
    until(form, 20, f"Glewlwyd's form at {browser.address}: {browser.text[:300]}")
    followed = until(
        lambda: "gone" if "/login.html" not in browser.address else click_button(browser, "Continue") or click_button(browser, "Grant access") or form() and None,
        20, f"what follows the form: {browser.text[:500]}", pause=0.5)
    if followed == "Grant access":
        until(lambda: click_button(browser, "Continue"), 20, f"the way on: {browser.text[:500]}", pause=0.1)


def has_left(browser, clinic):
    until(lambda: not browser.address.startswith(clinic.origin) and browser.address.startswith("http"), 20, f"the provider, not {browser.address}")


def is_back(browser, clinic):
    """At the end of a logout, where nothing leads on: the page before it has the same address."""
    end = clinic.origin + "/.anteroom/logout"
    until(lambda: browser.address == end and browser.find("h1") and not browser.find("meta[http-equiv=refresh]"), 20, "the way back")


# A real provider.


def test_a_click_leads_through_a_real_providers_login_to_the_patient(browser, make_clinic, real):
    clinic = make_clinic(oidc(real))
    real.add_client(clinic.origin)
    clinic.click(browser, "101")
    has_left(browser, clinic)
    assert "101" not in browser.address and "patient" not in browser.address
    browser.keep_screenshot("openid-provider")
    log_in_at_glewlwyd(browser)
    clinic.shows(browser, "101")
    # The second needs no login.
    clinic.click(browser, "202")
    clinic.shows(browser, "202")
    assert clinic.session(browser) == "ann"


def test_three_tabs_at_once_come_to_three_patients(browser, make_clinic, real):
    clinic = make_clinic(oidc(real))
    real.add_client(clinic.origin)
    real.grant("anteroom")
    tabs = {}
    for patient in PATIENTS:
        tabs[patient] = browser.new_tab()
        clinic.click(browser, patient)
        has_left(browser, clinic)
        browser.one("#username", 20)
    assert len([cookie for cookie in browser.cookies if cookie["name"].startswith("anteroom")]) <= 2
    for patient in ("303", "101", "202"):
        browser.switch(tabs[patient])
        log_in_at_glewlwyd(browser)
        clinic.shows(browser, patient)
    for patient in PATIENTS:
        browser.switch(tabs[patient])
        clinic.shows(browser, patient)


def log_out(browser, clinic):
    browser.open(clinic.origin + "/.anteroom/logout")
    browser.one("form button, form input[type=submit]").click()


def test_a_logout_here_ends_the_session_at_the_real_provider_and_at_its_other_applications(browser, make_clinic, real):
    first, second = make_clinic(oidc(real)), make_clinic(oidc(real).replace("client_id anteroom", "client_id other"), host="other")
    real.add_client(first.origin)
    real.add_client(second.origin, "other")
    real.grant("anteroom")
    real.grant("other")
    first.click(browser, "101")
    log_in_at_glewlwyd(browser)
    first.shows(browser, "101")
    second.click(browser, "202")
    until(lambda: browser.find("#record") or click_button(browser, "Continue") and False, 20, "the second application, without a password", pause=0.1)
    second.shows(browser, "202")
    log_out(browser, first)
    has_left(browser, first)
    browser.keep_screenshot("openid-provider-logout")
    # A click is lost where the page draws itself anew. This version of it stays where it is, whatever it said of a way back.
    until(lambda: "Session closed" in browser.text or click_button(browser, "Logout") and False, 20, f"the end at Glewlwyd", pause=0.5)
    first.click(browser, "101")
    has_left(browser, first)
    until(lambda: browser.find("#username"), 20, "the password is asked for again")
    # The provider has told the other one.
    until(lambda: second.session(browser) is None, 20, "the end of the other session")


def test_keys_are_rotated_at_the_real_provider_while_a_user_is_signed_in(browser, driver, make_clinic, real):
    clinic = make_clinic(oidc(real))
    real.add_client(clinic.origin)
    real.grant("anteroom")
    clinic.click(browser, "101")
    log_in_at_glewlwyd(browser)
    clinic.shows(browser, "101")
    real.rotate_keys()
    clinic.click(browser, "202")
    clinic.shows(browser, "202")
    other = driver.session()
    try:
        clinic.click(other, "303")
        log_in_at_glewlwyd(other, "bob")
        clinic.shows(other, "303", "bob")
    finally:
        other.end()


# The tests' own provider.


def log_in(browser, user="ann"):
    browser.one("[name=user]").type(user)
    browser.one("#login").click()


@pytest.fixture
def asking(make_provider):
    provider = make_provider()
    provider.automatic = None
    return provider


@pytest.mark.parametrize("mode", ["query", "form_post"])
def test_three_tabs_with_either_way_of_answering(browser, make_clinic, asking, mode):
    clinic = make_clinic(oidc(asking, f"response_mode {mode}"))
    tabs = {}
    for patient in PATIENTS:
        tabs[patient] = browser.new_tab()
        clinic.click(browser, patient)
        browser.one("[name=user]")
    for patient in ("202", "303", "101"):
        browser.switch(tabs[patient])
        log_in(browser)
        clinic.shows(browser, patient)
    asking.must_not_have_seen("patient_id", "/patients")


def test_who_cancels_reads_what_to_do_and_comes_to_the_patient_with_the_next_try(browser, make_clinic, asking):
    clinic = make_clinic(oidc(asking))
    clinic.click(browser, "101")
    browser.one("#cancel").click()
    until(lambda: browser.address.startswith(clinic.origin) and browser.find("h1"), 10, "our page")
    browser.keep_screenshot("openid-cancelled")
    assert "patient_id" not in browser.address
    browser.one("a[href*='/.anteroom/login']").click()
    log_in(browser)
    clinic.shows(browser, "101")


def test_the_way_out_leads_over_the_provider_and_nobody_comes_in_again_with_a_click(browser, make_clinic, asking):
    clinic = make_clinic(oidc(asking))
    clinic.click(browser, "101")
    log_in(browser)
    clinic.shows(browser, "101")
    log_out(browser, clinic)
    until(lambda: asking.count("end_session") == 1, 20, "the provider's logout")
    is_back(browser, clinic)
    for _ in range(3):
        browser.back()
        assert not browser.find("#record"), "the record is shown after the logout"
    clinic.click(browser, "101")
    browser.one("[name=user]")


def test_the_providers_frame_signs_out(browser, make_clinic, asking):
    clinic = make_clinic(oidc(asking))
    clinic.click(browser, "101")
    log_in(browser)
    clinic.shows(browser, "101")
    frame = clinic.origin + asking.front_channel(asking.sids[0])
    asking.override["end_session"] = lambda request: Answer(200, f"<!doctype html><title>Out</title><h1>Signed out</h1><iframe src='{html.escape(frame)}'></iframe>")
    browser.open(asking.issuer + "/end")
    until(lambda: clinic.session(browser) is None, 10, "the end of the session")


def test_rotated_keys_and_a_provider_that_goes_down_disturb_nobody_who_is_signed_in(browser, driver, make_clinic, asking):
    asking.access_token_lifetime = 1
    clinic = make_clinic(oidc(asking))
    clinic.click(browser, "101")
    log_in(browser)
    clinic.shows(browser, "101")
    asking.rotate("ES256", keep=False)
    until(lambda: clinic.session(browser) == "ann" and asking.refreshes >= 1 or clinic.click(browser, "202"), 20, "a refresh with the new key", pause=0.2)
    clinic.click(browser, "202")
    clinic.shows(browser, "202")
    asking.down()
    clinic.click(browser, "303")
    clinic.shows(browser, "303")
    # Who comes new is told, and has not lost the patient.
    other = driver.session()
    try:
        asking.up()
        clinic.click(other, "101")
        other.one("[name=user]").type("bob")
        asking.fail("token")
        other.one("#login").click()
        until(lambda: other.address.startswith(clinic.origin) and other.find("h1"), 20, "our page")
        other.keep_screenshot("openid-provider-down")
        assert "503" in other.text and "patient_id" not in other.address
        asking.mend("token")
        other.one("a[href*='/.anteroom/login']").click()
        clinic.shows(other, "101", "bob")
    finally:
        other.end()


def test_a_choice_between_logins_is_made_by_a_click(browser, make_clinic, asking):
    clinic = make_clinic(oidc(asking, title="Staff"), 'login password "Locums" { users users.passwd }')
    clinic.click(browser, "101")
    browser.one("input[name=password]")
    browser.keep_screenshot("openid-choice")
    next(link for link in browser.find("a[href*='/.anteroom/login']") if "Staff" in link.text).click()
    log_in(browser)
    clinic.shows(browser, "101")
    log_out(browser, clinic)
    is_back(browser, clinic)
    clinic.click(browser, "202")
    browser.one("[name=user]")
    browser.open(clinic.origin + "/.anteroom/login?choose=1")
    browser.one("input[name=user]").type("bob")
    browser.one("input[name=password]").type(PASSWORD)
    browser.one("form:has(input[name=password]) button").click()
    until(lambda: browser.find("#user") and browser.one("#user").text == "bob", 10, "the app")
