"""`anteroom demo`, as a newcomer runs it."""

import re
import signal
import subprocess
import threading

from gateway import binary
from waiting import processes_of_session, until

ADDRESS = re.compile(r"http://[A-Za-z0-9.\[\]:-]+(?:/\S*)?")
# "ann / secret", "ann: secret", "user ann password secret", or two columns.
ACCOUNT = re.compile(r"^\s*(?:user\s+)?([a-z][a-z0-9._-]*)(?:\s*/\s*|:\s*|,?\s+password:?\s+|\s{2,}|\t+)(\S+(?: \S+)*?)(?:\s{2,}.*)?$")


class Demo:
    def __init__(self, folder):
        self.process = subprocess.Popen(
            [binary(), "demo", "--port", "0"], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True)
        self.lines, self.log = [], []
        self.readers = [
            threading.Thread(target=self._collect, args=(stream, lines), daemon=True)
            for stream, lines in ((self.process.stdout, self.lines), (self.process.stderr, self.log))]
        for reader in self.readers:
            reader.start()
        self.address = until(self._address, 30, "the demo's address")
        self.accounts = until(self._accounts, 10, "the demo's accounts")

    def _collect(self, stream, lines):
        for line in stream:
            lines.append(re.sub(r"\x1b\[[0-9;]*m", "", line.decode("utf-8", "replace")).rstrip())

    def _address(self):
        assert self.process.poll() is None, "the demo ended:\n" + self.output
        found = [match[0] for line in list(self.lines) if (match := ADDRESS.search(line))]
        return found[0].rstrip(".,") if found else None

    def _accounts(self):
        lines = [line for line in list(self.lines) if not ADDRESS.search(line)]
        return [(match[1], match[2]) for line in lines if (match := ACCOUNT.match(line)) and len(match[2]) >= 8]

    @property
    def output(self):
        return "\n".join(self.lines + self.log)

    def stop(self):
        ended = self.process.poll()
        if ended is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        finally:
            if self.process.poll() is None:
                self.process.kill()
        for reader in self.readers:
            reader.join(5)
        self.process.stdout.close()
        self.process.stderr.close()
        assert ended is None, "the demo ended by itself:\n" + self.output
        assert self.process.returncode == 0, self.output
        until(lambda: not processes_of_session(self.process.pid), 5, "the demo's processes to be gone")
