#!/usr/bin/env python3
"""OAuth clients that others wrote, against our Sinopac face: --library oauth4webapi or openid_client."""
import install
from story import HERE, Story, arguments, run_client

from sandbox import Sandbox  # noqa: E402


def main():
    options = arguments(library={"required": True})
    packages = install.node_packages(options.kit)
    story = Story()
    with Sandbox(options.bin, "--dialect", "sinopac") as sandbox:
        system = sandbox.info["systems"]["sinopac"]
        given = {"base": sandbox.base, "client": system["clients"][0], "user": system["users"][0]}
        run_client(story, [packages / "node", f"sinopac_{options.library}.mjs"], given, packages)
    story.end()


if __name__ == "__main__":
    main()
