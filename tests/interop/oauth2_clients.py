#!/usr/bin/env python3
"""Clients that others wrote, against our standard OAuth 2 and OpenID Connect: --library
oauth4webapi, openid_client or authlib."""
import install
from story import HERE, Story, arguments, run_client

from sandbox import Sandbox  # noqa: E402


def main():
    options = arguments(library={"required": True})
    python = options.library == "authlib"
    packages = None if python else install.node_packages(options.kit)
    program = [install.python(options.kit), "oauth2_authlib.py"] if python else [packages / "node", f"oauth2_{options.library}.mjs"]
    story = Story()
    with Sandbox(options.bin, "--dialect", "oauth2") as sandbox:
        system = sandbox.info["systems"]["oauth2"]
        given = {"base": sandbox.base, "issuer": sandbox.base + system["prefix"], "user": system["users"][0],
                 "support": str(HERE.parent / "support"),
                 "clients": {client["id"]: client for client in system["clients"]}}
        run_client(story, program, given, packages)
    story.end()


if __name__ == "__main__":
    main()
