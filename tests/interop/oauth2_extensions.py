#!/usr/bin/env python3
"""npm oauth4webapi against what extends our OAuth: registration, pushed requests, private_key_jwt,
DPoP, the device grant and token exchange; --nonce yes: DPoP proofs need nonces."""
import install
from story import Story, arguments, run_client

from authority import Authority  # noqa: E402


def main():
    options = arguments(nonce={"choices": ["yes", "no"], "required": True})
    packages = install.node_packages(options.kit)
    story = Story()
    settings = {"registration": "open", "token_exchange": True, "scopes": "openid profile read write",
                "audience": "https://api.example", "dpop_nonce": options.nonce == "yes"}
    with Authority(options.bin, "oauth2", settings) as authority:
        password = "correct horse battery"
        authority.admin("user", "create", "ann", "--password-file", authority.secret_file(password))
        front = authority.admin("client", "create", "front", "--redirect-uri", "https://client.example/cb")
        back = authority.admin("client", "create", "back", "--scope", "read", "--resource", "https://api.example",
                               "--grant", "urn:ietf:params:oauth:grant-type:token-exchange")
        authority.serve()
        given = {"base": authority.base, "user": {"login": "ann", "password": password},
                 "front": {"id": "front", "secret": front["client_secret"]},
                 "back": {"id": "back", "secret": back["client_secret"]}}
        run_client(story, [packages / "node", "oauth2_extensions.mjs"], given, packages)
    story.end()


if __name__ == "__main__":
    main()
