#!/usr/bin/env python3
"""Every limit that can be set is documented with its default.    // checklist 73"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def main():
    source = (ROOT / "src/server/config.cc").read_text()
    page = (ROOT / "docs/latchkeyd.md").read_text()
    wrong = []
    for section, reader in (("limits", "read_limits"), ("workers", "read_workers"), ("listen", "read_listen")):
        body = source.partition(f"Result<> {reader}(")[2].partition("\n}\n")[0]
        names = re.findall(r'in\.read\("(\w+)"', body)
        told = page.partition(f"\n[{section}]")[2].partition("\n[")[0]
        wrong += [f"docs/latchkeyd.md: [{section}] has no {name}" for name in names
                  if not re.search(rf"^{name} = ", told, re.M)]
        if not names:
            wrong.append(f"{reader} reads nothing")
    print("\n".join(wrong) or "every limit is documented")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
