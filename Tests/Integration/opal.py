"""OPAL, a clinical app made with Django, from PyPI: with its own accounts, login page and protection of forms, in a folder and on a port of its own."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from upstream import refused_port
from waiting import processes_of_session, state, until

PASSWORD = "at the app itself 9"
USERS = {"jane": "Jane Porter", "mary": "Mary Poole"}
# By OPAL's own numbers.
PATIENTS = {"1": "Anna Archer", "2": "Ben Baker", "3": "Clara Cook"}

# What an operator does once: accounts, and here some patients too.
SEED = """
import django
django.setup()
from django.contrib.auth.models import User
from opal.models import Patient, UserProfile
for name, full in {users!r}.items():
    first, last = full.split()
    user = User.objects.create_user(name, password={password!r}, first_name=first, last_name=last)
    UserProfile.objects.filter(user=user).update(force_password_change=False)
for number, full in {patients!r}.items():
    # Numbered by itself: a patient with a number given has no demographics.
    patient = Patient.objects.create()
    assert str(patient.id) == number
    patient.create_episode()
    first, last = full.split()
    patient.demographics_set.update(first_name=first, surname=last, hospital_number=number)
"""


def folder():
    return Path(os.environ.get("ANTEROOM_TEST_APPS", Path.home() / ".cache/anteroom-tests")) / "opal"


def absence():
    """Why there is no OPAL; None when there is one."""
    return None if (folder() / "version").exists() else "OPAL is not installed: run Docker/install-packages test"


class Opal:
    """A new clinic, in the foreground."""

    def __init__(self, directory):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        programs = folder() / "bin"
        self.environment = {
            **os.environ, "PATH": f"{programs}:{os.environ.get('PATH', '')}", "DJANGO_SETTINGS_MODULE": "clinic.settings", "HOME": str(self.directory),
            "PYTHONDONTWRITEBYTECODE": "1", "PYTHONWARNINGS": "ignore"}
        # Names of its user would go into a repository that its scaffold makes.
        self.environment.update({f"GIT_{who}_{what}": "clinic@clinic.test" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")})
        self._run(programs / "opal", "startproject", "clinic", cwd=self.directory)
        self.clinic = self.directory / "clinic"
        settings = self.clinic / "clinic/settings.py"
        settings.write_text(settings.read_text() + "\nALLOWED_HOSTS = ['*']\n")
        self._run(programs / "python", "-c", SEED.format(users=USERS, patients=PATIENTS, password=PASSWORD), cwd=self.clinic)
        for _ in range(5):
            self.port = refused_port()
            self.log = open(self.directory / "opal.log", "ab")
            self.process = subprocess.Popen(
                [programs / "python", "manage.py", "runserver", "--noreload", "--insecure", f"127.0.0.1:{self.port}"], cwd=self.clinic,
                env=self.environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True)
            if until(lambda: state(self.process, self.port), 60, "OPAL") == "up":
                return
            self.log.close()
        raise AssertionError("OPAL does not start:\n" + (self.directory / "opal.log").read_text())

    def _run(self, *command, cwd):
        ended = subprocess.run(command, cwd=cwd, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100)
        assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-4000:]

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self):
        return (self.directory / "opal.log").read_text()

    def stop(self):
        # Django's own server ends by this without a word.
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
        self.log.close()
        until(lambda: not processes_of_session(self.process.pid), 10, "OPAL's processes to be gone")
        shutil.rmtree(self.directory, ignore_errors=True)
