#!/usr/bin/env python3
"""The installed tree, as another project meets it.

    run.py --bin DIRECTORY --build DIRECTORY --compiler g++-12    builds and runs the consumer
    run.py --bin DIRECTORY --build DIRECTORY                      examples, exports, documents
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE.parent / "support"), str(HERE.parent / "interop")]
import install  # noqa: E402
from five import Five  # noqa: E402

C_COMPILER = {"g++-12": "gcc-12", "clang++-19": "clang-19"}
JWT = r"[\w-]+\.[\w-]+\.[\w-]+"


def must(*command, **options):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=240, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def check(true, what):
    if not true:
        raise AssertionError(what)


class Tree:
    """What `make install` makes, below a DESTDIR."""

    def __init__(self, build, directory):
        self.prefix = directory / "dest/opt/latchkey"
        must("cmake", "--install", build, "--prefix", "/opt/latchkey", env=dict(os.environ, DESTDIR=str(directory / "dest")))
        self.library = next(self.prefix.glob("lib*/**/liblatchkey.so.1")).parent

    def environment(self, five):
        """Of a program that uses it."""
        made = dict(five.broker.environment, LD_LIBRARY_PATH=str(self.library),
                    PATH=f"{self.prefix / 'bin'}:{os.environ['PATH']}", no_proxy="*")
        if five.sandbox.offset:
            made["LATCHKEY_CLOCK_OFFSET"] = five.sandbox.offset
        return made


# -- the consumer -----------------------------------------------------------------------


def with_find_package(tree, directory, compiler):
    must("cmake", "-G", "Ninja", "-S", HERE / "consumer", "-B", directory / "cmake", f"-DCMAKE_PREFIX_PATH={tree.prefix}",
         f"-DCMAKE_CXX_COMPILER={compiler}", f"-DCMAKE_C_COMPILER={C_COMPILER[compiler]}",
         "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror", "-DCMAKE_C_FLAGS=-Wall -Wextra -Wpedantic -Werror")
    must("cmake", "--build", directory / "cmake")
    return directory / "cmake/consumer", directory / "cmake/plain"


def with_pkg_config(tree, directory, compiler):
    environment = dict(os.environ, PKG_CONFIG_PATH=str(tree.library / "pkgconfig"))
    flags = must("pkg-config", "--cflags", "--libs", "latchkey >= 0.1", env=environment).split()
    source, program = HERE / "consumer/consumer.cc", directory / "consumer-pkg-config"
    # The newest standard that the compiler has, too: find_package builds with the oldest.
    must(compiler, "-std=c++20", "-pthread", source, "-o", program, *flags)
    return program


def run(tree, five, program, *words, code=0):
    codes = code if isinstance(code, tuple) else (code,)
    done = subprocess.run([program, *words], env=tree.environment(five), capture_output=True, text=True, timeout=120)
    check(done.returncode in codes, f"{program.name} {words}: {done.returncode}, not {codes}: {done.stdout}{done.stderr}")
    return done


def judge_consumer(tree, five, program, renewals):
    """One run: every face gives the same token, and it was renewed so often."""
    before = len(five.renewals("ssi"))
    told = run(tree, five, program, "ssi", "chat").stdout
    token = five.token("ssi")
    for line in (f"Authorization: Bearer {token}", "threads: 1 token", f"future: {token}", f"callback: {token}",
                 f"asio: {token}", "other: another token"):
        check(line + "\n" in told, f"no line {line!r} in\n{told}")
    check(re.search(r"^status: alive, a person is needed (one day|never): latchkey login ssi$", told, re.M), told)
    check(five.accepts("ssi", token), "the authority does not take it")
    made = len(five.renewals("ssi")) - before
    check(made == renewals, f"{made} renewals instead of {renewals}")


def test_consumer(options, directory):
    if shutil.which(options.compiler) is None:
        install.skip(f"there is no {options.compiler}")
    tree = Tree(options.build, directory)
    program, plain = with_find_package(tree, directory, options.compiler)
    other = with_pkg_config(tree, directory, options.compiler)
    with Five(options.bin, directory) as five:
        refused = run(tree, five, program, "ssi", "chat", code=3)
        check(refused.stderr == "ssi is not logged in; run: latchkey login ssi\n", refused.stderr)
        refused = run(tree, five, program, "nobody", "chat", code=4)
        check('no profile "nobody"' in refused.stderr and "ssi" in refused.stderr, refused.stderr)
        for profile in ("ssi", "chat"):
            five.login(profile)
        judge_consumer(tree, five, program, renewals=0)
        for one in (program, other):
            five.expire("chat")  # and that of ssi, which lives shorter
            five.latchkey("login", "ssi", "--no-otp")
            five.expire("ssi")
            judge_consumer(tree, five, one, renewals=1)
        check(run(tree, five, plain, "ssi").stdout == f"Authorization: Bearer {five.token('ssi')}\n", "in C")
        revoked(tree, five, program)


def revoked(tree, five, program):
    """The provider ended the session: the code and the command, and no storm."""
    five.sandbox.control("revoke", "fastconnect")
    five.expire("ssi")
    before = len(five.renewals("ssi"))
    # The thread that asked the provider hears 5; whoever comes after it, 3.
    refused = run(tree, five, program, "ssi", "chat", code=(5, 3))
    check("run: latchkey login ssi" in refused.stderr, refused.stderr)
    refused = run(tree, five, program, "ssi", "chat", code=3)
    check("run: latchkey login ssi" in refused.stderr, refused.stderr)
    made = len(five.renewals("ssi")) - before
    check(made == 1, f"a dead token was sent {made} times by 64 threads")


# -- examples, exports, documents ----------------------------------------------------------


def test_examples(options, directory):
    tree = Tree(options.build, directory)
    exports_are_ours(tree)
    documents_show_these_files()
    runners = {"token.py": [sys.executable], "token.sh": ["bash"], "token.mjs": [install.node_program(options.build + "/interop")]}
    with Five(options.bin, directory) as five:
        five.login("chat")
        url = five.sandbox.base + "/api/operator"
        for name, runner in runners.items():
            if shutil.which(runner[0]) is None:
                install.skip(f"there is no {runner[0]} for {name}")
            example = ROOT / "examples" / name
            check(len(example.read_text().splitlines()) <= 16, f"{name} is long")
            told = must(*runner, example, "chat", url, env=tree.environment(five))
            check('"organization"' in told, f"{name}: {told}")
            refused = subprocess.run([*runner, example, "nobody", url], env=tree.environment(five),
                                     capture_output=True, text=True, timeout=60)
            check(refused.returncode != 0 and 'no profile "nobody"' in refused.stderr, f"{name}: {refused.stderr}")
        children_share_one_renewal(tree, five)


def children_share_one_renewal(tree, five):  # promises I1, I3: a single-use token, and many forks
    five.login("ssi")
    five.expire("ssi")
    before = len(five.renewals("ssi"))
    told = must(sys.executable, HERE / "forked.py", "chat", "ssi", env=tree.environment(five)).splitlines()
    check(len(told) == 13, told)
    check(set(told) == {"0 " + five.token("ssi")}, told)
    made = len(five.renewals("ssi")) - before
    check(made == 1, f"{made} renewals")


def exports_are_ours(tree):
    listed = must("nm", "-D", "--defined-only", tree.library / "liblatchkey.so.1").splitlines()
    names = {line.split()[-1].split("@")[0] for line in listed}
    check(all(re.fullmatch(r"latchkey_\w+|LATCHKEY_1", name) for name in names), f"exported: {sorted(names)}")
    header = (tree.prefix / "include/latchkey.h").read_text()
    declared = set(re.findall(r"^LATCHKEY_API [^(]*?(latchkey_\w+)\(", header, re.M))
    check(declared == names - {"LATCHKEY_1"}, f"declared and not exported, or the other way: {declared ^ names}")
    needed = must("objdump", "-p", tree.library / "liblatchkey.so.1")
    check("SONAME               liblatchkey.so.1" in needed, needed)


def documents_show_these_files():
    """docs/library.md: a fence below a line that names a file is that file."""
    text = (ROOT / "docs/library.md").read_text()
    shown = re.findall(r"^`([\w/.]+)`:\n\n```\w+\n(.*?)^```$", text, re.M | re.S)
    check(len(shown) >= 4, "the document shows too little")
    for name, sample in shown:
        check(sample == (ROOT / name).read_text(), f"docs/library.md does not show {name} as it is")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--build", required=True)
    parser.add_argument("--compiler", choices=sorted(C_COMPILER))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="latchkey-") as directory:
        (test_consumer if options.compiler else test_examples)(options, pathlib.Path(directory))
    print("ok")


if __name__ == "__main__":
    main()
