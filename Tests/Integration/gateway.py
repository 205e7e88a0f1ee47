"""The real gateway: a configuration in a folder of its own, a process, and its end."""

import functools
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from waiting import processes_of_session, until

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery staple"
READY = re.compile(r"\bready\b.*?https?://(?:127\.0\.0\.1|\[::1\]):([0-9]+)")


def binary():
    path = Path(os.environ.get("ANTEROOM_BIN", ROOT / ".build/debug/anteroom"))
    assert path.exists(), f"{path} is not there: run `swift build`, or name the binary in ANTEROOM_BIN"
    return str(path)


def run(*arguments, input=None, cwd=None, timeout=60, env=None):
    """Runs a command of the executable to its end."""
    return subprocess.run(
        [binary(), *arguments], input=input, stdin=subprocess.DEVNULL if input is None else None, cwd=cwd, timeout=timeout,
        capture_output=True, text=True, env={**os.environ, **(env or {})})


@functools.lru_cache(maxsize=None)
def quick_hash(password):
    """A bcrypt hash of the lowest cost: the tests sign in often."""
    made = subprocess.run(["htpasswd", "-niB", "-C", "5", "x"], input=password, capture_output=True, text=True, check=True)
    return made.stdout.strip().partition(":")[2]


def account(user, password=PASSWORD, name="", email="", groups=""):
    return f"{user}:{quick_hash(password)}:{name}:{email}:{groups}"


def accounts():
    return [
        account("ann", name="Ann Archer", email="ann@clinic.test", groups="clinicians,admins"),
        account("bob", name="Bob Baker", email="bob@clinic.test"),
    ]


def write_accounts(path, lines):
    """Puts a new accounts file in place at once, as an editor would."""
    new = Path(str(path) + ".new")
    new.write_text("\n".join(lines) + "\n")
    new.chmod(0o600)
    new.rename(path)


def site(upstreams, hosts="app.test", patient="patient /patients", login="login password { users users.passwd }", more=""):
    """One site block. `upstreams` is one or more addresses."""
    addresses = upstreams if isinstance(upstreams, str) else " ".join(upstreams)
    lines = [f"upstream {addresses}", patient, login, *more.strip().splitlines()]
    return f"site {hosts} {{\n" + "".join(f"    {line.strip()}\n" for line in lines if line.strip()) + "}\n"


def oidc(provider, *lines, title=None):
    """One `login oidc`, for a client as `provider` knows it."""
    own = [f"issuer {provider.issuer}", f"client_id {provider.client.identifier}"]
    if provider.client.method.startswith("client_secret"):
        own.append(f'client_secret "{provider.client.secret}"')
    head = f'login oidc "{title}"' if title else "login oidc"
    return f"{head} {{\n" + "".join(f"        {line}\n" for line in [*own, *lines]) + "    }"


def configuration(*sites, top="", listen="127.0.0.1:0"):
    # A connection that a test left hanging must not hold up the end for the default half minute.
    if "shutdown_timeout" not in top:
        top = f"shutdown_timeout 5s\n{top}"
    head = f"workers 2\nlisten {listen}\nkeys keys/\nstate state/\naudit audit/\nlog stderr text\naccess_log stderr text\n"
    return head + top.strip() + "\n\n" + "\n".join(sites)


# What a service manager does: the sockets become descriptors 3 and on, and the variables name the process that they are for.
ACTIVATE = """
import fcntl, os, sys
given = [fcntl.fcntl(int(word), fcntl.F_DUPFD, 100) for word in sys.argv[1].split(",")]
for place, descriptor in enumerate(given):
    os.dup2(descriptor, 3 + place)
    os.close(descriptor)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(given)))
os.execv(sys.argv[2], sys.argv[2:])
"""


class Gateway:
    """`anteroom run` with a configuration in `directory`; `sockets` are passed to it as a service manager would."""

    def __init__(self, directory, text, users=None, sockets=(), environment=None, program=None):
        self.sockets = sockets
        self.environment = {**os.environ, **(environment or {})}
        self.program = program or binary()
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.file = self.directory / "gateway.conf"
        self.file.write_text(text)
        self.users = self.directory / "users.passwd"
        if not self.users.exists() or users is not None:
            write_accounts(self.users, accounts() if users is None else users)
        self.process = None
        self.successor = None
        self.log = []
        self.start()

    def start(self):
        """Starts the process and waits until it says that it is ready."""
        first = len(self.log)
        self.successor = None
        command = [self.program, "run", "--config", str(self.file)]
        descriptors = [one.fileno() for one in self.sockets]
        if descriptors:
            command = [sys.executable, "-c", ACTIVATE, ",".join(map(str, descriptors)), *command]
        self.process = subprocess.Popen(
            command, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
            env=self.environment, pass_fds=descriptors)
        self.reader = threading.Thread(target=self._collect, args=(self.process,), daemon=True)
        self.reader.start()

        def ports():
            if self.process.poll() is not None:
                self.reader.join(5)
                raise AssertionError(f"the gateway ended with {self.process.returncode}:\n" + self.output)
            return [int(match[1]) for line in self.log[first:] for match in READY.finditer(line)]

        try:
            self.port = until(ports, 20, "the line that says ready")[0]
        except AssertionError as fault:
            self.kill()
            raise AssertionError(f"{fault}\n{self.output}") from None

    def _collect(self, process):
        for line in process.stdout:
            self.log.append(line.decode("utf-8", "replace").rstrip("\n"))

    @property
    def pid(self):
        """Of the process that accepts."""
        return self.successor or self.process.pid

    def upgrade(self, expected=0):
        """Has a new process take over."""
        done = run("upgrade", "--config", str(self.file), timeout=100)
        over = re.fullmatch(r"process (\d+) has taken over\n", done.stdout)
        if over:
            self.successor = int(over[1])
        assert done.returncode == expected and bool(over) == (expected == 0), (done, self.output)
        return done

    @property
    def output(self):
        return "\n".join(self.log)

    def wait_for_log(self, *words, timeout=10):
        """The first log line that has all of `words` in it."""
        return until(lambda: next((line for line in list(self.log) if all(word in line for word in words)), None), timeout, f"a log line with {words}")

    def status(self, field):
        """A figure of /proc/PID/status, in KB: VmRSS, VmHWM."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1])
        raise AssertionError(f"no {field}")

    def forget_peak(self):
        """Sets VmHWM back to what is resident now."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def peak(self):
        """The most memory that was resident, in bytes."""
        return self.status("VmHWM") * 1024

    def signal(self, number):
        os.kill(self.pid, number)

    def audit(self):
        """Every record of the audit trail, as parsed JSON, in order."""
        records = []
        for path in sorted((self.directory / "audit").rglob("*")):
            if path.is_file():
                records += [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
        return records

    def wait_for_audit(self, condition, timeout=10):
        return until(lambda: [record for record in self.audit() if condition(record)], timeout, "an audit record")

    def stop(self, timeout=15):
        """Ends it as a service manager would; it has to leave with 0, and nothing behind."""
        if self.process is None:
            return
        process, self.process = self.process, None
        ended_before = process.poll() is not None
        if self.successor is not None:
            # Whatever goes before it ends with it.
            os.kill(self.successor, signal.SIGTERM)
            until(lambda: self.successor not in processes_of_session(process.pid), timeout, "the end of the process that has taken over")
        elif not ended_before:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
            raise AssertionError("the gateway did not end within %d s of SIGTERM:\n%s" % (timeout, self.output)) from None
        finally:
            self.reader.join(5)
            process.stdout.close()
        assert process.returncode == 0, f"the gateway ended with {process.returncode}{' by itself' if ended_before else ''}:\n{self.output}"
        until(lambda: not processes_of_session(process.pid), 5, "the gateway's children to be gone")

    def restart(self):
        """Stops it and starts it again on the same port, with what it kept."""
        port = self.port
        self.stop()
        self.file.write_text(re.sub(r"^listen 127\.0\.0\.1:\d+", f"listen 127.0.0.1:{port}", self.file.read_text(), flags=re.MULTILINE))
        deadline = time.monotonic() + 10
        while True:
            try:
                return self.start()
            except AssertionError:
                if time.monotonic() > deadline:
                    raise

    def kill(self):
        if self.successor is not None and self.successor in processes_of_session(self.process.pid):
            os.kill(self.successor, signal.SIGKILL)
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
            self.reader.join(5)
        self.process = None
