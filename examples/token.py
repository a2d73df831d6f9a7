"""Calls an API with a token of latchkey, through the library: token.py PROFILE URL"""
import ctypes, sys, urllib.request

lib = ctypes.CDLL("liblatchkey.so.1")
for name in ("token_header_name", "token_header_value", "error_text"):
    getattr(lib, "latchkey_" + name).restype = ctypes.c_char_p
ring, token, error = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_void_p()
usual, out = ctypes.c_int64(-1), ctypes.byref
if lib.latchkey_open(None, out(ring), out(error)) or lib.latchkey_get_token(
        ring, sys.argv[1].encode(), usual, usual, out(token), out(error)):
    sys.exit(lib.latchkey_error_text(error).decode())
headers = {lib.latchkey_token_header_name(token, i).decode(): lib.latchkey_token_header_value(token, i).decode()
           for i in range(lib.latchkey_token_headers(token))}
print(urllib.request.urlopen(urllib.request.Request(sys.argv[2], headers=headers)).read().decode())
