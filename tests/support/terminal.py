"""Runs one program to its end, watching what it says; with a real terminal if wanted.

The terminal is a pty of its own session: /dev/tty is there, and echo is as the program
sets it, so that what is typed unseen is not in `shown`.
"""
import fcntl
import os
import pty
import subprocess
import termios
import threading

KEYS = {None: b"\x04", "@interrupt": b"\x03"}


class Done:
    def __init__(self, process, stdout, stderr, shown):
        self.returncode, self.stdout, self.stderr, self.shown = process.returncode, stdout, stderr, shown


class Watched:
    """One program. `answer()` gives what is typed at a prompt, None for the end of input,
    "@interrupt" for Ctrl-C; `heard(line)` is called with each line of standard error as it comes."""

    def __init__(self, words, environment, directory, typed=None, answer=None, heard=None, timeout=100):
        self.words, self.environment, self.directory = words, environment, directory
        self.typed, self.answer, self.heard, self.timeout = typed, answer, heard, timeout
        self.stdout, self.stderr, self.shown = [], [], b""
        self.trouble = None

    def run(self):
        master, slave = pty.openpty() if self.answer else (None, None)
        stdin = slave if self.answer else subprocess.DEVNULL if self.typed is None else subprocess.PIPE
        process = self.process = subprocess.Popen(
            self.words, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.directory,
            env=self.environment, start_new_session=True,
            preexec_fn=(lambda: fcntl.ioctl(slave, termios.TIOCSCTTY, 0)) if self.answer else None)
        readers = [threading.Thread(target=self.guarded, args=(self.read_out, process)),
                   threading.Thread(target=self.guarded, args=(self.read_errors, process))]
        if self.answer:
            os.close(slave)
            readers.append(threading.Thread(target=self.guarded, args=(self.converse, master)))
        for reader in readers:
            reader.start()
        try:
            self.feed(process)
            process.wait(self.timeout)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            for reader in readers:
                reader.join(10)
            if self.answer:
                echoes = termios.tcgetattr(master)[3] & termios.ECHO
                os.close(master)
                if not echoes:
                    self.trouble = self.trouble or RuntimeError("the terminal was left without echo")
        if self.trouble:
            raise self.trouble
        return Done(process, b"".join(self.stdout).decode(errors="replace"),
                    b"".join(self.stderr).decode(errors="replace"),
                    self.shown.decode(errors="replace").replace("\r\n", "\n"))

    def guarded(self, what, on):
        try:
            what(on)
        except Exception as trouble:  # told by run(), in the thread that asked
            self.trouble = trouble
            if self.process.poll() is None:
                self.process.kill()

    def feed(self, process):
        if self.typed is None or self.answer:
            return
        try:
            process.stdin.write(self.typed.encode())
            process.stdin.close()
        except BrokenPipeError:  # it did not want it
            pass

    def read_out(self, process):
        for piece in iter(lambda: process.stdout.read1(65536), b""):
            self.stdout.append(piece)
        process.stdout.close()

    def read_errors(self, process):
        for line in process.stderr:
            self.stderr.append(line)
            if self.heard:
                self.heard(line.decode(errors="replace"))
        process.stderr.close()

    def converse(self, master):
        asked = b""
        while True:
            try:
                piece = os.read(master, 4096)
            except OSError:  # nobody has the terminal any more
                return
            if not piece:
                return
            self.shown += piece
            asked += piece
            if asked.endswith(b": "):
                line = self.answer()
                os.write(master, KEYS.get(line) or line.encode() + b"\n")
                asked = b""
