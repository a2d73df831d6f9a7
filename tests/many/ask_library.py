"""Prints a profile's token, got through the library: ask_library.py LIBRARY PROFILE; exits with its code."""
import ctypes
import sys

library = ctypes.CDLL(sys.argv[1])
for name in ("token_text", "error_text"):
    getattr(library, "latchkey_" + name).restype = ctypes.c_char_p
ring, token, error = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_void_p()
usual, out = ctypes.c_int64(-1), ctypes.byref
code = library.latchkey_open(None, out(ring), out(error)) or library.latchkey_get_token(
    ring, sys.argv[2].encode(), usual, usual, out(token), out(error))
if code:
    print(library.latchkey_error_text(error).decode(), file=sys.stderr)
    sys.exit(code)
print(library.latchkey_token_text(token).decode(), flush=True)
library.latchkey_token_free(token)
library.latchkey_close(ring)
