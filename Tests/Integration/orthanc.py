"""Orthanc, a real patient app: Debian's package with an account of its own, in a folder and on a port of its own."""

import base64
import hashlib
import http.client
import json
import os
import random
import shutil
import signal
import struct
import subprocess
from pathlib import Path

from upstream import refused_port
from waiting import processes_of_session, until

USER, PASSWORD = "gateway", "only the gateway knows this one"
# What Orthanc's own account looks like on the wire.
BASIC = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"


class Orthanc:
    """`Orthanc` in the foreground, with nothing but its web server."""

    def __init__(self, directory):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        program = shutil.which("Orthanc", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
        assert program, "Orthanc is not installed: run Docker/install-packages test"
        for _ in range(5):
            self.port = refused_port()
            self._configure()
            self.log = open(self.directory / "orthanc.log", "ab")
            self.process = subprocess.Popen(
                [program, str(self.directory / "orthanc.json")], cwd=self.directory, stdin=subprocess.DEVNULL,
                stdout=self.log, stderr=self.log, start_new_session=True)
            if until(self._state, 30, "Orthanc") == "up":
                return
            self.log.close()
        raise AssertionError("Orthanc does not start:\n" + (self.directory / "orthanc.log").read_text())

    def _configure(self):
        (self.directory / "orthanc.json").write_text(json.dumps({
            "Name": "Harbour Imaging", "HttpPort": self.port, "HttpBindAddresses": ["127.0.0.1"], "DicomServerEnabled": False, "AuthenticationEnabled": True,
            "RegisteredUsers": {USER: PASSWORD}, "Plugins": [], "HttpCompressionEnabled": False, "StorageDirectory": str(self.directory / "storage"),
            "IndexDirectory": str(self.directory / "index"), "TemporaryDirectory": str(self.directory),
        }, indent=2))

    def _state(self):
        if self.process.poll() is not None:
            return "ended"
        try:
            return "up" if self.ask("GET", "/system", account=True)[0] == 200 else None
        except OSError:
            return None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method, target, body=None, account=True):
        """One request to Orthanc itself, past the gateway; status and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, target, body, {"Authorization": BASIC} if account else {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def json(self, method, target, value=None):
        """One request to Orthanc's API, past the gateway."""
        status, body = self.ask(method, target, None if value is None else json.dumps(value))
        assert status == 200, (status, body[:500])
        return json.loads(body)

    def add_patient(self, identifier, name):
        """Makes a patient with one small image; returns Orthanc's own id of the patient."""
        pixel = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNiAAAABgADNjd8qAAAAABJRU5ErkJggg=="
        made = self.json("POST", "/tools/create-dicom", {"Tags": {"PatientID": identifier, "PatientName": name}, "Content": pixel})
        return made["ParentPatient"]

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
            raise AssertionError("Orthanc did not end within 30 s of SIGTERM") from None
        finally:
            self.log.close()
        until(lambda: not processes_of_session(self.process.pid), 10, "Orthanc's processes to be gone")


def _element(group, number, representation, value):
    """One data element in explicit VR little endian (DICOM PS3.5 section 7.1.2)."""
    if isinstance(value, str):
        value = value.encode("ascii")
    if len(value) % 2:
        value += b"\x00" if representation == "UI" else b" "
    head = struct.pack("<HH2s", group, number, representation.encode())
    if representation in ("OB", "OW"):
        return head + struct.pack("<HI", 0, len(value)) + value
    return head + struct.pack("<H", len(value)) + value


def dicom(identifier, name, size, seed):
    """A DICOM file (PS3.10) with one image of about `size` bytes, of noise that nothing can compress."""
    chance = random.Random(seed)
    unique = f"2.25.{chance.getrandbits(100)}"
    columns = 2048
    rows = max(1, size // (2 * columns))
    instance = f"{unique}.3"
    number = lambda value: struct.pack("<H", value)
    meta = b"".join([
        _element(0x0002, 0x0001, "OB", b"\x00\x01"),
        _element(0x0002, 0x0002, "UI", SECONDARY_CAPTURE),
        _element(0x0002, 0x0003, "UI", instance),
        _element(0x0002, 0x0010, "UI", EXPLICIT_LITTLE_ENDIAN),
        _element(0x0002, 0x0012, "UI", "2.25.1"),
    ])
    data = b"".join([
        _element(0x0008, 0x0016, "UI", SECONDARY_CAPTURE),
        _element(0x0008, 0x0018, "UI", instance),
        _element(0x0008, 0x0060, "CS", "OT"),
        _element(0x0010, 0x0010, "PN", name),
        _element(0x0010, 0x0020, "LO", identifier),
        _element(0x0020, 0x000D, "UI", f"{unique}.1"),
        _element(0x0020, 0x000E, "UI", f"{unique}.2"),
        _element(0x0028, 0x0002, "US", number(1)),
        _element(0x0028, 0x0004, "CS", "MONOCHROME2"),
        _element(0x0028, 0x0010, "US", number(rows)),
        _element(0x0028, 0x0011, "US", number(columns)),
        _element(0x0028, 0x0100, "US", number(16)),
        _element(0x0028, 0x0101, "US", number(16)),
        _element(0x0028, 0x0102, "US", number(15)),
        _element(0x0028, 0x0103, "US", number(0)),
        _element(0x7FE0, 0x0010, "OW", chance.randbytes(rows * columns * 2)),
    ])
    return bytes(128) + b"DICM" + _element(0x0002, 0x0000, "UL", struct.pack("<I", len(meta))) + meta + data


def md5(data):
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
