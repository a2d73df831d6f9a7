"""A resource server that knows an issuer by its JWK set alone: JWTs with ES256, checked with openssl."""
import base64
import json
import pathlib
import subprocess
import tempfile

# RFC 5480: a public key of P-256, up to its point.
POINT = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200") + b"\x04"


def unbased(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def kid_of(token):
    return json.loads(unbased(token.split(".")[0]))["kid"]


def verifies(token, jwks):
    """Whether the set has the key that the token names, and that key has signed it."""
    head, body, signature = token.split(".")
    key = next((one for one in jwks["keys"] if one["kid"] == kid_of(token)), None)
    if key is None or json.loads(unbased(head))["alg"] != "ES256":
        return False
    with tempfile.TemporaryDirectory(prefix="latchkey-") as folder:
        place = pathlib.Path(folder)
        (place / "key").write_bytes(POINT + unbased(key["x"]) + unbased(key["y"]))
        (place / "signature").write_bytes(as_der(unbased(signature)))
        done = subprocess.run(["openssl", "dgst", "-sha256", "-keyform", "DER", "-verify", place / "key",
                               "-signature", place / "signature"], input=f"{head}.{body}".encode(),
                              capture_output=True, timeout=60)
    return done.returncode == 0


def as_der(signature):
    """RFC 7518 section 3.4 has r and s side by side; openssl wants a sequence of both."""
    numbers = b"".join(integer(half) for half in (signature[:32], signature[32:]))
    return bytes([0x30, len(numbers)]) + numbers


def integer(half):
    number = int.from_bytes(half, "big")
    text = number.to_bytes(number.bit_length() // 8 + 1, "big")
    return bytes([0x02, len(text)]) + text
