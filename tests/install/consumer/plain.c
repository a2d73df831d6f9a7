/* The same in C: plain PROFILE */
#include <latchkey.h>
#include <stdio.h>

static int fail(int code, latchkey_error *error) {
  fprintf(stderr, "%s\n", error != NULL ? latchkey_error_text(error) : "out of memory");
  latchkey_error_free(error);
  return code;
}

int main(int argc, char **argv) {
  latchkey_error *error = NULL;
  latchkey_ring *ring = NULL;
  latchkey_token *token = NULL;
  if (argc != 2) return LATCHKEY_USAGE;
  int code = latchkey_open(NULL, &ring, &error);
  if (code == LATCHKEY_OK)
    code = latchkey_get_token(ring, argv[1], LATCHKEY_USUAL_NEED, LATCHKEY_USUAL_TIMEOUT, &token,
                              &error);
  if (code != LATCHKEY_OK) {
    latchkey_close(ring);
    return fail(code, error);
  }
  for (size_t i = 0; i < latchkey_token_headers(token); ++i)
    printf("%s: %s\n", latchkey_token_header_name(token, i), latchkey_token_header_value(token, i));
  latchkey_token_free(token);
  return latchkey_close(ring);
}
