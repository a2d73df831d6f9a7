#!/usr/bin/env python3
"""The service's exposure, as systemd-analyze sees it."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
UNIT = ROOT / "packaging/systemd/latchkeyd.service"
MOST = 1.5


def main():
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", UNIT], capture_output=True,
                          text=True, timeout=60)
    found = re.search(r"Overall exposure level for latchkeyd.service: ([\d.]+)", done.stdout)
    if found is None:
        print(done.stdout + done.stderr)
        return 1
    print(f"exposure {found[1]}, at most {MOST}")
    return 0 if float(found[1]) <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
