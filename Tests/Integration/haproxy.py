"""HAProxy in TCP mode, as a balancer in front of the gateway, on a port of its own."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from upstream import refused_port
from waiting import processes_of_session, state, until


class Haproxy:
    """Passes connections on to `port`, with a PROXY header as `send` says."""

    def __init__(self, directory, port, send):
        directory = Path(directory)
        directory.mkdir(parents=True, exist_ok=True)
        program = shutil.which("haproxy", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
        for _ in range(5):
            self.port = refused_port()
            (directory / "haproxy.cfg").write_text(f"""defaults
    mode tcp
    timeout connect 5s
    timeout client 30s
    timeout server 30s
frontend in
    bind 127.0.0.1:{self.port}
    default_backend gateway
backend gateway
    server gateway 127.0.0.1:{port} {send}
""")
            with open(directory / "haproxy.log", "ab") as log:
                self.process = subprocess.Popen(
                    [program, "-db", "-f", str(directory / "haproxy.cfg")], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    start_new_session=True)
            if until(lambda: state(self.process, self.port), 10, "HAProxy") == "up":
                return
        raise AssertionError("HAProxy does not start:\n" + (directory / "haproxy.log").read_text())

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(15)
        until(lambda: not processes_of_session(self.process.pid), 10, "HAProxy to be gone")
