"""A program under measurement: started in a session of its own, so that all its processes are known, and what they cost."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Integration"))

from upstream import refused_port
from waiting import processes_of_session, state, until

TICKS = os.sysconf("SC_CLK_TCK")
PROGRAMS = Path(__file__).resolve().parent / "programs"


def more_files(wanted):
    """Raises the limit of open files, for this process and what it starts; returns what it is then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), max(hard, wanted)))
    except (ValueError, PermissionError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def compile_program(name, folder, compiler, *options, libraries=()):
    """Compiles programs/NAME.c into `folder`, and returns the path of what came out."""
    made = Path(folder) / name
    subprocess.run([compiler, "-O2", "-o", str(made), *options, str(PROGRAMS / f"{name}.c"), *libraries], check=True)
    return made


class Child:
    """`command` gets the port that it shall listen on; its folder is made for it."""

    def __init__(self, folder, command, environment=None):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        for _ in range(5):
            self.port = refused_port()
            with open(self.folder / "output", "ab") as output:
                self.process = subprocess.Popen(
                    command(self.port), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
                    env={**os.environ, **(environment or {})})
            if until(lambda: state(self.process, self.port), 20, f"{self.folder.name} to listen") == "up":
                return
        raise SystemExit(f"{self.folder.name} does not start:\n" + (self.folder / "output").read_text()[-4000:])

    @property
    def pids(self):
        return processes_of_session(self.process.pid)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
        for pid in self.pids:
            os.kill(pid, signal.SIGKILL)
        until(lambda: not self.pids, 10, f"{self.folder.name} to be gone")


def cpu(pids):
    """User and system seconds of these processes so far, with those of their children that have ended."""
    user = system = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        user, system = user + int(fields[11]) + int(fields[13]), system + int(fields[12]) + int(fields[14])
    return user / TICKS, system / TICKS


def memory(pids):
    """Bytes that are resident; what several processes share counts once."""
    return sum(int(line.split()[1]) for pid in pids for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines() if line.startswith("Pss:")) * 1024


def forget_peak(pids):
    for pid in pids:
        Path(f"/proc/{pid}/clear_refs").write_text("5")


def peak(pids):
    """The most bytes that were resident since `forget_peak`, summed over the processes."""
    return sum(int(line.split()[1]) for pid in pids for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM:")) * 1024
