"""Waiting for a condition, with a deadline, in place of sleeping for a guessed time."""

import os
import socket
import time


def until(condition, timeout=10.0, what="condition", pause=0.02):
    """Calls `condition` until it answers something true, and returns that; raises AssertionError after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise AssertionError(f"waited {timeout} s in vain for: {what}")
        time.sleep(pause)


def state(process, port):
    """What has become of a process that is to listen: "up", "ended", or None as long as it is neither."""
    if process.poll() is not None:
        return "ended"
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return "up"
    except OSError:
        return None


def processes_of_session(session):
    """The ids of living processes whose session id is `session` (field 6 of /proc/PID/stat)."""
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(name))
    return found
