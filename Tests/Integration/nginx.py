"""nginx as a real upstream, in a folder and on a port of its own."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from upstream import refused_port
from waiting import processes_of_session, state, until


class Nginx:
    """`body` is the inside of the http block; `{port}` and `{root}` are filled in."""

    def __init__(self, directory, body, workers=1):
        self.directory = Path(directory)
        self.root = self.directory / "files"
        self.root.mkdir(parents=True, exist_ok=True)
        for name in ("body", "proxy", "fastcgi", "uwsgi", "scgi"):
            (self.directory / name).mkdir(exist_ok=True)
        program = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
        for _ in range(5):
            self.port = refused_port()
            self._configure(body, workers)
            self.process = subprocess.Popen(
                [program, "-p", str(self.directory), "-c", str(self.directory / "nginx.conf")], stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=open(self.directory / "error.log", "ab"), start_new_session=True)
            if until(lambda: state(self.process, self.port), 10, "nginx") == "up":
                return
        raise AssertionError("nginx does not start:\n" + (self.directory / "error.log").read_text())

    def _configure(self, body, workers):
        directory = self.directory
        body = body.replace("{port}", str(self.port)).replace("{root}", str(self.root))
        user = "user root;\n" if os.getuid() == 0 else ""
        (directory / "nginx.conf").write_text(f"""{user}daemon off;
worker_processes {workers};
pid {directory}/nginx.pid;
error_log {directory}/error.log;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    default_type text/plain;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    {body}
}}
""")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def pids(self):
        return processes_of_session(self.process.pid)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(15)
        until(lambda: not self.pids, 10, "nginx's workers to be gone")
