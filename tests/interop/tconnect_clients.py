#!/usr/bin/env python3
"""Seed 004's flow in --language python, node or php: encrypt, log in, list, refresh; and whether the
token's RS256 signature holds, with nothing but integers."""
import base64
import hashlib
import json

from story import Story, arguments, hear_client

from sandbox import Sandbox  # noqa: E402

FIELDS = ["access_token", "expires_in", "refresh_token", "refresh_expires_in", "token_type", "session_state", "scope"]
SHA256_OF = bytes.fromhex("3031300d060960864801650304020105000420")  # DigestInfo, RFC 8017 section 9.2


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def signed_by(token, key):
    """RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017), the key as a JWK."""
    n, e = (int.from_bytes(decoded(key[name]), "big") for name in ("n", "e"))
    size = (n.bit_length() + 7) // 8
    signing_input, _, signature = token.rpartition(".")
    digest = SHA256_OF + hashlib.sha256(signing_input.encode()).digest()
    padded = b"\x00\x01" + b"\xff" * (size - len(digest) - 3) + b"\x00" + digest
    return pow(int.from_bytes(decoded(signature), "big"), e, n).to_bytes(size, "big") == padded


def main():
    options = arguments(language={"required": True})
    story = Story()
    with Sandbox(options.bin, "--dialect", "tconnect") as sandbox:
        system = sandbox.info["systems"]["tconnect"]
        client, user = system["clients"][0], system["users"][0]
        said = hear_client(options, "tconnect", {
            "base": sandbox.base, "partner": client["partner"], "key": client["shared_key"],
            "credentials": {"username": user["login"], "password": user["password"],
                            "client_id": client["id"], "client_secret": client["secret"]},
            "period": json.loads(system["endpoints"]["proof"]["body"])})
    status, login = said["login"]
    story.claim("login: seven fields in order", status == 200 and list(login) == FIELDS, said["login"])
    story.claim("10 hours, a day, Bearer", (login["expires_in"], login["refresh_expires_in"], login["token_type"])
                == (36000, 86400, "Bearer"), login)
    header = json.loads(decoded(login["access_token"].split(".")[0]))
    story.claim("an RS256 token that the published key signed", header["alg"] == "RS256"
                and signed_by(login["access_token"], system["keys"][0]), header)
    mangled = login["access_token"][:-8] + "AAAAAAAA"
    story.claim("and a mangled one it did not", not signed_by(mangled, system["keys"][0]))
    status, refresh = said["refresh"]
    story.claim("refresh: the same seven, new", status == 200 and list(refresh) == FIELDS
                and refresh["access_token"] != login["access_token"], said["refresh"])
    story.claim("of the same session", refresh["session_state"] == login["session_state"])
    for name in ("list", "list_again"):
        story.claim(f"{name}: a page of payments", said[name][0] == 200 and said[name][1]["transactions"] == [], said[name])
    story.claim("a wrong password: 401 invalid_grant", said["wrong_password"][0] == 401
                and said["wrong_password"][1]["error"] == "invalid_grant", said["wrong_password"])
    story.claim("no token: 401 invalid_token", said["no_token"][0] == 401
                and said["no_token"][1]["error"] == "invalid_token", said["no_token"])
    story.end()


if __name__ == "__main__":
    main()
