"""Chromium through chromedriver: the WebDriver protocol in plain JSON over HTTP."""

import base64
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import threading
from pathlib import Path

from waiting import processes_of_session, until

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {"tab": "\ue004", "enter": "\ue007", "space": "\ue00d", "shift": "\ue008"}


def programs():
    """chromedriver and the browser, or None for what is not installed."""
    path = os.environ.get("PATH", "") + ":" + os.environ.get("CHROMEWEBDRIVER", "") + ":/usr/lib/chromium-browser"
    driver = shutil.which("chromedriver", path=path)
    names = ("chromium", "google-chrome", "google-chrome-stable")
    return driver, next((found for found in map(shutil.which, names) if found), None)


def absence():
    """Why there is no browser, and whether that is a failure here; None when there is one."""
    driver, browser = programs()
    if driver and browser:
        return None
    missing = " and ".join(name for name, found in (("chromedriver", driver), ("chromium", browser)) if not found)
    return f"{missing} not installed (on Debian: Docker/install-packages test; Ubuntu packages none)"


def must_be_there():
    identity = Path("/etc/os-release").read_text()
    return re.search(r"^ID=debian$", identity, re.MULTILINE) is not None or os.environ.get("CI") == "true"


class WebDriverError(Exception):
    def __init__(self, value):
        super().__init__(f"{value.get('error')}: {value.get('message')}")
        self.error = value.get("error")


class Driver:
    """chromedriver, with a home of its own."""

    def __init__(self, home):
        self.home = Path(home)
        self.home.mkdir(parents=True, exist_ok=True)
        program, self.browser = programs()
        environment = {**os.environ, "HOME": str(self.home), "TMPDIR": str(self.home), "XDG_CONFIG_HOME": str(self.home / "config")}
        self.process = subprocess.Popen(
            [program, "--port=0"], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True)
        self.lines = []
        self.reader = threading.Thread(target=self._collect, daemon=True)
        self.reader.start()
        self.port = until(self._port, 20, "chromedriver's port")

    def _collect(self):
        for line in self.process.stdout:
            self.lines.append(line.decode("utf-8", "replace"))

    def _port(self):
        return next((int(match[1]) for line in list(self.lines) if (match := re.search(r"started successfully on port (\d+)", line))), None)

    def call(self, method, path, value=None, timeout=60):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            body = None if method in ("GET", "DELETE") else json.dumps(value or {})
            connection.request(method, path, body, {"Content-Type": "application/json"})
            answer = json.loads(connection.getresponse().read())["value"]
        finally:
            connection.close()
        if isinstance(answer, dict) and "error" in answer and "message" in answer:
            raise WebDriverError(answer)
        return answer

    def session(self, *arguments):
        options = {
            "binary": self.browser,
            "args": [
                "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--window-size=1280,900",
                "--host-resolver-rules=MAP *.test 127.0.0.1, MAP *.localhost 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost", *arguments,
            ],
        }
        made = self.call("POST", "/session", {"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options}}})
        return Browser(self, made["sessionId"])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(15)
        self.reader.join(5)
        self.process.stdout.close()
        until(lambda: not processes_of_session(self.process.pid), 10, "the browser's processes to be gone")


class Browser:
    """One browser profile, with its windows."""

    def __init__(self, driver, identifier):
        self.driver = driver
        self.path = f"/session/{identifier}"

    def call(self, method, path, value=None):
        return self.driver.call(method, self.path + path, value)

    def open(self, address):
        self.call("POST", "/url", {"url": address})

    @property
    def address(self):
        return self.call("GET", "/url")

    @property
    def title(self):
        return self.call("GET", "/title")

    @property
    def source(self):
        return self.call("GET", "/source")

    @property
    def text(self):
        """What a person can read on the page."""
        return self.script("return document.body ? document.body.innerText : ''")

    def script(self, code, *arguments):
        return self.call("POST", "/execute/sync", {"script": code, "args": list(arguments)})

    def find(self, selector):
        return [Element(self, found[ELEMENT]) for found in self.call("POST", "/elements", {"using": "css selector", "value": selector})]

    def one(self, selector, timeout=10):
        """The first element of a kind, as soon as it is there."""
        return until(lambda: self.find(selector), timeout, f"{selector} on {self.address}")[0]

    def back(self):
        self.call("POST", "/back")

    def reload(self):
        self.call("POST", "/refresh")

    @property
    def windows(self):
        return self.call("GET", "/window/handles")

    @property
    def window(self):
        return self.call("GET", "/window")

    def switch(self, handle):
        self.call("POST", "/window", {"handle": handle})

    def new_tab(self):
        handle = self.call("POST", "/window/new", {"type": "tab"})["handle"]
        self.switch(handle)
        return handle

    def resize(self, width, height):
        self.call("POST", "/window/rect", {"width": width, "height": height})

    def emulate_phone(self, width=375, height=740):
        """A phone's viewport; a headless window itself cannot be as narrow."""
        self.call("POST", "/goog/cdp/execute", {
            "cmd": "Emulation.setDeviceMetricsOverride",
            "params": {"width": width, "height": height, "deviceScaleFactor": 2, "mobile": True}})

    def press(self, *keys):
        """Presses keys, one after another, wherever the focus is."""
        actions = []
        for key in keys:
            for value in ([KEYS[key]] if key in KEYS else list(key)):
                actions += [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]
        self.call("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    @property
    def cookies(self):
        return self.call("GET", "/cookie")

    def screenshot(self):
        """A PNG of what is seen."""
        return base64.b64decode(self.call("GET", "/screenshot"))

    def keep_screenshot(self, name):
        """Writes a PNG into the folder that ANTEROOM_SCREENSHOTS names, if it names one."""
        folder = os.environ.get("ANTEROOM_SCREENSHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            (Path(folder) / f"{name}.png").write_bytes(self.screenshot())

    def end(self):
        self.call("DELETE", "")


class Element:
    def __init__(self, browser, identifier):
        self.browser = browser
        self.path = f"/element/{identifier}"

    def click(self):
        self.browser.call("POST", self.path + "/click")

    def type(self, text):
        self.browser.call("POST", self.path + "/value", {"text": text})

    def clear(self):
        self.browser.call("POST", self.path + "/clear")

    @property
    def text(self):
        return self.browser.call("GET", self.path + "/text")

    def attribute(self, name):
        return self.browser.call("GET", f"{self.path}/attribute/{name}")

    def live(self, name):
        return self.browser.call("GET", f"{self.path}/property/{name}")

    @property
    def rect(self):
        return self.browser.call("GET", self.path + "/rect")
