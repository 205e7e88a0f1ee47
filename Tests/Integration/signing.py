"""Keys of identity providers and clients, and the compact tokens that are signed with them (RFC 7515, 7517, 7518, 8037)."""

import base64
import functools
import hashlib
import hmac
import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

HASHES = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}
CURVES = {"ES256": (ec.SECP256R1, "P-256", 32), "ES384": (ec.SECP384R1, "P-384", 48)}


def encode(data):
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def number(value, size=None):
    return encode(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


def compact(value):
    return encode(json.dumps(value, separators=(",", ":")).encode())


@functools.lru_cache(maxsize=None)
def _rsa(place, bits):
    """RSA keys are dear: the tests of a process share them."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


class Key:
    """One key pair for one algorithm. Of RSA keys `place` tells one from another; all others are new."""

    def __init__(self, algorithm="RS256", kid=None, place=0, bits=2048):
        self.algorithm = algorithm
        self.kid = kid
        if algorithm[0] in "RP":
            self.private = _rsa(place, bits)
        elif algorithm == "EdDSA":
            self.private = ed25519.Ed25519PrivateKey.generate()
        else:
            self.private = ec.generate_private_key(CURVES[algorithm][0]())

    def sign(self, data, algorithm=None):
        algorithm = algorithm or self.algorithm
        if algorithm == "EdDSA":
            return self.private.sign(data)
        digest = HASHES[algorithm[2:]]()
        if algorithm.startswith("RS"):
            return self.private.sign(data, padding.PKCS1v15(), digest)
        if algorithm.startswith("PS"):
            return self.private.sign(data, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
        size = CURVES[algorithm][2]
        first, second = utils.decode_dss_signature(self.private.sign(data, ec.ECDSA(digest)))
        return first.to_bytes(size, "big") + second.to_bytes(size, "big")

    def verifies(self, data, signature):
        public = self.private.public_key()
        try:
            if self.algorithm == "EdDSA":
                public.verify(signature, data)
                return True
            digest = HASHES[self.algorithm[2:]]()
            if self.algorithm.startswith("RS"):
                public.verify(signature, data, padding.PKCS1v15(), digest)
            elif self.algorithm.startswith("PS"):
                public.verify(signature, data, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
            else:
                size = CURVES[self.algorithm][2]
                if len(signature) != 2 * size:
                    return False
                halves = [int.from_bytes(part, "big") for part in (signature[:size], signature[size:])]
                public.verify(utils.encode_dss_signature(*halves), data, ec.ECDSA(digest))
            return True
        except InvalidSignature:
            return False

    @property
    def jwk(self):
        """The public half, as it stands in a key set."""
        public = self.private.public_key()
        if self.algorithm[0] in "RP":
            numbers = public.public_numbers()
            made = {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e)}
        elif self.algorithm == "EdDSA":
            raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
            made = {"kty": "OKP", "crv": "Ed25519", "x": encode(raw)}
        else:
            _, curve, size = CURVES[self.algorithm]
            numbers = public.public_numbers()
            made = {"kty": "EC", "crv": curve, "x": number(numbers.x, size), "y": number(numbers.y, size)}
        made |= {"use": "sig", "alg": self.algorithm}
        return made | ({"kid": self.kid} if self.kid else {})

    @property
    def private_pem(self):
        return self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()

    @property
    def public_pem(self):
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def token(key, claims, header=None):
    """A signed token. In `header`, None takes a field away."""
    fields = {"alg": key.algorithm, "typ": "JWT", "kid": key.kid, **(header or {})}
    head = {name: value for name, value in fields.items() if value is not None}
    signed = f"{compact(head)}.{compact(claims)}"
    return f"{signed}.{encode(key.sign(signed.encode()))}"


def unsigned(claims, algorithm="none", signature=""):
    return f"{compact({'alg': algorithm, 'typ': 'JWT'})}.{compact(claims)}.{signature}"


def with_shared_secret(secret, claims, kid=None):
    """HS256, as who knows no more than a public key would sign with that."""
    signed = f"{compact({'alg': 'HS256', 'typ': 'JWT', **({'kid': kid} if kid else {})})}.{compact(claims)}"
    secret = secret if isinstance(secret, bytes) else secret.encode()
    return f"{signed}.{encode(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"


def flipped(text, at=-20):
    """The same token with one bit of its signature turned."""
    head, _, signature = text.rpartition(".")
    raw = bytearray(decode(signature))
    raw[at] ^= 1
    return f"{head}.{encode(bytes(raw))}"


def parts(text):
    """Header and claims of a token, unverified."""
    head, claims, _ = text.split(".")
    return json.loads(decode(head)), json.loads(decode(claims))


def half_hash(algorithm, text):
    """at_hash (OpenID Connect Core, section 3.1.3.6)."""
    digest = hashlib.new("sha512" if algorithm == "EdDSA" else "sha" + algorithm[2:], text.encode()).digest()
    return encode(digest[: len(digest) // 2])
