"""Forks children from a program that uses the library; each asks for the same token: forked.py OTHER PROFILE

The program has used its ring before, so that there are threads, connections and locks that a child
must not rely on. Prints one line for each process: its code and the token.
"""
import ctypes
import os
import sys

CHILDREN = 12
lib = ctypes.CDLL("liblatchkey.so.1")
lib.latchkey_token_text.restype = lib.latchkey_error_text.restype = ctypes.c_char_p
ring = ctypes.c_void_p()


def ask(profile):
    token, error = ctypes.c_void_p(), ctypes.c_void_p()
    code = lib.latchkey_get_token(ring, profile.encode(), ctypes.c_int64(60), ctypes.c_int64(30000),
                                  ctypes.byref(token), ctypes.byref(error))
    return f"{code} {(lib.latchkey_error_text(error) if code else lib.latchkey_token_text(token)).decode()}\n"


def main():
    assert lib.latchkey_open(None, ctypes.byref(ring), None) == 0
    assert ask(sys.argv[1]).startswith("0 ")
    children = []
    for _ in range(CHILDREN):
        child = os.fork()
        if child == 0:
            os.write(1, ask(sys.argv[2]).encode())
            os._exit(lib.latchkey_close(ring))
        children.append(child)
    os.write(1, ask(sys.argv[2]).encode())
    assert all(os.waitpid(child, 0)[1] == 0 for child in children)
    assert lib.latchkey_close(ring) == 0


main()
