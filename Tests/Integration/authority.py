"""A certificate authority for tests, made with openssl in a folder of its own."""

import subprocess
from pathlib import Path

KINDS = {"rsa": ["rsa:2048"], "ec": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]}


def openssl(*arguments, input=None):
    return subprocess.run(["openssl", *map(str, arguments)], input=input, capture_output=True, check=True, timeout=60)


class Authority:
    def __init__(self, folder, name="Test Authority"):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.pem = self.folder / "ca.pem"
        self.key = self.folder / "ca.key"
        openssl(
            "req", "-x509", "-newkey", *KINDS["ec"], "-nodes", "-keyout", self.key, "-out", self.pem, "-days", 30, "-subj", f"/CN={name}",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign,digitalSignature")
        self.serial = 1000

    def issue(self, folder, name, hosts, kind="ec", days=30, usage="serverAuth,clientAuth", more="", subject=None):
        """A certificate NAME.pem and its key NAME.key in `folder`; each is put in place at once."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.serial += 1
        work = self.folder / str(self.serial)
        work.mkdir()
        names = ",".join(("IP:" if host[0].isdigit() else "DNS:") + host for host in hosts)
        (work / "ext").write_text(f"subjectAltName={names}\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage={usage}\n{more}\n")
        openssl("req", "-newkey", *KINDS[kind], "-nodes", "-keyout", work / "key", "-out", work / "csr", "-utf8", "-subj", subject or f"/CN={name}")
        openssl(
            "x509", "-req", "-in", work / "csr", "-CA", self.pem, "-CAkey", self.key, "-set_serial", self.serial, "-days", days,
            "-extfile", work / "ext", "-out", work / "pem")
        (work / "key").chmod(0o600)
        (work / "key").rename(folder / f"{name}.key")
        (work / "pem").rename(folder / f"{name}.pem")
        return folder / f"{name}.pem", folder / f"{name}.key"

    def staple(self, certificate, days=1):
        """The authority's word that a certificate is good, in the file that the gateway looks for beside it."""
        serial = openssl("x509", "-in", certificate, "-noout", "-serial").stdout.decode().strip().partition("=")[2]
        index = self.folder / "index.txt"
        index.write_text(f"V\t300101000000Z\t\t{serial}\tunknown\t/CN=x\n")
        request = self.folder / "request.der"
        openssl("ocsp", "-issuer", self.pem, "-cert", certificate, "-reqout", request)
        made = self.folder / "response.der"
        openssl(
            "ocsp", "-index", index, "-CA", self.pem, "-rsigner", self.pem, "-rkey", self.key, "-reqin", request, "-respout", made,
            "-ndays", days)
        target = Path(str(certificate) + ".ocsp")
        made.rename(target)
        return target
