"""Orthanc as the app: a heavy page and API, large uploads, and an account of its own that the gateway supplies."""

import io
import json
import threading
import urllib.parse
import zipfile

import pytest

from gateway import PASSWORD, configuration, site
from leaks import mentions
from orthanc import BASIC, PASSWORD as ORTHANC_PASSWORD, Orthanc, dicom, md5
from rawhttp import Client, message
from tap import Tap
from visitor import NAVIGATION, Visitor
from waiting import until

PATIENTS = {"8675309": "ARCHER^ANNA", "4242424": "BAKER^BEN"}
PAGE = "/app/explorer.html"
# More than the buffers of a few connections, and far less than one of the files.
GROWTH = 12 << 20


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory):
    made = Orthanc(tmp_path_factory.mktemp("orthanc"))
    made.patients = {name: made.add_patient(identifier, name) for identifier, name in PATIENTS.items()}
    yield made
    made.stop()


@pytest.fixture
def gateway(make_gateway, orthanc, tmp_path):
    """The gateway, which knows Orthanc's account from a file that nobody else may read."""
    secret = tmp_path / "basic.secret"
    secret.touch(mode=0o600)
    secret.write_text(BASIC + "\n")
    more = f"request {{ set Authorization file:{secret} }}\nstart {PAGE}"
    return make_gateway(configuration(site(orthanc.url, more=more), top="limits { body 200m }"))


@pytest.fixture
def clinician(gateway):
    made = Visitor(gateway.port)
    made.sign_in()
    return made


@pytest.fixture
def tap(gateway):
    """The wire between the browser and the gateway."""
    made = Tap(gateway.port)
    yield made
    made.stop()


@pytest.fixture
def browser(driver, tap):
    """A browser that has signed in, and shows Orthanc's page."""
    made = driver.session()
    try:
        made.open(f"http://app.test:{tap.port}{PAGE}")
        made.one("input[name=user]").type("ann")
        made.one("input[name=password]").type(PASSWORD)
        made.one("form:has(input[name=password]) button, form:has(input[name=password]) input[type=submit]").click()
        until(lambda: made.address == f"http://app.test:{tap.port}{PAGE}", 20, "Orthanc's page")
        until(lambda: made.script("return document.readyState === 'complete' && !!window.jQuery && !!jQuery.mobile"), 20, "Orthanc's scripts")
        yield made
    finally:
        made.end()


def assert_no_account_seen(tap, file=b"\n"):
    """Neither Orthanc's account nor a question for one was ever on the browser's side; the bytes of `file` need not be searched."""
    sent, received = "\n".join(tap.sent).replace(file.decode("latin-1"), "\n"), "\n".join(tap.received)
    assert f"GET {PAGE} HTTP/1.1\r\n" in sent and "Orthanc Explorer" in received
    assert "\r\nauthorization:" not in sent.lower()
    assert "\r\nwww-authenticate:" not in received.lower()
    for text in (sent, received):
        for secret in (ORTHANC_PASSWORD, BASIC.removeprefix("Basic ")):
            assert not mentions(secret, text)


def show(browser, page):
    """Goes to one of the pages that Orthanc's page consists of, and waits for the end of its animation."""
    browser.script("jQuery.mobile.changePage('#' + arguments[0])", page)
    still = "const page = jQuery.mobile.activePage; return page.attr('id') === arguments[0] && !page.is('.in, .out') && !jQuery('.ui-mobile-viewport-transitioning').length"
    until(lambda: browser.script(still, page), 20, f"Orthanc's page {page}")


@pytest.mark.browser
def test_a_clinician_signs_in_once_and_works_in_orthancs_own_page_without_its_account(browser, tap, orthanc):
    assert browser.title == "Orthanc Explorer"
    loaded = browser.script("return performance.getEntriesByType('resource').map(e => [e.name, e.initiatorType, e.responseStatus])")
    scripts = [name for name, kind, _ in loaded if kind == "script"]
    assert len(scripts) >= 10 and not [entry for entry in loaded if entry[2] != 200], loaded
    assert browser.script("return [...document.scripts].filter(s => s.src).length") == len(scripts)

    show(browser, "find-patients")
    links = "return [...document.querySelectorAll('#all-patients a')].map(a => [a.innerText, a.getAttribute('href')])"
    listed = until(lambda: browser.script(links), 20, "the list of patients")
    for name, identifier in orthanc.patients.items():
        assert [text for text, address in listed if address == f"#patient?uuid={identifier}" and name.replace("^", " ") in text.replace("^", " ")], listed
    browser.keep_screenshot("orthanc-patients")

    wanted = orthanc.patients["ARCHER^ANNA"]
    browser.one(f"#all-patients a[href='#patient?uuid={wanted}']").click()
    shown = "return jQuery.mobile.activePage.attr('id') === 'patient' ? jQuery.mobile.activePage.text() : ''"
    page = until(lambda: (text := browser.script(shown)) and "8675309" in text and text, 20, "the patient's page")
    assert "ARCHER" in page and "4242424" not in page and browser.address.endswith(f"#patient?uuid={wanted}")
    browser.keep_screenshot("orthanc-patient")
    assert orthanc.ask("GET", PAGE, account=False)[0] == 401
    assert_no_account_seen(tap)


@pytest.mark.browser
def test_orthancs_upload_page_sends_a_file_of_30_mb_through_the_gateway(browser, tap, gateway, orthanc, tmp_path):
    data = dicom("5550001", "UPLOAD^PAGE", 30 << 20, seed=1)
    file = tmp_path / "image.dcm"
    file.write_bytes(data)
    show(browser, "upload")
    chosen = browser.find("#fileupload")[0]
    browser.script("document.querySelector('#fileupload').style.display = 'block'")
    gateway.forget_peak()
    before = gateway.peak()
    chosen.type(str(file))
    until(lambda: browser.find(".pending-file"), 10, "the file in the list")
    browser.one("#upload-button").click()
    until(lambda: browser.script("return jQuery('#progress .label').text()") == "Done", 60, "the end of the upload")
    assert gateway.peak() - before < GROWTH
    found = orthanc.json("POST", "/tools/find", {"Level": "Instance", "Query": {"PatientID": "5550001"}})
    assert len(found) == 1
    assert orthanc.ask("GET", f"/instances/{found[0]}/attachments/dicom/md5")[1].decode() == md5(data)
    assert_no_account_seen(tap, data)


@pytest.mark.parametrize("target", ["/", PAGE, "/patients", "/instances", "/system", "/app/libs/jquery.min.js", "/tools/find"])
def test_nobody_gets_into_orthanc_without_a_login(gateway, target):
    stranger = Visitor(gateway.port)
    page = stranger.navigate(target)
    assert page.status == 302 and page.location.startswith("/.anteroom/login")
    assert stranger.fetch(target).status == 401
    assert stranger.fetch(target, extra=[("Authorization", BASIC)]).status == 401


def test_a_stranger_can_neither_upload_nor_delete(gateway, orthanc):
    stranger = Visitor(gateway.port)
    before = orthanc.json("GET", "/statistics")
    patient = orthanc.patients["ARCHER^ANNA"]
    assert stranger.fetch("/instances", "POST", [("Authorization", BASIC)], dicom("5550002", "NOBODY", 1 << 20, seed=2)).status == 401
    assert stranger.fetch(f"/patients/{patient}", "DELETE", [("Authorization", BASIC)]).status == 401
    form = stranger.request("POST", "/instances", NAVIGATION, dicom("5550002", "NOBODY", 1 << 20, seed=2))
    assert form.status == 303 and form.location.startswith("/.anteroom/login")
    assert orthanc.json("GET", "/statistics") == before


@pytest.mark.parametrize("name", ["Authorization", "authorization", "AUTHORIZATION"])
def test_an_account_that_the_browser_sends_is_replaced_by_orthancs_own(clinician, orthanc, name):
    assert orthanc.ask("GET", "/system", account=False)[0] == 401
    for value in ("Basic d3Jvbmc6d3Jvbmc=", "Bearer abc", "Basic"):
        answer = clinician.fetch("/system", extra=[(name, value)])
        assert answer.status == 200 and json.loads(answer.text)["Name"] == "Harbour Imaging"
        assert answer.get("WWW-Authenticate") is None


def test_orthancs_start_page_stays_on_the_site(clinician):
    page = clinician.navigate("/")
    assert page.status == 301
    there = urllib.parse.urljoin("/", page.response.get("Location"))
    assert there == PAGE and clinician.navigate(there).status == 200


def upload(visitor, data, framing):
    """Sends a file as a script or a modality would; returns Orthanc's answer."""
    fields = [("Accept", "*/*"), ("Sec-Fetch-Mode", "cors"), ("Content-Type", "application/dicom")]
    with Client(visitor.port, timeout=60) as client:
        if framing == "length":
            return client.request("POST", "/instances", visitor.headers(fields), data)
        client.send(message("POST", "/instances", visitor.headers([*fields, ("Transfer-Encoding", "chunked")])))
        for position in range(0, len(data), 100_000):
            part = data[position:position + 100_000]
            client.send(b"%x\r\n%s\r\n" % (len(part), part))
        client.send(b"0\r\n\r\n")
        return client.response("POST")


def download(visitor, instance):
    with Client(visitor.port, timeout=60) as client:
        response = client.request("GET", f"/instances/{instance}/file", visitor.headers(NAVIGATION))
    assert response.status == 200
    return response.body


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_an_image_of_30_mb_goes_up_and_comes_back_byte_for_byte_in_flat_memory(clinician, gateway, orthanc, framing):
    data = dicom("5550003", "LARGE^ONE", 30 << 20, seed=f"one {framing}")
    gateway.forget_peak()
    before = gateway.peak()
    answer = upload(clinician, data, framing)
    assert answer.status == 200, answer
    made = json.loads(answer.text)
    assert made["Status"] == "Success"
    assert orthanc.ask("GET", f"/instances/{made['ID']}/attachments/dicom/md5")[1].decode() == md5(data)
    assert md5(download(clinician, made["ID"])) == md5(data)
    assert gateway.peak() - before < GROWTH


def test_several_images_of_20_mb_at_the_same_time_arrive_byte_for_byte_in_flat_memory(clinician, gateway):
    images = [dicom("5550004", f"LARGE^{number}", 20 << 20, seed=f"several {number}") for number in range(4)]
    faults = []
    gateway.forget_peak()
    before = gateway.peak()

    def work(data):
        try:
            answer = upload(clinician, data, "length")
            assert answer.status == 200, answer
            assert md5(download(clinician, json.loads(answer.text)["ID"])) == md5(data)
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=work, args=(data,)) for data in images]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    assert faults == []
    assert gateway.peak() - before < GROWTH


def test_an_archive_of_many_images_is_taken_apart_by_orthanc(clinician, orthanc):
    images = [dicom("5550005", "MANY^IMAGES", 1 << 20, seed=f"many {number}") for number in range(20)]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for number, data in enumerate(images):
            archive.writestr(f"series/{number}.dcm", data)
    answer = upload(clinician, packed.getvalue(), "length")
    assert answer.status == 200, answer
    made = json.loads(answer.text)
    assert [entry["Status"] for entry in made] == ["Success"] * len(images)
    assert sorted(md5(download(clinician, entry["ID"])) for entry in made) == sorted(map(md5, images))
