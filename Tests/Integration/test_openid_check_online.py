"""`anteroom check --online`: asks the providers that a configuration names, and says what is wrong with what they answer."""

import ssl
import time

import pytest

from authority import Authority
from gateway import configuration, oidc, run, site, write_accounts
from provider import Answer, Client
from upstream import refused_port


@pytest.fixture
def check(tmp_path):
    """Checks a configuration with these logins; its exit code, and all that it said."""

    def checked(*logins, arguments=("--online",), hosts="app.test"):
        write_accounts(tmp_path / "users.passwd", [])
        file = tmp_path / "gateway.conf"
        file.write_text(configuration(site("http://127.0.0.1:9", hosts=hosts, login="\n    ".join(logins)), listen="127.0.0.1:8123"))
        done = run("check", *arguments, "--config", str(file), timeout=50)
        # The folder bears the test's own name.
        return done.returncode, (done.stdout + done.stderr).replace(str(tmp_path), "FOLDER")

    return checked


def test_a_provider_that_is_fine_is_fine_and_the_address_to_register_is_told(check, provider):
    code, said = check(oidc(provider))
    assert code == 0, said
    assert "http://app.test:8123/.anteroom/callback" in said
    assert provider.issuer in said and provider.client.secret not in said
    assert provider.count("metadata") == 1 and provider.count("keys") == 1
    assert provider.count("authorize") == 0


def test_without_the_option_nobody_is_asked(check, provider):
    code, said = check(oidc(provider), arguments=())
    assert code == 0, said
    assert provider.requests == []


def test_a_configuration_without_providers_needs_none(check):
    code, said = check("login password { users users.passwd }")
    assert code == 0, said


def test_an_issuer_that_calls_itself_otherwise_is_named_with_both_names(check, provider):
    provider.change_metadata = lambda found: {**found, "issuer": "https://login.example.test/realms/clinic"}
    code, said = check(oidc(provider))
    assert code != 0 and provider.issuer in said and "https://login.example.test/realms/clinic" in said


def test_a_slash_too_many_is_told(check, provider):
    provider.change_metadata = lambda found: {**found, "issuer": found["issuer"] + "/"}
    code, said = check(oidc(provider))
    assert code != 0 and provider.issuer + "/" in said


def test_a_provider_that_nobody_reaches_is_told(check):
    class Nobody:
        issuer = f"http://127.0.0.1:{refused_port()}"
        client = Client("anteroom", secret="hidden from all 4711")

    code, said = check(oidc(Nobody()))
    assert code != 0 and Nobody.issuer in said and Nobody.client.secret not in said
    assert "gateway.conf:" in said


@pytest.mark.parametrize("answer", [
    Answer(500, "<h1>no</h1>"), Answer(404, "<h1>no</h1>"), Answer(200, "<!doctype html><h1>hello</h1>"), Answer.json("text"), Answer.json({}), Answer.long(50 << 20),
    Answer(200, b"", "application/json"), Answer.to("https://else.test/")], ids=["500", "404", "HTML", "text", "empty", "50 MB", "nothing", "redirect"])
@pytest.mark.parametrize("endpoint", ["metadata", "keys"])
def test_answers_that_are_none_are_told(check, provider, endpoint, answer):
    provider.override[endpoint] = lambda request: answer
    code, said = check(oidc(provider))
    assert code != 0 and provider.issuer in said and len(said) < 5000


def test_a_key_set_without_a_usable_key_is_told(check, provider):
    provider.published = []
    code, said = check(oidc(provider))
    assert code != 0 and "key" in said


def test_a_slow_provider_is_not_waited_for_without_end(check, provider):
    provider.hold("metadata")
    began = time.monotonic()
    code, said = check(oidc(provider))
    assert code != 0 and time.monotonic() - began < 25, said


@pytest.mark.parametrize("seconds", [-600, 600])
def test_a_clock_that_is_off_is_told(check, provider, seconds):
    provider.clock = seconds
    _, said = check(oidc(provider))
    assert "clock" in said, said
    provider.clock = 5
    code, said = check(oidc(provider))
    assert code == 0 and "clock" not in said, said


def test_each_provider_is_asked_and_each_fault_is_told(check, make_provider):
    first, second = make_provider(), make_provider()
    first.fail("metadata")
    second.change_metadata = lambda found: {**found, "issuer": "https://else.test"}
    code, said = check(oidc(first, title="One"), oidc(second, title="Two"))
    assert code != 0 and first.issuer in said and second.issuer in said and "https://else.test" in said


def test_a_certificate_that_is_not_believed_is_told(check, make_provider, tmp_path):
    authority = Authority(tmp_path / "ca")
    certificate, key = authority.issue(tmp_path, "provider", ["127.0.0.1"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    provider = make_provider(tls=context)
    code, said = check(oidc(provider))
    assert code != 0 and "certificate" in said and provider.requests == []
    code, said = check(oidc(provider, f"ca {authority.pem}"))
    assert code == 0, said


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
def test_a_client_that_the_provider_does_not_know_so_is_told(check, provider, method):
    provider.client.method = method
    login = oidc(provider)
    code, said = check(login)
    assert code == 0, said
    if method != "none":
        provider.client.secret = "another one since yesterday"
    else:
        provider.clients.clear()
        provider.add_client(Client("else"))
    code, said = check(login)
    assert code != 0 and "invalid_client" in said and "anteroom" in said, said


def test_a_faulty_configuration_is_told_without_asking_anybody(check, provider):
    code, said = check(oidc(provider, "no_such_thing x"))
    assert code == 78 and "no_such_thing" in said and provider.requests == []


def test_a_way_to_show_who_it_is_that_the_provider_does_not_take_is_told(check, provider):
    provider.change_metadata = lambda found: {**found, "token_endpoint_auth_methods_supported": ["private_key_jwt"]}
    _, said = check(oidc(provider))
    assert "private_key" in said
