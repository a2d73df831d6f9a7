/* How long the library takes to give a valid token from memory:
 *
 *   bench_library PROFILE [CALLS]
 *
 * Prints one JSON object. Before and after the calls it writes to a descriptor that is not
 * there, so that a trace shows which system calls are theirs. */

#include <latchkey.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { kUsualCalls = 20 * 1000 * 1000, kPatience = 10000 };

static void give_up(latchkey_error *error) {
  fprintf(stderr, "bench_library: %s\n", latchkey_error_text(error));
  exit(1);
}

static size_t take(latchkey_ring *ring, const char *profile, int64_t timeout_ms) {
  latchkey_token *token = NULL;
  latchkey_error *error = NULL;
  if (latchkey_get_token(ring, profile, LATCHKEY_USUAL_NEED, timeout_ms, &token, &error) !=
      LATCHKEY_OK)
    give_up(error);
  const size_t size = latchkey_token_size(token);
  latchkey_token_free(token);
  return size;
}

/* A mark in a trace; that it fails is what is wanted. */
static void mark(void) {
  if (write(-1, "", 1) != -1) abort();
}

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int count, char **words) {
  if (count < 2) {
    fputs("usage: bench_library PROFILE [CALLS]\n", stderr);
    return 2;
  }
  const long calls = count > 2 ? atol(words[2]) : kUsualCalls;
  latchkey_ring *ring = NULL;
  latchkey_error *error = NULL;
  if (latchkey_open(NULL, &ring, &error) != LATCHKEY_OK) give_up(error);
  size_t sum = take(ring, words[1], kPatience);
  mark();
  const double begin = seconds_now();
  for (long i = 0; i < calls; ++i) sum += take(ring, words[1], 0);
  const double took = seconds_now() - begin;
  mark();
  printf("{\"calls\":%ld,\"ns\":%.2f,\"bytes\":%zu}\n", calls, took / (double)calls * 1e9, sum);
  latchkey_close(ring);
  return 0;
}
