"""AES-256-CBC of the machine's libcrypto, without a word about padding."""
import ctypes
import ctypes.util

BLOCK = 16
_crypto = ctypes.CDLL(ctypes.util.find_library("crypto"))
for _name in ("EVP_CIPHER_CTX_new", "EVP_aes_256_cbc"):
    getattr(_crypto, _name).restype = ctypes.c_void_p


def pad(plain):
    fill = BLOCK - len(plain) % BLOCK
    return plain + bytes([fill]) * fill


def encrypt(key, iv, blocks):
    """`blocks` is a whole number of blocks; the result is as long."""
    context = ctypes.c_void_p(_crypto.EVP_CIPHER_CTX_new())
    out = ctypes.create_string_buffer(len(blocks) + BLOCK)
    length = ctypes.c_int()
    cipher = ctypes.c_void_p(_crypto.EVP_aes_256_cbc())
    good = _crypto.EVP_EncryptInit_ex(context, cipher, None, key, iv)
    good &= _crypto.EVP_CIPHER_CTX_set_padding(context, 0)
    good &= _crypto.EVP_EncryptUpdate(context, out, ctypes.byref(length), blocks, len(blocks))
    _crypto.EVP_CIPHER_CTX_free(context)
    if good != 1 or length.value != len(blocks):
        raise RuntimeError("libcrypto would not encrypt")
    return out.raw[:length.value]
