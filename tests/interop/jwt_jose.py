#!/usr/bin/env python3
"""npm jose verifies the tokens that have public keys: ALOR's and TCONNECT's."""
import json
import os
import subprocess

import install
from story import Story, arguments, run_client

from person import UUID, Person  # noqa: E402
from sandbox import Sandbox  # noqa: E402


def alor_token(sandbox, system):
    user = system["users"][0]
    _, page = Person(user["login"], user["password"], "ru").walk(sandbox.base + "/tokens")
    return json.loads(sandbox.fetch("POST", f"/refresh?token={UUID.search(page)[0]}")[2])["AccessToken"]


def tconnect_token(sandbox, system):
    client, user, iv = system["clients"][0], system["users"][0], os.urandom(16).hex()
    plain = {"username": user["login"], "password": user["password"], "client_id": client["id"], "client_secret": client["secret"]}
    sealed = subprocess.run(["openssl", "enc", "-aes-256-cbc", "-K", client["shared_key"], "-iv", iv],
                            input=json.dumps(plain).encode(), capture_output=True, check=True).stdout
    headers = {"Partner-Code": client["partner"], "Content-Type": "application/json"}
    body = json.dumps({"data": iv + sealed.hex()})
    return json.loads(sandbox.fetch("POST", "/openapi/v1/auth/login", body, headers)[2])["access_token"]


def main():
    options = arguments()
    packages = install.node_packages(options.kit)
    install.program("openssl")
    story = Story()
    with Sandbox(options.bin, "--dialect", "alor", "--dialect", "tconnect") as sandbox:
        alor, tconnect = sandbox.info["systems"]["alor"], sandbox.info["systems"]["tconnect"]
        run_client(story, [packages / "node", "jose.mjs"], {"base": sandbox.base, "tokens": [
            {"name": "ALOR", "token": alor_token(sandbox, alor), "keys": alor["keys"], "alg": "ES256", "typ": "JWT",
             "issuer": "Alor.Identity", "claims": ["sub", "ent", "ein", "clientid", "azp", "agreements", "portfolios",
                                                   "scope", "exp", "iat", "iss", "aud"]},
            {"name": "TCONNECT", "token": tconnect_token(sandbox, tconnect), "keys": tconnect["keys"], "alg": "RS256",
             "typ": "JWT", "issuer": "urn:latchkey:tconnect", "claims": ["exp", "iat", "jti", "iss", "sub"]},
        ]}, packages)
    story.end()


if __name__ == "__main__":
    main()
