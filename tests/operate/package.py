#!/usr/bin/env python3
"""The Debian packages of a build tree: what is in them, lintian, and that the container has what the package asks for.

    package.py --bin DIRECTORY --build DIRECTORY
"""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
WANTED = {
    "latchkey": ["/usr/bin/latchkey", "/usr/lib/systemd/user/latchkey-agent.socket", "/usr/share/man/man1/latchkey.1.gz",
                 "/usr/share/bash-completion/completions/latchkey", "/usr/share/zsh/vendor-completions/_latchkey"],
    "latchkeyd": ["/usr/bin/latchkeyd", "/lib/systemd/system/latchkeyd.service", "/usr/lib/sysusers.d/latchkeyd.conf",
                  "/usr/share/man/man8/latchkeyd.8.gz",
                  "/usr/share/bash-completion/completions/latchkeyd", "/usr/share/zsh/vendor-completions/_latchkeyd",
                  "/usr/share/fish/vendor_completions.d/latchkeyd.fish", "/etc/logrotate.d/latchkeyd",
                  "/usr/share/doc/latchkeyd/examples/latchkeyd.toml"],
    "liblatchkey1": ["/usr/lib/liblatchkey.so.1"],
    "liblatchkey-dev": ["/usr/include/latchkey.h", "/usr/lib/liblatchkey.so"],
}
# Loaded by name when they are needed, so no tool finds them.
LOADED = {"latchkey": ["libssl3", "libsqlite3-0", "libcurl4"], "latchkeyd": ["libssl3", "libsqlite3-0", "libcurl4"],
          "liblatchkey1": ["libcurl4"]}



def must(*words):
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def check(true, what):
    if not true:
        sys.exit(what)


def container_lacks_nothing(depends):
    """The Containerfile installs exactly what the package depends on, and copies nothing that is not there."""
    said = (ROOT / "packaging/Containerfile").read_text().replace("\\\n", " ")
    stages = said.split("\nFROM ")
    installed = set(re.search(r"apt-get install -y -q --no-install-recommends([^&]*)", stages[-1])[1].split())
    # libc6 and the compiler's runtime are in every Debian; the user is made of the Containerfile's own number.
    needed = {re.split(r"[ (|]", one.strip())[0] for one in depends.split(",")} - {"libc6", "libgcc-s1", "systemd"}
    check(installed == needed, f"the container has {sorted(installed)}, the package needs {sorted(needed)}")
    for line in re.findall(r"^COPY (?!--from)(.*)$", said, re.M):
        for source in line.split()[:-1]:
            check((ROOT / source).exists(), f"the Containerfile copies {source}, which is not there")
    check("\nUSER 10001:10001\n" in stages[-1], "the container runs as root")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    build = parser.parse_args().build
    with tempfile.TemporaryDirectory(prefix="latchkey-") as folder:
        must(ROOT / "tools/package", build, folder)
        packages = {path.name.split("_")[0]: path for path in pathlib.Path(folder).glob("*.deb")}
        scripts = pathlib.Path(folder) / "scripts"
        must("dpkg-deb", "-e", packages["latchkeyd"], scripts)
        check("systemd-sysusers" in (scripts / "postinst").read_text(), "nobody makes the user")
        check("deb-systemd-invoke" in (scripts / "postinst").read_text(), "an upgrade restarts nothing")
        check(set(packages) == set(WANTED), f"packages: {sorted(packages)}")
        for name, path in packages.items():
            inside = [line.split()[5].removeprefix(".") for line in must("dpkg-deb", "-c", path).splitlines()]
            for file in WANTED[name]:
                check(file in inside, f"{name} lacks {file}")
            depends = must("dpkg-deb", "-f", path, "Depends")
            for library in LOADED.get(name, []):
                check(library in depends, f"{name} does not depend on {library}: {depends}")
        container_lacks_nothing(must("dpkg-deb", "-f", packages["latchkeyd"], "Depends"))
        said = must("lintian", "--allow-root", "--tag-display-limit", "0", "--fail-on", "error,warning", *packages.values())
        check(said.strip() == "", said)
    print("four packages, lintian has nothing to say")


if __name__ == "__main__":
    main()
