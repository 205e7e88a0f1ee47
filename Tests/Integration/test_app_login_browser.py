"""`login app` in a real browser: logins in two steps and by script, several tabs, without scripts, streams."""

import pytest

from gateway import configuration, site
from own_login import ACCOUNTS, CODE, OwnLogin
from upstream import answer
from waiting import until

pytestmark = pytest.mark.browser

PATIENTS = ("101", "202", "303")


class Clinic:
    def __init__(self, make_upstream, make_gateway, kind, *more):
        self.app = OwnLogin(kind)
        self.upstream = make_upstream(self.app)
        self.gateway = make_gateway(configuration(site(self.upstream.url, hosts="app.localhost", login=self.app.login(*more))))
        self.origin = f"http://app.localhost:{self.gateway.port}"
        buttons = "".join(f'<p><a id=p{patient} href="{self.origin}/patients?patient_id={patient}&tab={patient}">{patient}</a>' for patient in PATIENTS)
        pages = make_upstream(lambda exchange: answer(200, f"<!doctype html><title>Clinic</title>{buttons}", [("Content-Type", "text/html")]))
        self.buttons = f"http://127.0.0.1:{pages.port}/"

    def click(self, browser, patient):
        browser.open(self.buttons)
        browser.one(f"#p{patient}").click()

    def log_in(self, browser, user="ann", password=None):
        browser.one("#user").type(user)
        browser.one("#password").type(password or ACCOUNTS[user])
        browser.one("#go").click()
        if self.app.kind in ("steps", "inline"):
            browser.one("#code").type(CODE)
            browser.one("#go").click()

    def shows(self, browser, patient, user="ann"):
        address = f"{self.origin}/patients?patient_id={patient}&tab={patient}"
        until(lambda: browser.address == address and browser.find("#record"), 20, f"patient {patient}, not {browser.address}: {browser.text[:500]}")
        assert browser.one("#record").text.endswith(f"of {patient}") and browser.one("#user").text == user


@pytest.fixture
def make_clinic(make_upstream, make_gateway):
    return lambda kind, *more: Clinic(make_upstream, make_gateway, kind, *more)


@pytest.fixture
def browser(driver):
    made = driver.session()
    yield made
    made.end()


@pytest.mark.parametrize("kind", ["form", "steps", "inline", "fetch"])
def test_three_tabs_come_to_three_patients(browser, make_clinic, kind):
    clinic = make_clinic(kind)
    tabs = {}
    for patient in PATIENTS:
        tabs[patient] = browser.new_tab()
        clinic.click(browser, patient)
        browser.one("#user")
    for patient in ("202", "303", "101"):
        browser.switch(tabs[patient])
        clinic.log_in(browser)
        clinic.shows(browser, patient)


@pytest.mark.parametrize("kind", ["form", "steps", "inline"])
def test_three_tabs_without_scripts(driver, make_clinic, kind):
    clinic = make_clinic(kind)
    browser = driver.session("--blink-settings=scriptEnabled=false")
    try:
        tabs = {}
        for patient in PATIENTS:
            tabs[patient] = browser.new_tab()
            clinic.click(browser, patient)
            browser.one("#user")
        for patient in ("303", "101", "202"):
            browser.switch(tabs[patient])
            clinic.log_in(browser)
            address = f"{clinic.origin}/patients?patient_id={patient}&tab={patient}"
            until(lambda: browser.address == address and browser.find("#record"), 20, f"patient {patient}, not {browser.address}")
    finally:
        browser.end()


def test_a_wrong_password_keeps_the_patient(browser, make_clinic):
    clinic = make_clinic("form")
    clinic.click(browser, "202")
    browser.one("#user")
    clinic.log_in(browser, password="wrong")
    until(lambda: "Wrong." in browser.text, 10, "the app's word")
    clinic.log_in(browser)
    clinic.shows(browser, "202")
    clinic.click(browser, "303")
    clinic.shows(browser, "303")


def test_where_it_cannot_be_told_the_page_with_the_choice(browser, make_clinic):
    clinic = make_clinic("form")
    first = browser.window
    clinic.click(browser, "101")
    browser.one("#user")
    browser.new_tab()
    clinic.click(browser, "202")
    browser.one("#user")
    browser.new_tab()
    browser.open(clinic.origin + "/login")
    browser.one("#user")
    clinic.log_in(browser)
    until(lambda: "What would you like to open?" in browser.text, 10, f"the choice, not {browser.text[:300]}")
    browser.keep_screenshot("app-login-choice")
    assert "Patient 101" in browser.text and "Patient 202" in browser.text
    next(link for link in browser.find("a") if "202" in link.text).click()
    clinic.shows(browser, "202")
    browser.switch(first)
    browser.reload()
    clinic.shows(browser, "101")


def test_after_the_apps_logout_nothing_comes_back(browser, make_clinic):
    clinic = make_clinic("form")
    clinic.click(browser, "101")
    clinic.log_in(browser)
    clinic.shows(browser, "101")
    browser.open(clinic.origin + "/logout")
    browser.one("#user")
    for _ in range(3):
        browser.back()
        assert not browser.find("#record"), "the record is shown after the logout"
    clinic.click(browser, "202")
    browser.one("#user")
    clinic.log_in(browser, "bob")
    clinic.shows(browser, "202", "bob")
