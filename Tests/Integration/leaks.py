"""Looks for a value in every dress that a careless program might give it."""

import base64
import urllib.parse


def disguises(value):
    """`value` in clear, in hexadecimal, in base64 at each alignment, percent-encoded, and backwards."""
    data = value.encode()
    found = {value, data.hex(), data.hex().upper(), value[::-1], "".join(f"%{byte:02x}" for byte in data), "".join(f"%{byte:02X}" for byte in data)}
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for shift in range(3):
            # Only whole groups that the value alone decides: what stands before and after it is not known.
            text = encode(b"\x00" * shift + data).decode().rstrip("=")
            first = [0, 2, 3][shift]
            last = len(text) if (shift + len(data)) % 3 == 0 else len(text) - 1
            found.add(text[first:last])
    found.add(base64.b32encode(data).decode().rstrip("=")[:-1])
    return {entry for entry in found if len(entry) >= 8}


def mentions(value, text):
    """The disguise in which `value` stands in `text`, also after percent-decoding; or None."""
    for view in (text, urllib.parse.unquote(text)):
        for disguise in disguises(value):
            if disguise in view:
                return disguise
    return None
