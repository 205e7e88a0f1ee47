"""A clinical app made with Django that keeps its own login, in a real browser: whoever clicks a patient lands on that patient."""

import json

import pytest

import opal
from browser import must_be_there
from gateway import configuration, site
from opal import PASSWORD, PATIENTS, Opal
from upstream import answer
from waiting import until

pytestmark = pytest.mark.browser

LOGIN = """login app {
        page /accounts/login/
        signed_in cookie sessionid
        probe /api/v0.1/userprofile/ { user json:full_name }
        logout /accounts/logout/
    }"""


@pytest.fixture(scope="module")
def clinic(tmp_path_factory):
    reason = opal.absence()
    if reason:
        (pytest.fail if must_be_there() else pytest.skip)(reason)
    made = Opal(tmp_path_factory.mktemp("opal"))
    yield made
    made.stop()


@pytest.fixture
def gateway(make_gateway, clinic):
    return make_gateway(configuration(site(
        clinic.url, hosts="app.localhost", login=LOGIN, patient='patient /patients { to "/#/patient/{patient_id}" }',
        more="open /assets/* /static/* /favicon.ico")))


@pytest.fixture
def origin(gateway):
    # Browsers treat this name as they treat https.
    return f"http://app.localhost:{gateway.port}"


@pytest.fixture
def buttons(make_upstream, origin):
    """A practice-management page at another site."""
    links = "".join(f'<p><a id=p{patient} href="{origin}/patients?patient_id={patient}">{patient}</a>' for patient in PATIENTS)
    page = make_upstream(lambda exchange: answer(200, f"<!doctype html><title>Clinic</title>{links}", [("Content-Type", "text/html")]))
    return f"http://127.0.0.1:{page.port}/"


@pytest.fixture
def browser(driver):
    made = driver.session()
    yield made
    made.end()


def click(browser, buttons, patient):
    browser.open(buttons)
    browser.one(f"#p{patient}").click()


def log_in(browser, user="jane", password=PASSWORD):
    browser.one("#username", 20).type(user)
    browser.one("input[name=password]").type(password)
    browser.one("form[action^='/accounts/login/'] button, form[action^='/accounts/login/'] input[type=submit]").click()


def shows(browser, origin, patient):
    name = PATIENTS[patient]
    until(lambda: browser.address.startswith(f"{origin}/#/patient/{patient}") and name.split()[1] in browser.text, 30,
          f"patient {patient}, not {browser.address}: {browser.text[:500]}")
    others = [other.split()[1] for other in PATIENTS.values() if other != name]
    assert not [other for other in others if other in browser.text]


def test_a_click_leads_through_the_apps_own_login_to_the_patient(browser, gateway, origin, buttons):
    click(browser, buttons, "2")
    until(lambda: browser.find("#username"), 20, f"OPAL's form at {browser.address}")
    assert "patient" not in browser.address
    browser.keep_screenshot("opal-login")
    log_in(browser, password="wrong")
    until(lambda: "/accounts/login/" in browser.address and browser.find("#username") and browser.one("#username"), 20, "the form again")
    log_in(browser)
    shows(browser, origin, "2")
    browser.keep_screenshot("opal-patient")
    # The second needs no login.
    click(browser, buttons, "3")
    shows(browser, origin, "3")
    gateway.wait_for_audit(lambda record: "Jane Porter" in json.dumps(record) and '2' in record.values())


def test_three_tabs_come_to_three_patients_in_whatever_order(browser, origin, buttons):
    tabs = {}
    for patient in PATIENTS:
        tabs[patient] = browser.new_tab()
        click(browser, buttons, patient)
        until(lambda: browser.find("#username"), 20, f"OPAL's form at {browser.address}")
    for patient in ("3", "1", "2"):
        browser.switch(tabs[patient])
        # The others' forms are of a time before the first login: Django refuses them, and the page is shown anew or left by itself.
        log_in(browser)
        shows(browser, origin, patient)


def test_a_form_that_django_refuses_loses_no_patient(browser, origin, buttons):
    click(browser, buttons, "1")
    browser.one("#username", 20)
    browser.script("document.querySelector('[name=csrfmiddlewaretoken]').value = 'x'.repeat(64)")
    log_in(browser)
    # A 302 without a session.
    until(lambda: browser.find("#username") and browser.script("return document.querySelector('#username').value === ''"), 20,
          f"the form again, not {browser.address}")
    log_in(browser)
    shows(browser, origin, "1")


def test_the_apps_own_logout_ends_it_and_the_next_click_asks_again(browser, origin, buttons):
    click(browser, buttons, "1")
    log_in(browser)
    shows(browser, origin, "1")
    browser.open(origin + "/accounts/logout/")
    until(lambda: "/accounts/login/" in browser.address, 20, f"the login page, not {browser.address}")
    click(browser, buttons, "2")
    log_in(browser, "mary")
    shows(browser, origin, "2")


def test_without_scripts_each_tab_comes_to_its_own_address(driver, make_gateway, clinic, buttons, origin, gateway):
    browser = driver.session("--blink-settings=scriptEnabled=false")
    try:
        tabs = {}
        for patient in PATIENTS:
            tabs[patient] = browser.new_tab()
            click(browser, buttons, patient)
            browser.one("#username", 20)
        for patient in ("2", "3", "1"):
            browser.switch(tabs[patient])
            log_in(browser)
            until(lambda: browser.address == f"{origin}/#/patient/{patient}", 20, f"patient {patient}, not {browser.address}")
    finally:
        browser.end()
