"""The command line: what it prints, where, and with which exit code."""

import os
import re
import shutil
import subprocess

import pytest

from gateway import PASSWORD, ROOT, account, binary, configuration, run, site, write_accounts
from visitor import Visitor

FAULT = re.compile(r"^(.+?):(\d+):(\d+): (error|warning): (.+)$")


def faults(text, kind="error"):
    return [(match[1], int(match[2]), int(match[3]), match[5]) for match in map(FAULT.match, text.splitlines()) if match and match[4] == kind]


def check(tmp_path, text, name="gateway.conf"):
    (tmp_path / name).write_text(text)
    return run("check", "--config", str(tmp_path / name))


def good(more=""):
    return configuration(site("http://127.0.0.1:9", more=more))


def test_version_says_which():
    done = run("version")
    assert done.returncode == 0 and re.search(r"anteroom.* \d+\.\d+", done.stdout, re.IGNORECASE)


def test_help_names_every_command():
    done = run("help")
    assert done.returncode == 0
    for command in ("run", "check", "demo", "passwd", "version", "help"):
        assert re.search(rf"\b{command}\b", done.stdout)


@pytest.mark.parametrize("arguments", [["frobnicate"], ["rum"], ["run", "--nonsense"], ["check", "--config"], ["passwd"], ["passwd", "only-a-file"], ["demo", "--port", "many"], ["--help-me"], []], ids=str)
def test_wrong_usage_is_64_and_goes_to_standard_error(arguments, tmp_path):
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 64
    assert done.stderr.strip() and done.stdout == ""


@pytest.mark.parametrize("command", ["run", "check"])
def test_a_missing_file_is_78_and_named(tmp_path, command):
    done = run(command, "--config", str(tmp_path / "absent.conf"))
    assert done.returncode == 78 and "absent.conf" in done.stderr


def test_check_is_content_with_a_good_file(tmp_path):
    write_accounts(tmp_path / "users.passwd", [account("ann")])
    done = check(tmp_path, good())
    assert done.returncode == 0, done.stderr
    assert faults(done.stderr) == []


def test_check_prints_every_fault_with_its_place(tmp_path):
    text = "\n".join([
        "listn 127.0.0.1:0",                                     # 1: unknown directive
        "workers lots",                                          # 2
        "limits { header_bytes 16q; body 1m }",                  # 3
        "site app.test {",                                       # 4
        "    upstream ftp://127.0.0.1:9",                        # 5
        "    patient patients",                                  # 6
        "    session { idle 2 }",                                # 7
        "    login password { users users.passwd; trottle { } }",  # 8
        "}",
        "site b.test { }",                                       # 10: no upstream
        "admin gateway.conf/admin.sock",                         # 11: in no folder
        "trusted_proxies 10.0.0.0/99",                           # 12: no network
    ]) + "\n"
    done = check(tmp_path, text)
    assert done.returncode == 78 and done.stdout == ""
    found = faults(done.stderr)
    assert {line for _, line, _, _ in found} >= {1, 2, 3, 5, 6, 7, 8, 10, 11, 12}, done.stderr
    assert all(file.endswith("gateway.conf") and column >= 1 for file, _, column, _ in found)
    said = {line: message for _, line, _, message in found}
    assert "listen" in said[1], "the nearest known directive is named"
    assert "throttle" in said[8]
    assert "cannot be made" in said[11]
    columns = {line: column for _, line, column, _ in found}
    assert columns[1] == 1 and columns[5] in (5, 14) and columns[3] in (10, 23)


def test_run_refuses_a_wrong_file_with_78_and_the_same_words(tmp_path):
    text = good("opn /static/*")
    checked = check(tmp_path, text)
    ran = run("run", "--config", str(tmp_path / "gateway.conf"))
    assert checked.returncode == ran.returncode == 78
    assert faults(checked.stderr) == faults(ran.stderr) != []


@pytest.mark.parametrize("more, word", [
    ("header X-Y", "header"), ("open static", "open"), ("protect some", "protect"), ("start relative", "start"), ("identity { user }", "user"), ("identity { user \"X Y\" }", "X Y"),
    ("session { idle 0s; lifetime 1h }", "idle"), ("session { idle 2h; lifetime 1h }", "lifetime"), ("request { set Host x }", "Host"), ("request { set X-A file:absent.secret }", "absent.secret"),
    ("request { set X-A env:ANTEROOM_NO_SUCH_NAME }", "ANTEROOM_NO_SUCH_NAME"), ("request { set X-A \"a\\nb\" }", "X-A"), ("brand { logo absent.svg }", "absent.svg"), ("app_logout logout", "logout"),
    ("identity { user Connection }", "Connection"), ("open /a**", "open"), ('brand { name "open string', "quot"), ("login password { users u }", "login"),
], ids=lambda value: value[:40])
def test_what_cannot_be_meant_is_an_error(tmp_path, more, word):
    done = check(tmp_path, good(more))
    assert done.returncode == 78, done.stderr
    line = good(more).splitlines().index("    " + more.strip()) + 1
    at = [(message, column) for _, number, column, message in faults(done.stderr) if number == line]
    assert at, done.stderr
    # Either the message names it, or the column points at it.
    assert any(word.lower() in message.lower() or ("    " + more)[column - 1:].strip() for message, column in at)


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/path", "https://127.0.0.1:9/path", "ftp://127.0.0.1:9", "127.0.0.1:9", "http://", "http://127.0.0.1:99999", "http://127.0.0.1:9?q", "http://user@127.0.0.1:9"])
def test_an_upstream_that_is_no_http_address_is_an_error(tmp_path, address):
    done = check(tmp_path, configuration(site(address)))
    assert done.returncode == 78 and len(faults(done.stderr)) == 1, done.stderr


def test_one_host_in_two_sites_is_an_error(tmp_path):
    done = check(tmp_path, configuration(site("http://127.0.0.1:9"), site("http://127.0.0.1:8", hosts="APP.test.")))
    assert done.returncode == 78 and faults(done.stderr)


def test_secrets_that_others_may_read_are_an_error_and_accounts_a_warning(tmp_path):
    write_accounts(tmp_path / "users.passwd", [account("ann")])
    (tmp_path / "shared.secret").write_text("s3cret\n")
    (tmp_path / "shared.secret").chmod(0o644)
    done = check(tmp_path, good("request { set X-Gateway-Secret file:shared.secret }"))
    assert done.returncode == 78 and "shared.secret" in done.stderr and "s3cret" not in done.stderr
    (tmp_path / "shared.secret").chmod(0o600)
    assert check(tmp_path, good("request { set X-Gateway-Secret file:shared.secret }")).returncode == 0
    (tmp_path / "users.passwd").chmod(0o644)
    done = check(tmp_path, good())
    assert done.returncode == 0 and any("users.passwd" in message for *_, message in faults(done.stderr, "warning"))


def test_a_missing_accounts_file_is_a_warning(tmp_path):
    done = check(tmp_path, good())
    assert done.returncode == 0 and any("users.passwd" in message for *_, message in faults(done.stderr, "warning"))


def test_include_takes_other_files_in_and_faults_name_them(tmp_path):
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "a.conf").write_text(site("http://127.0.0.1:9", hosts="a.test"))
    (tmp_path / "sites" / "b.conf").write_text(site("http://127.0.0.1:9", hosts="b.test", more="opn /x"))
    done = check(tmp_path, configuration(top="include sites/*.conf"))
    assert done.returncode == 78
    [(file, line, _, _)] = faults(done.stderr)
    assert file.endswith("b.conf") and line == 5


def test_the_configuration_at_the_top_level_passes_in_a_fresh_place(tmp_path):
    shutil.copy(ROOT / "gateway.conf", tmp_path)
    done = run("check", "--config", "gateway.conf", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    done = run("check", cwd=tmp_path)
    assert done.returncode == 0, "gateway.conf is the default"


def test_passwd_makes_a_file_that_signs_in(tmp_path, make_gateway, upstream):
    gateway = make_gateway(configuration(site(upstream.url)), users=[])
    file = gateway.directory / "users.passwd"
    file.unlink()
    done = run("passwd", str(file), "carol", input="a password for carol\n")
    assert done.returncode == 0, done.stderr
    assert "a password for carol" not in done.stdout + done.stderr
    assert file.stat().st_mode & 0o077 == 0
    assert re.fullmatch(r"carol:\$(y|7|2b|6)\$[^:]+(:.*)?\n", file.read_text())
    gateway.restart()
    Visitor(gateway.port).sign_in("carol", "a password for carol")


def test_passwd_keeps_the_other_fields_and_accounts(tmp_path):
    file = tmp_path / "users.passwd"
    before = ["# a comment", account("ann", name="Ann Archer", email="ann@clinic.test", groups="a,b"), account("bob", name="Bob")]
    write_accounts(file, before)
    assert run("passwd", str(file), "ann", input="another password\n").returncode == 0
    after = file.read_text().splitlines()
    assert after[0] == before[0] and after[2] == before[2]
    assert after[1].split(":")[2:] == ["Ann Archer", "ann@clinic.test", "a,b"] and after[1].split(":")[1] != before[1].split(":")[1]
    assert run("passwd", str(file), "dave", input="a password for dave\n").returncode == 0
    assert [line.split(":")[0] for line in file.read_text().splitlines()[1:]] == ["ann", "bob", "dave"]
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("password", ["", "\n", "short\n", "elevenchars\n", "éééééé\n"])
def test_passwd_refuses_what_is_shorter_than_twelve_characters(tmp_path, password):
    file = tmp_path / "users.passwd"
    write_accounts(file, [account("ann")])
    before = file.read_text()
    done = run("passwd", str(file), "ann", input=password)
    assert done.returncode != 0 and done.stderr.strip()
    assert file.read_text() == before


@pytest.mark.parametrize("user", ["", "a:b", "a\nb", "#x"])
def test_passwd_refuses_names_that_the_file_cannot_hold(tmp_path, user):
    file = tmp_path / "users.passwd"
    assert run("passwd", str(file), user, input=PASSWORD + "\n").returncode != 0
    assert not file.exists() or file.read_text() == ""


def test_a_port_that_is_taken_is_reported_and_not_78(tmp_path, upstream):
    (tmp_path / "gateway.conf").write_text(configuration(site("http://127.0.0.1:9"), listen=f"127.0.0.1:{upstream.port}"))
    write_accounts(tmp_path / "users.passwd", [account("ann")])
    done = run("run", "--config", str(tmp_path / "gateway.conf"), timeout=20)
    assert done.returncode == 1 and str(upstream.port) in done.stderr


def test_keys_are_made_with_safe_modes_on_the_first_run(make_gateway, upstream):
    gateway = make_gateway(configuration(site(upstream.url)))
    for name in ("keys", "state", "audit"):
        folder = gateway.directory / name
        assert folder.stat().st_mode & 0o077 == 0
        assert not [path for path in folder.rglob("*") if path.stat().st_mode & 0o077]
    assert list((gateway.directory / "keys").iterdir())


def test_start_up_warns_of_plain_http_on_a_public_address(tmp_path, make_gateway, upstream):
    gateway = make_gateway(configuration(site(upstream.url), listen="127.0.0.1:0").replace("keys keys/", "listen 0.0.0.0:0\nkeys keys/"))
    gateway.wait_for_log("warning", "plain HTTP")


def test_an_ipv6_listener_works(make_gateway, upstream):
    if not os.path.exists("/proc/net/if_inet6"):
        pytest.skip("no IPv6 here")
    gateway = make_gateway(configuration(site(upstream.url), listen="[::1]:0"))
    done = subprocess.run(["curl", "-sg", f"http://[::1]:{gateway.port}/.anteroom/healthz"], capture_output=True, text=True, timeout=10)
    assert done.stdout.strip() == "ok"


def test_the_binary_needs_only_the_systems_own_libraries():
    done = subprocess.run(["ldd", binary()], capture_output=True, text=True)
    assert done.returncode == 0 and "libFoundation.so" not in done.stdout
