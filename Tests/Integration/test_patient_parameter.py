"""The parameter that names the patient: one value, one reading, or a refusal."""

import pytest

from gateway import configuration, site
from rawhttp import Client
from visitor import NAVIGATION, Visitor

REFUSED = [
    "patient_id=1&patient_id=2", "patient_id=1&patient_id=1", "patient_id=1&patient%5Fid=2", "patient_id=1&patient_id[]=2", "patient_id=1&patient.id=2",
    "patient_id=1&patient%20id=2", "patient_id=1&patient+id=2", "patient_id=1&patient[id=2", "patient_id=1&patient%5Bid=2", "patient_id=1&patient_id%5B%5D=2",
    "patient_id=1&Patient_Id=2", "patient_id=1&PATIENT_ID=2", "patient_id=1&patient_id%00=2", "patient_id=1&patient_id%00x=2", "patient_id=1;patient_id=2", "patient_id=1&x=y;patient_id=2",
    "patient_id=1&%70atient_id=2", "patient_id[]=2", "patient.id=2", "patient%20id=2", "patient[id=2", "Patient_Id=2",
    "patient_id=1%00", "patient_id=+1", "patient_id=%2B1", "patient_id=-1", "patient_id=01", "patient_id=0", "patient_id=1.0", "patient_id=1e3", "patient_id=0x1", "patient_id=1%20",
    "patient_id=%201", "patient_id=1+", "patient_id=%EF%BC%99", "patient_id=10000000000000000000", "patient_id=9223372036854775808", "patient_id=99999999999999999999",
    "patient_id=", "patient_id", "patient_id=1,2", "patient_id=abc", "patient_id=1%0a", "patient_id=1/2", "patient_id=%D9%A1", "patient_id=1%", "patient_id=1%3",
    "patient_id=%31%32", "patient_id=1%32", "patient_id==1", "patient_id=1&patient_id", "patient_id&patient_id=1",
]


@pytest.mark.parametrize("query", REFUSED)
def test_an_ambiguous_or_malformed_parameter_is_refused_before_the_app_hears_anything(ann, upstream, query):
    page = ann.navigate(f"/patients?{query}")
    assert page.status == 400, page.response
    assert page.get("Content-Type").startswith("text/html")
    assert "patient" in page.text.lower()
    assert page.get("Content-Security-Policy").startswith("default-src 'none'")
    program = ann.fetch(f"/patients?{query}")
    assert program.status == 400 and program.get("Content-Type") == "application/problem+json"
    assert upstream.requests == []


@pytest.mark.parametrize("query", REFUSED[:6] + ["patient_id=", "patient_id=%EF%BC%99"])
def test_before_the_login_the_login_comes_first(visitor, upstream, query):
    page = visitor.navigate(f"/patients?{query}")
    assert page.status == 302
    back = visitor.navigate(page.location).sign_in()
    assert back.location == f"/patients?{query}"
    assert visitor.navigate(back.location).status == 400
    assert upstream.requests == []


@pytest.mark.parametrize("query, value", [
    ("patient_id=1", "1"), ("patient%5Fid=42", "42"), ("%70atient_id=42", "42"), ("patient_id=9223372036854775807", "9223372036854775807"),
    ("x=1&patient_id=7&y=2", "7"), ("patient_id=7&patient_ids=8&apatient_id=9&patient_id_x=1", "7"), ("&&patient_id=7&", "7"), ("patient_id=7&x=%zz", "7"),
    ("patient_id=7&return=https://x/y;z&a=%2F+b", "7"),
])
def test_one_plain_value_is_the_patient_and_the_query_goes_up_as_sent(ann, upstream, query, value):
    assert ann.navigate(f"/patients?{query}").status == 200
    assert upstream.last.get("X-Cliniko-Patient-Id") == value
    assert upstream.last.target == f"/patients?{query}"


@pytest.mark.parametrize("target", ["/patients", "/patients/", "/patients?", "/patients?x=1", "/patients?xpatient_id=1"])
def test_without_the_parameter_the_address_passes_by_default(ann, upstream, target):
    assert ann.navigate(target).status == 200
    assert upstream.last.target == target and upstream.last.get("X-Cliniko-Patient-Id") is None


def test_missing_reject_refuses_a_get_without_the_parameter(make_gateway, upstream):
    visitor = Visitor(make_gateway(configuration(site(upstream.url, patient="patient /patients { missing reject }"))).port)
    visitor.sign_in()
    assert visitor.navigate("/patients?x=1").status == 400
    assert upstream.requests == []
    assert visitor.navigate("/patients?patient_id=4").status == 200


@pytest.mark.parametrize("target", ["/other?patient_id=1&patient_id=2", "/other?patient_id=abc", "/patientsx?patient_id=3", "/other?patient_id[]=1", "/patients/7?patient_id=0"])
def test_on_other_paths_the_query_is_the_apps_own_business(ann, upstream, target):
    assert ann.navigate(target).status == 200
    assert upstream.last.target == target and upstream.last.get("X-Cliniko-Patient-Id") is None


@pytest.mark.parametrize("target", [b"/app/\xc3\xa9", b"/app?x=\xff", b"/patients?patient_id=\xef\xbc\x99"])
def test_bytes_over_7f_in_a_target_are_refused(ann, upstream, target):
    with Client(ann.port) as client:
        client.send(b"GET " + target + b" HTTP/1.1\r\n" + "".join(f"{n}: {v}\r\n" for n, v in ann.headers(NAVIGATION)).encode() + b"\r\n")
        assert client.response().status == 400
        client.expect_end()
    assert upstream.requests == []


def test_two_patient_addresses_each_have_their_own_parameter_and_header(make_gateway, upstream):
    patient = "patient /patients\npatient /charts/* { query chart; header X-Chart }"
    visitor = Visitor(make_gateway(configuration(site(upstream.url, patient=patient))).port)
    visitor.sign_in()
    visitor.navigate("/charts/a?chart=8&patient_id=abc", [("X-Cliniko-Patient-Id", "3")])
    assert (upstream.last.get("X-Chart"), upstream.last.get("X-Cliniko-Patient-Id")) == ("8", None)
    visitor.navigate("/patients?chart=zz&patient_id=6", [("X-Chart", "3")])
    assert (upstream.last.get("X-Chart"), upstream.last.get("X-Cliniko-Patient-Id")) == (None, "6")
