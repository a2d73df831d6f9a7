#!/usr/bin/env python3
"""Every limit that can be set is documented with its default, a realm's settings too.    // checklist 73"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def untold(facts):
    """What the page of a dialect does not say, or says wrongly, of its settings."""
    name = f"docs/dialects/{facts.parent.name}.md"
    settings = re.findall(r'\{"(\w+)", Kind::k\w+, "([^"]*)"', facts.read_text())
    if not settings:
        yield f"{facts.parent.name} has no settings"
    for setting, default in settings:
        rows = re.findall(rf"^\| `{setting}`[^|]*\|([^|]*)\|", (ROOT / name).read_text(), re.M)
        if not any(row.strip().startswith(f"`{default}`" if default else "") for row in rows):
            yield f"{name}: {setting} does not say its default, {default!r}"


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
    wrong += [complaint for facts in sorted(ROOT.glob("src/dialects/*/facts.cc")) for complaint in untold(facts)]
    print("\n".join(wrong) or "every limit is documented")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
