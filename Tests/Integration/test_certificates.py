"""Certificates while they are in use: exchanged under load, stapled by their authority, and shown by clients."""

import re
import shutil
import ssl
import subprocess

import pytest

from authority import Authority
from gateway import configuration, run, site
from tls_client import Load, ask, connect, context, shown_certificate
from waiting import until

ADMIN = "admin run/admin.sock\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def secure(make_gateway, upstream, authority, tmp_path):
    """A gateway with TLS for app.test, and its certificates in a folder `tls` beside its file."""
    authority.issue(tmp_path / "gateway0" / "tls", "app", ["app.test"])
    return make_gateway(configuration(
        site(upstream.url, more="open /open/*"), top=ADMIN, listen="127.0.0.1:0 { tls tls/app.pem tls/app.key }"))


def der(chain):
    return ssl.PEM_cert_to_DER_cert(chain.read_text())


def put(folder, *paths):
    """Puts files in place, each at once."""
    for path in paths:
        shutil.copy(path, folder / "new")
        (folder / "new").rename(folder / path.name)


def reload(gateway, expected=0):
    done = run("reload", "--config", str(gateway.file))
    assert done.returncode == expected, done.stdout + done.stderr
    return done.stdout + done.stderr


# MARK: Exchanged under load


def test_changed_files_are_taken_up_under_load_without_a_failure(secure, authority, tmp_path):
    folder = secure.directory / "tls"
    made = context(authority)
    with Load(secure, made):
        for number in range(3):
            chain, key = authority.issue(tmp_path / f"swap{number}", "app", ["app.test"], kind=("rsa", "ec")[number % 2])
            put(folder, key, chain)
            until(lambda: shown_certificate(secure, made) == der(chain), 15, "the new certificate")


def test_a_reload_takes_new_files_up_at_once_under_load_without_a_failure(secure, authority, tmp_path):
    folder = secure.directory / "tls"
    made = context(authority)
    with Load(secure, made):
        for number in range(4):
            chain, key = authority.issue(tmp_path / f"swap{number}", "app", ["app.test"], kind=("rsa", "ec")[number % 2])
            put(folder, key, chain)
            reload(secure)
            # Every worker has taken it over when the command is done.
            assert {shown_certificate(secure, made) for _ in range(8)} == {der(chain)}
        # Other files under other names, with more in the line.
        chain, key = authority.issue(folder, "other", ["app.test", "more.test"])
        secure.file.write_text(secure.file.read_text().replace("tls tls/app.pem tls/app.key", "tls tls/other.pem tls/other.key"))
        reload(secure)
        assert {shown_certificate(secure, made) for _ in range(8)} == {der(chain)}


def test_bad_new_files_change_nothing_under_load_and_it_is_said_why(secure, authority, tmp_path):
    folder = secure.directory / "tls"
    made = context(authority)
    first = shown_certificate(secure, made)
    chain, key = authority.issue(tmp_path / "other", "app", ["app.test"])
    with Load(secure, made):
        put(folder, chain)  # without its key
        secure.wait_for_log("new certificates cannot be used", "the key is not this certificate's")
        assert re.search(r"gateway\.conf:\d+:\d+: error: .*the key is not this certificate's", reload(secure, 78))
        assert {shown_certificate(secure, made) for _ in range(8)} == {first}
        (folder / "app.key").unlink()
        assert "app.key" in reload(secure, 78)
        (folder / "new").write_text("nothing\n")
        (folder / "new").rename(folder / "app.pem")
        assert "no certificate in it" in reload(secure, 78) or "app.key" in reload(secure, 78)
        assert {shown_certificate(secure, made) for _ in range(8)} == {first}
        put(folder, key, chain)
        reload(secure)
        assert shown_certificate(secure, made) == der(chain)
    secure.wait_for_log("not reloaded: the old configuration stays in force")


# MARK: Stapled


def stapled(gateway, authority):
    """What a client gets that asks for the authority's word."""
    answer = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{gateway.port}", "-servername", "app.test", "-CAfile", str(authority.pem), "-status"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
    if "OCSP response: no response sent" in answer.stdout:
        return None
    assert "OCSP Response Status: successful" in answer.stdout
    return re.search(r"Cert Status: (\w+)", answer.stdout)[1]


def test_a_stapled_answer_of_the_authority_is_sent_along_and_one_about_another_certificate_is_not(make_gateway, upstream, authority, tmp_path):
    folder = tmp_path / "gateway0" / "tls"
    chain, _ = authority.issue(folder, "app", ["app.test"])
    chain.write_text(chain.read_text() + authority.pem.read_text())
    other, _ = authority.issue(tmp_path / "other", "app", ["app.test"])
    authority.staple(other).rename(folder / "app.pem.ocsp")
    gateway = make_gateway(configuration(site(upstream.url), listen="127.0.0.1:0 { tls tls/app.pem tls/app.key }"))
    gateway.wait_for_log("app.pem.ocsp is not sent along: it is for another certificate")
    check = run("check", "--config", str(gateway.file))
    assert check.returncode == 0 and re.search(r"gateway\.conf:\d+:\d+: warning: .*app\.pem\.ocsp is not sent along", check.stderr)
    assert stapled(gateway, authority) is None
    authority.staple(chain)
    until(lambda: stapled(gateway, authority) == "good", 15, "the new answer")
    assert "ocsp" not in run("check", "--config", str(gateway.file)).stderr
    # One that does not verify takes the place of a good one, and is told of once.
    stranger = Authority(tmp_path / "stranger")
    shutil.copy(chain, tmp_path / "copy.pem")
    stranger.staple(tmp_path / "copy.pem").rename(folder / "app.pem.ocsp")
    gateway.wait_for_log("an OCSP answer is not sent along with its certificate", "app.pem.ocsp")
    until(lambda: stapled(gateway, authority) is None, 15, "no answer")
    (folder / "app.pem.ocsp").unlink()
    (folder / "app.key").touch()
    until(lambda: sum("certificate read" in line for line in gateway.log) >= 3, 15, "the files to be read again")
    assert sum("an OCSP answer is not sent" in line for line in gateway.log) == 1


# MARK: Clients' own

FORGED = "X-Client-Certificate-Verified: SUCCESS\r\nx_client_certificate_subject: CN=eve\r\nX-Client-Certificate-Issuer: CN=eve\r\n"


def told(stream, upstream):
    """What the app is told of the client's certificate, by the end of the field's name."""
    assert ask(stream, more=FORGED)[0] == 200
    fields = [(name.lower().replace("_", "-"), value) for name, value in upstream.requests[-1].fields]
    found = [(name, value) for name, value in fields if name.startswith("x-client-certificate")]
    assert len(found) == len(dict(found))
    return {name.removeprefix("x-client-certificate-"): value for name, value in found}


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_the_app_is_told_who_has_shown_a_certificate_and_nobody_can_make_it_up(make_gateway, upstream, authority, tmp_path, version):
    authority.issue(tmp_path / "gateway0" / "tls", "app", ["app.test"])
    client = authority.issue(tmp_path, "client", ["someone"], subject="/O=Harbour, Physio/CN=Zoë \"x\"\\+y")
    text = configuration(
        site(upstream.url, more="open /open/*"), listen=f"127.0.0.1:0 {{ tls tls/app.pem tls/app.key; client_ca {authority.pem} optional }}")
    gateway = make_gateway(text + f"\nlisten 127.0.0.1:0 {{ tls tls/app.pem tls/app.key }}\n")
    ports = [int(port) for port in re.findall(r"https://127\.0\.0\.1:(\d+)", gateway.output)]
    made = context(authority, minimum_version=version, maximum_version=version)
    with connect(gateway, made) as stream:
        assert told(stream, upstream) == {"verified": "NONE"}
    made.load_cert_chain(*map(str, client))
    fingerprint = subprocess.run(
        ["openssl", "x509", "-in", str(client[0]), "-noout", "-fingerprint", "-sha256"], capture_output=True, text=True, check=True).stdout
    expected = {
        "verified": "SUCCESS", "subject": r"CN=Zo\C3\AB \"x\"\+y,O=Harbour\, Physio", "issuer": "CN=Test Authority",
        "fingerprint": fingerprint.strip().partition("=")[2].replace(":", "").lower()}
    with connect(gateway, made) as stream:
        assert told(stream, upstream) == expected
        assert told(stream, upstream) == expected
        session = stream.session
    with connect(gateway, made, session=session) as stream:
        assert told(stream, upstream) == expected and stream.session_reused
    gateway.port = ports[1]
    with connect(gateway, made) as stream:
        assert told(stream, upstream) == {}
    gateway.port = ports[0]
