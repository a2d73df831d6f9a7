#!/usr/bin/env python3
"""The rules of the house that a compiler does not hold (docs/decisions, CONTRIBUTING.md).

Prints each broken rule as FILE:LINE: what is wrong, and exits with 1 if there is any.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# ARCHITECTURE.md, "The dependency rule": folder → folders that it may include.
FOLDERS = {
    "base": "",
    "crypto": "base",
    "http": "base",
    "engine": "base crypto",
    "store/memory": "base engine",
    "store/sqlite": "base engine",
    "dialect": "base http engine",
    "dialects": "base crypto http engine dialect",
    "broker": "base crypto http engine dialect",
    "net": "base http",
    "client": "base http engine dialect broker net",
    "agent": "base http engine dialect broker net",
    "proxy": "base crypto http engine dialect broker net",
    "shell": "",
    "server": "base crypto http engine dialect net shell",
    "cli": "base http engine dialect broker net client agent proxy shell",
    "apps": "base crypto http engine store/memory store/sqlite dialect dialects broker net client agent proxy shell server cli",
}
# Outside libraries, by the start of the header's name → who may include it.
LIBRARIES = {
    "openssl/": "crypto net",
    "sodium": "base crypto",
    "liboath/": "crypto",
    "sqlite3": "store/sqlite broker/database",
    "boost/json": "base/json.cc",
    "boost/": "base/json.cc net server apps",
    "curl/": "net",
    "toml++": "broker server apps",
    "CLI/": "shell cli server apps",
    "spdlog": "base/log.cc",
    "fmt/": "base/log.cc",
}
PROVIDERS = re.compile(r"\b(fastconnect|chathub|smsbat|alor|sinopac|tconnect)\b", re.IGNORECASE)
# Test code may hand values around as it likes; src may not.
TEST = re.compile(r"(_test\.cc$|^tests/|[/_]testing\.|^fuzz/|^bench/)")
HOSTS = re.compile(r"registry\.npmjs|pypi\.org|deb\.debian\.org|crates\.io|proxy\.golang|maven\.org")
MOST_LINES = 400
PUBLIC_BYTES = ("src/broker/vault_schema.cc",)  # compares what is no secret: the magic of a file

problems = []


def problem(path, line, what):
    problems.append(f"{path}:{line}: {what}")


def files(*patterns):
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", *patterns], cwd=ROOT,
                            capture_output=True, text=True, check=True).stdout.split("\n")
    return [name for name in listed if name and (ROOT / name).is_file()]


def folder_of(path):
    inside = path.removeprefix("src/")
    for folder in sorted(FOLDERS, key=len, reverse=True):
        if inside.startswith(folder + "/"):
            return folder
    return None


def owner(path):
    """dialects/alor for src/dialects/alor/codec.cc: a dialect includes no other dialect."""
    return "/".join(path.removeprefix("src/").split("/")[:-1])


def check_includes(path, line, text):
    folder = folder_of(path)
    if folder is None:
        return
    local = re.match(r'#include "([^"]+)"', text)
    if local:
        name = local[1]
        if ".." in name:
            problem(path, line, "an include climbs out of its folder")
        target = folder_of("src/" + name)
        mine = owner(path) == "/".join(name.split("/")[:-1])
        allowed = FOLDERS[folder].split()
        same_folder = target == folder and folder != "dialects"
        in_test = TEST.search(path) is not None
        if not (mine or same_folder or target in allowed or in_test):
            problem(path, line, f"{folder} may not include {name}")
    outside = re.match(r"#include <([^>]+)>", text)
    if outside and not TEST.search(path):
        inside = path.removeprefix("src/")
        for start, who in LIBRARIES.items():
            if outside[1].startswith(start):
                if not any(inside.startswith(w) for w in who.split()):
                    problem(path, line, f"{outside[1]} is not for this folder")
                break


def check_line(path, line, text):
    test = TEST.search(path) is not None
    code = re.sub(r'//.*$|"(\\.|[^"\\])*"', "", text)
    if path.startswith("src/"):
        before = code.split("TRY(")[0].rstrip()
        if "TRY(" in code and not code.startswith("#define") and (
                code.count("TRY(") > 1 or not (before == "" or before[-1] in "=:)" or before.endswith("else"))):
            problem(path, line, "TRY only initialises a named variable or stands alone")
        if re.search(r"(system_clock|steady_clock)::now", code) and path != "src/broker/deadline.h" and folder_of(path) not in ("net", "apps") and not test:
            problem(path, line, "time is an argument; clocks are read in net/ and apps/")
        if PROVIDERS.search(text) and not test and not path.startswith("src/dialects/") \
                and path not in ("src/apps/dialects.cc", "src/apps/CMakeLists.txt", "src/CMakeLists.txt") \
                and not path.endswith("README.md"):
            problem(path, line, "a provider's name outside its dialect")
        if re.search(r"\bgetenv\(", code) and path != "src/broker/mutant.cc" and folder_of(path) not in ("apps", "cli", "client") and not test:
            problem(path, line, "the environment is read in apps/, cli/ and client/")
        if re.search(r"\b(system|popen|strcpy|sprintf|gets)\(", code) and not test:
            problem(path, line, "not this function")
        if not test and (re.search(r"reveal\(\) *[!=]=|[!=]= *[\w.:>()-]*reveal\(\)", code) or (
                re.search(r"\bmemcmp\(", code) and path not in PUBLIC_BYTES)):
            problem(path, line, "secrets are compared by Secret's == or crypto::same_bytes, in constant time (checklist 60)")
    if re.search(r"\bDISABLED_|GTEST_SKIP\(\)\s*;", code):
        problem(path, line, "a disabled test, or a skip without a reason")
    if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", text) and path != "tools/check_source.py":
        problem(path, line, "left open in the code")
    if test and not path.startswith("bench/") and re.search(r"sleep_for\(|usleep\(|\bsleep\(\d", code):
        problem(path, line, "a test that sleeps")


def check_why_switches(path, text):
    """A switch over Why has no default, so that a new reason breaks the build."""
    for found in re.finditer(r"switch \([^)]*why[^)]*\) \{(.*?)\n(\s*)\}\n", text, re.S | re.I):
        body = found[1]
        if "case Why::" in body and re.search(r"^\s*default:", body, re.M):
            problem(path, text[:found.start()].count("\n") + 1, "a switch over Why with a default")


def check_reveal():
    """The ways out of a Secret are a reviewed list: tools/reveal.txt has file and count."""
    counts = {}
    for path in files("src/*.cc", "src/*.h"):
        if TEST.search(path) or path == "src/base/secret.h":
            continue
        n = (ROOT / path).read_text().count("reveal()")
        if n:
            counts[path] = n
    listing = ROOT / "tools/reveal.txt"
    if "--update-reveal" in sys.argv:
        listing.write_text("# Reviewed callers of Secret::reveal(): file, how often.\n" +
                           "".join(f"{p} {n}\n" for p, n in sorted(counts.items())))
    known = {}
    for row in listing.read_text().split("\n") if listing.exists() else []:
        if row and not row.startswith("#"):
            name, n = row.split()
            known[name] = int(n)
    for path in sorted(set(counts) | set(known)):
        if counts.get(path, 0) != known.get(path, 0):
            problem(path, 1, f"reveal() is called {counts.get(path, 0)} times, reviewed were "
                             f"{known.get(path, 0)}; look at each, then tools/check_source.py --update-reveal")


def check_settings_are_documented():
    """Every setting of a dialect, in both directions, stands in the table of its page."""
    for path in files("src/dialects/*/facts.cc"):
        name = path.split("/")[2]
        page = f"docs/dialects/{name}.md"
        text = (ROOT / path).read_text()
        declared = re.search(r"Setting kSettings\[\] = \{(.*?)\n\};", text, re.S)
        settings = set(re.findall(r'\{"(\w+)",\s*Kind::', declared[1])) if declared else set()
        if not settings:
            problem(path, 1, "no settings found in kSettings")
        told = (ROOT / page).read_text().partition("\n## Settings")[2].partition("\n## ")[0]
        rows = {word for row in re.findall(r"^\|([^|]*)\|", told, re.M) for word in re.findall(r"`(\w+)`", row)}
        for missing in sorted(settings - rows):
            problem(page, 1, f"the setting {missing} is not in the table")
        for gone in sorted(rows - settings):
            problem(page, 1, f"there is no setting {gone}")


def main():
    for path in files("*.cc", "*.h", "*.hpp"):
        text = (ROOT / path).read_text()
        lines = text.split("\n")
        if len(lines) > MOST_LINES:
            problem(path, MOST_LINES, f"{len(lines)} lines; a file tells one story")
        for number, line in enumerate(lines, 1):
            if path.startswith("src/"):
                check_includes(path, number, line)
            check_line(path, number, line)
        check_why_switches(path, text)
    for path in files():
        if path.endswith((".png", ".db", ".json")) or path == "tools/check_source.py":
            continue
        for number, line in enumerate((ROOT / path).read_text(errors="replace").split("\n"), 1):
            if "/work/" in line or HOSTS.search(line):
                problem(path, number, "names a path of a machine or a package registry's host")
    for folder in sorted({owner(p) for p in files("src/*.cc", "src/*.h")}):
        if not (ROOT / "src" / folder / "README.md").is_file():
            problem(f"src/{folder}", 1, "has no README.md")
    check_reveal()
    check_settings_are_documented()
    for line in problems:
        print(line)
    print(f"check_source: {len(problems)} problems" if problems else "check_source: ok")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
