#!/usr/bin/env python3
"""What cannot be decrypted takes as much work whatever is wrong with it, counted in instructions by callgrind: a
padding that is right tells itself by nothing (checklist 61). decrypt.py PROGRAM"""
import re
import subprocess
import sys
import tempfile

SIZE = 320
MOST = 1.01  # of the least work; a wrong padding that was not read on made 1.05
TAILS = {"right, one byte": "01", "right, two bytes": "0202", "zero": "00", "one byte says two": "02",
         "longer than a block": "11", "no number of bytes": "ff", "another byte inside": "020203"}


def work(program, size, tail):
    """Instructions of opening such envelopes, none of which opens."""
    with tempfile.NamedTemporaryFile(prefix="latchkey-") as out:
        done = subprocess.run(["valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={out.name}",
                               program, str(size), tail], capture_output=True, text=True, timeout=120)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or done.stdout != "0\n" or found is None:
        sys.exit(f"{tail}: {done.returncode} {done.stdout}{done.stderr}")
    return int(found[1])


def main():
    program = sys.argv[1]
    counted = {name: work(program, SIZE, tail) for name, tail in TAILS.items()}
    least = min(counted.values())
    for name, count in counted.items():
        print(f"{count / least:.4f} of the least work: {name}")
    if max(counted.values()) > MOST * least:
        sys.exit("what is wrong can be told by the work that it makes")
    # The scale is fine enough to see what a padding oracle would show.
    if work(program, SIZE - 16, "01") > least / MOST:
        sys.exit("a block less makes no difference: this counts something else")


if __name__ == "__main__":
    main()
