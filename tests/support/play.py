"""Tests that are functions: those of a file whose names begin with "it_"."""
import argparse
import traceback


def play(tests):
    """Runs every function whose name begins with "it_", or the named ones."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    failed = 0
    for name, test in list(tests.items()):
        if not name.startswith("it_") or (options.names and name not in options.names):
            continue
        try:
            test(options.bin)
            print("ok  ", name, flush=True)
        except Exception:
            failed += 1
            print("FAIL", name, flush=True)
            traceback.print_exc()
    return 1 if failed else 0
