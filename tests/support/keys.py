"""Private keys that anybody may know: those of RFC 7515, appendices A.2 and A.3."""
import json
import pathlib

VECTORS = pathlib.Path(__file__).resolve().parents[2] / "vectors/jose/rfc7515.json"
PUBLIC = ("kty", "crv", "x", "y", "n", "e", "kid")


def private_jwk(alg, kid):
    """The JWK of ES256 or RS256, as an object."""
    examples = json.loads(VECTORS.read_text())["examples"]
    return dict(next(one["jwk"] for one in examples if one["alg"] == alg), kid=kid)


def public_set(jwk):
    """What a client registers of it: a JWK set."""
    return {"keys": [{name: jwk[name] for name in PUBLIC if name in jwk}]}
