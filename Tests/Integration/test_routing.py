"""Hosts, open paths, and the readings that an app may give a path."""

import pytest

from gateway import configuration, site
from rawhttp import Client
from visitor import NAVIGATION, Visitor

OPEN = "open /static/* /public/* /api/*/status /favicon.ico"


@pytest.fixture
def routed(make_gateway, upstream):
    return Visitor(make_gateway(configuration(site(upstream.url, more=OPEN))).port)


@pytest.mark.parametrize("target", [
    "/static/x", "/static/", "/static/a/b?patient=1", "/public/x.css", "/api/x/status", "/api/x-1/status?q=1", "/favicon.ico", "/static/%41",
])
def test_open_paths_need_no_login(routed, upstream, target):
    assert routed.fetch(target).status == 200
    assert upstream.targets == [target]
    assert "x-auth-user" not in upstream.last.names()


@pytest.mark.parametrize("target", [
    "/api/private?path=/status", "/api/x%2fstatus", "/api/x%2Fy/status", "/api/secret%23/status", "/api/secret#/status", "/api/secret%3f/status",
    "/api/a/b/status", "/api//status", "/public/../patients", "/public/%2e%2e/patients", "/public/%2e%2e%2fpatients", "/public/..%2fpatients",
    "/public/.%2e/patients", "/public/..;x=1/patients", "/public/..;/patients", "/public/%2e%2e;/patients", "/public\\..\\patients",
    "/public/..\\patients", "/public/..%5cpatients", "/public/%252e%252e/patients", "/public/x/../../patients", "//patients", "///patients", "/patients/.",
    "/patients/./", "/patients%2f..%2fpublic", "/patients/../public/x", "/PATIENTS", "/Patients", "/patients;x=1", "/patients;x=1/", "/patients%3bx=1",
    "/PUBLIC/../patients", "/./patients", "/x/../patients", "/%70atients", "/patients%2f", "/patients%00", "/public", "/publicity", "/publi", "/PUBLIC/x",
    "/favicon.ico/x", "/favicon.ico%00", "/static/../favicon.ic0",
])
def test_a_path_that_is_not_open_in_every_reading_is_not_open(routed, upstream, target):
    page = routed.request("GET", target, NAVIGATION)
    assert page.status in (302, 400), page.response
    assert routed.fetch(target).status in (401, 400)
    assert upstream.requests == []


@pytest.mark.parametrize("path", [
    "/patients", "/patients/", "//patients", "///patients", "/patients/.", "/patients/./", "/public/../patients", "/public/%2e%2e/patients", "/public/..%2fpatients", "/PATIENTS",
    "/Patients/", "/patients;x=1", "/patients;x=1/", "/%70atients", "/patients%2f", "/\\patients", "/x\\..\\patients", "/%50ATIENTS", "/x/../PATIENTS;y",
])
def test_the_patient_rule_applies_if_any_reading_matches_and_the_bytes_go_up_as_sent(routed, upstream, path):
    routed.sign_in()
    page = routed.navigate(path + "?patient_id=5")
    if page.status == 400 and "\\" in path:
        assert upstream.requests == []
        return
    assert page.status == 200, page.response
    assert upstream.last.get("X-Cliniko-Patient-Id") == "5"
    assert upstream.last.target == path + "?patient_id=5"
    assert routed.navigate(path + "?patient_id=5&patient_id=6").status == 400
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("host", ["app.test", "APP.TEST", "App.Test.", "app.test:80", "app.test.:8443"])
def test_a_host_matches_without_regard_to_case_final_dot_and_port(front, upstream, host):
    with Client(front.port) as client:
        assert client.request("GET", "/open/x", [("Host", host)]).status == 200
    assert upstream.last.get("Host") == host


@pytest.mark.parametrize("host", ["a.b.app.test", "a_b.app.test", "app.test.evil.test", "evilapp.test", "x.app.test..", ".app.test", "app", "127.0.0.1", "[::1]"])
def test_a_host_that_matches_no_site_is_421(make_gateway, upstream, host):
    gateway = make_gateway(configuration(site(upstream.url, hosts="*.app.test", more="open /open/*")))
    with Client(gateway.port) as client:
        assert client.request("GET", "/open/x", [("Host", host)]).status in (400, 421)
    assert upstream.requests == []


@pytest.mark.parametrize("fields", [
    [], [("Host", "")], [("Host", "app.test"), ("Host", "app.test")], [("Host", "app.test"), ("host", "other.test")], [("Host", "app.test, other.test")],
    [("Host", "app test")], [("Host", "app.test/x")], [("Host", "user@app.test")], [("Host", "app.test:x")], [("Host", "app.test:99999")], [("Host", "app.test\\x")],
    [("Host", "app.test#x")], [("Host", "app.test?x")],
], ids=str)
def test_a_missing_doubled_or_malformed_host_is_refused(front, upstream, fields):
    with Client(front.port) as client:
        response = client.request("GET", "/open/x", fields)
    assert response.status in (400, 421)
    assert upstream.requests == []


def test_an_absolute_target_names_the_host(front, upstream):
    with Client(front.port) as client:
        assert client.request("GET", "http://app.test/open/x?y", [("Host", "app.test")]).status == 200
    assert upstream.last.target == "/open/x?y" and upstream.last.get("Host") == "app.test"


@pytest.mark.parametrize("target, host", [
    ("http://other.test/open/x", "app.test"), ("http://app.test/open/x", "other.test"), ("http://app.test@other.test/open/x", "app.test"),
    ("ftp://app.test/open/x", "app.test"), ("http:///open/x", "app.test"), ("open/x", "app.test"), ("*", "app.test"), ("app.test:80", "app.test"),
])
def test_a_target_that_disagrees_with_the_host_or_is_none_is_refused(front, upstream, target, host):
    with Client(front.port) as client:
        assert client.request("GET", target, [("Host", host)]).status in (400, 421)
    assert upstream.requests == []


def test_an_exact_name_wins_over_a_wildcard(make_gateway, make_upstream):
    wild, exact = make_upstream(), make_upstream()
    gateway = make_gateway(configuration(site(wild.url, hosts="*.app.test", more="open /*"), site(exact.url, hosts="au.app.test", more="open /*")))
    Visitor(gateway.port, "au.app.test").fetch("/x")
    Visitor(gateway.port, "uk.app.test").fetch("/y")
    assert (exact.targets, wild.targets) == (["/x"], ["/y"])


def test_a_health_checkers_name_opens_nothing(routed, upstream):
    for agent in ("GoogleHC/1.0", "kube-probe/1.30", "ELB-HealthChecker/2.0", "Pingdom.com_bot"):
        assert routed.request("GET", "/app", [("User-Agent", agent), ("Accept", "*/*")]).status == 401
    assert upstream.requests == []


def test_an_original_url_field_does_not_reach_an_app_that_would_obey_it(routed, upstream):
    routed.fetch("/static/x", extra=[("X-Original-URL", "/patients?patient_id=3"), ("X-Rewrite-URL", "/patients?patient_id=3")])
    assert "patient_id" not in upstream.last.raw_head.decode()


@pytest.fixture
def half(make_gateway, upstream):
    """A site on which only requests about a patient need a login."""
    gateway = make_gateway(configuration(site(upstream.url, more="protect patient")))
    return gateway, Visitor(gateway.port)


@pytest.mark.parametrize("target", ["/", "/app", "/patientsx", "/app?x=patient_id", "/app?id=patient_id=1".replace("=1", "")])
def test_protect_patient_leaves_the_rest_open(half, upstream, target):
    assert half[1].navigate(target).status == 200
    assert upstream.targets == [target]


@pytest.mark.parametrize("target", [
    "/patients", "/patients/", "/patients/7/notes", "/PATIENTS/7", "//patients/x", "/x/../patients/7", "/patients;a/7", "/app?patient_id=7", "/app?x=1&patient_id=7", "/app?patient%5Fid=7",
    "/app?Patient_Id=7", "/app?patient.id=7", "/app?patient_id[]=7", "/app?x=1;patient_id=7", "/app?patient_id", "/app?patient+id=1", "/app?patient_id%00=7",
])
def test_protect_patient_covers_patient_paths_and_the_parameter_anywhere(half, upstream, target):
    assert half[1].navigate(target).status == 302
    assert half[1].fetch(target).status == 401
    assert upstream.requests == []


def test_protect_patient_is_announced(half):
    assert [line for line in half[0].log if "warning" in line.lower() and "protect patient" in line]
