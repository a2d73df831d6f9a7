#!/usr/bin/env python3
"""The service's exposure, as systemd-analyze sees it; 77 without it."""
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
UNIT = ROOT / "packaging/systemd/latchkeyd.service"
MOST = 1.5


def main():
    program = shutil.which("systemd-analyze")
    if program is None:
        print("skipped: systemd-analyze is not installed")
        return 77
    done = subprocess.run([program, "security", "--offline=true", "--no-pager", UNIT], capture_output=True, text=True,
                          timeout=60)
    if "unrecognized option" in done.stderr:
        print("skipped: this systemd-analyze has no --offline")
        return 77
    found = re.search(r"Overall exposure level for latchkeyd.service: ([\d.]+)", done.stdout)
    if found is None:
        print(done.stdout + done.stderr)
        return 1
    print(f"exposure {found[1]}, at most {MOST}")
    return 0 if float(found[1]) <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
