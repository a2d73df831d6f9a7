#!/usr/bin/env python3
"""Walks through the pages with a real browser: run.py --bin DIRECTORY [--artefacts DIRECTORY]

Exits with 0, with 1 and what went wrong, or with 77 and the reason when it cannot run here.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE.parent / "support"), str(HERE.parent / "interop")]
import install  # noqa: E402
from sandbox import Sandbox  # noqa: E402


def browser_program():
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    install.skip("there is no Chromium")


def warn_about_fonts():
    """The pages are good without them; the pictures of the Chinese ones are not."""
    if shutil.which("fc-list") and not subprocess.run(["fc-list", ":lang=zh-tw"], capture_output=True).stdout:
        print("no font here has Chinese: its screenshots show boxes")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--artefacts", default=ROOT / "build" / "artefacts" / "pages")
    parser.add_argument("--kit", default=ROOT / "build" / "interop", help="where playwright-core is installed, once")
    given = parser.parse_args()

    chromium = browser_program()
    warn_about_fonts()
    packages = install.node_packages(given.kit, HERE)  # playwright-core; it brings no browser of its own
    artefacts = pathlib.Path(given.artefacts).resolve()
    shutil.rmtree(artefacts, ignore_errors=True)
    artefacts.mkdir(parents=True)
    with Sandbox(given.bin) as sandbox:
        orders = {"sandbox": sandbox.info, "chromium": chromium, "artefacts": str(artefacts),
                  "playwright": str(packages / "node_modules/playwright-core/index.mjs")}
        done = subprocess.run([packages / "node", HERE / "walks.mjs"], input=json.dumps(orders), text=True,
                              env=dict(os.environ, NO_PROXY="127.0.0.1,localhost"), timeout=900)
    print(f"screenshots: {artefacts}")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
