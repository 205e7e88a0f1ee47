"""Orthanc shows a patient behind a `#`, by an id of its own: a click ends on that patient's page."""

import json

import pytest

from gateway import PASSWORD, configuration, site
from leaks import mentions
from orthanc import BASIC, Orthanc
from visitor import Visitor
from waiting import until

PATIENTS = {"8675309": "ARCHER^ANNA", "4242424": "BAKER^BEN"}
RULE = """patient /patients {
        to "/app/explorer.html#patient?uuid={app_id}"
        lookup POST /tools/lookup {
            body "{patient_id}"
            type text/plain
            id json:*.ID
            where Type Patient
        }
    }"""
# The page that Orthanc shows, once it shows a patient; empty before.
SHOWN = """
if (!window.jQuery || !jQuery.mobile || !jQuery.mobile.activePage || jQuery.mobile.activePage.attr('id') !== 'patient') return '';
return jQuery.mobile.activePage.find('#patient-info').text();
"""


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory):
    made = Orthanc(tmp_path_factory.mktemp("orthanc"))
    made.patients = {identifier: made.add_patient(identifier, name) for identifier, name in PATIENTS.items()}
    yield made
    made.stop()


def front(make_gateway, orthanc, tmp_path, rule):
    secret = tmp_path / "basic.secret"
    secret.touch(mode=0o600)
    secret.write_text(BASIC + "\n")
    more = f"request {{ set Authorization file:{secret} }}\nstart /app/explorer.html"
    return make_gateway(configuration(site(orthanc.url, patient=rule, more=more)))


@pytest.fixture
def gateway(make_gateway, orthanc, tmp_path):
    return front(make_gateway, orthanc, tmp_path, RULE)


@pytest.fixture
def browser(driver):
    made = driver.session()
    yield made
    made.end()


def sign_in(browser):
    browser.one("input[name=user]").type("ann")
    browser.one("input[name=password]").type(PASSWORD)
    browser.one("form:has(input[name=password]) button, form:has(input[name=password]) input[type=submit]").click()


def assert_shows(browser, orthanc, identifier):
    name = PATIENTS[identifier].split("^")[0]
    text = until(lambda: (text := browser.script(SHOWN)) and name in text and text, 20, f"the page of {name}")
    others = [other for number, whole in PATIENTS.items() if number != identifier for other in (number, whole.split("^")[0])]
    assert identifier in text and not [other for other in others if other in text], text
    assert browser.address.endswith(f"/app/explorer.html#patient?uuid={orthanc.patients[identifier]}")


@pytest.mark.browser
def test_a_click_ends_by_the_login_on_that_patients_page_in_orthanc(browser, gateway, orthanc):
    browser.open(f"http://app.test:{gateway.port}/patients?patient_id=8675309")
    sign_in(browser)
    assert_shows(browser, orthanc, "8675309")
    browser.keep_screenshot("orthanc-lookup")
    browser.open(f"http://app.test:{gateway.port}/patients?patient_id=4242424")
    assert_shows(browser, orthanc, "4242424")
    for identifier in PATIENTS:
        assert identifier not in gateway.output and not mentions(identifier, gateway.output)
        gateway.wait_for_audit(lambda one: one["event"] == "patient-request" and one["outcome"] == "shown" and one["patient"] == identifier)


@pytest.mark.browser
def test_two_tabs_that_sign_in_side_by_side_end_on_their_own_patients(browser, gateway, orthanc):
    tabs = {}
    for identifier in PATIENTS:
        if tabs:
            browser.new_tab()
        browser.open(f"http://app.test:{gateway.port}/patients?patient_id={identifier}")
        browser.one("input[name=password]")
        tabs[identifier] = browser.window
    for identifier, tab in tabs.items():
        browser.switch(tab)
        sign_in(browser)
        assert_shows(browser, orthanc, identifier)
    for identifier, tab in tabs.items():
        browser.switch(tab)
        assert_shows(browser, orthanc, identifier)


@pytest.mark.browser
def test_a_patient_that_orthanc_does_not_know_is_told_so_and_nobody_else_is_shown(browser, gateway, orthanc):
    browser.open(f"http://app.test:{gateway.port}/patients?patient_id=8675309")
    sign_in(browser)
    assert_shows(browser, orthanc, "8675309")
    browser.open(f"http://app.test:{gateway.port}/patients?patient_id=999")
    until(lambda: browser.find("h1") and "does not know this patient" in browser.one("h1").text, 10, "our page")
    assert "ARCHER" not in browser.text and "BAKER" not in browser.text
    browser.keep_screenshot("orthanc-unknown-patient")


def test_a_study_that_has_a_patients_number_is_no_patient(make_gateway, gateway, orthanc, tmp_path):
    # Another patient's, and Orthanc looks for numbers of all kinds.
    tags = {"PatientID": "4242424", "PatientName": "BAKER^BEN", "StudyInstanceUID": "8675309"}
    orthanc.json("POST", "/tools/create-dicom", {"Tags": tags, "Force": True})
    status, found = orthanc.ask("POST", "/tools/lookup", "8675309")
    assert status == 200 and {one["Type"] for one in json.loads(found)} == {"Patient", "Study"}
    ann = Visitor(gateway.port)
    ann.sign_in()
    there = ann.navigate("/patients?patient_id=8675309")
    assert there.response.get("Location") == f"/app/explorer.html#patient?uuid={orthanc.patients['8675309']}"
    careless = Visitor(front(make_gateway, orthanc, tmp_path, RULE.replace("where Type Patient\n", "")).port)
    careless.sign_in()
    assert careless.navigate("/patients?patient_id=8675309").status == 409


def test_without_a_lookup_the_number_itself_goes_behind_the_fragment(make_gateway, orthanc, tmp_path):
    ann = Visitor(front(make_gateway, orthanc, tmp_path, 'patient /patients { to "/app/explorer.html#find?PatientID={patient_id}" }').port)
    ann.sign_in()
    assert ann.navigate("/patients?patient_id=8675309").response.get("Location") == "/app/explorer.html#find?PatientID=8675309"
