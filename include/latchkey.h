/* Latchkey: tokens for programs. The C interface of liblatchkey.
 *
 * A ring gives tokens of the profiles in the user's config.toml. A token that lives is
 * given from memory, without a system call; any other is taken from the vault, or
 * renewed, once, however many threads and programs ask.
 *
 * Ownership. What a function gives through a pointer to a handle belongs to the caller,
 * who frees it with the function of that name. Tokens are wiped when the last handle
 * goes. Texts live as long as the handle that they come from. Strings are UTF-8.
 *
 * Errors. A function that can fail returns a code: LATCHKEY_OK, or the exit code that
 * the command `latchkey` ends with for that reason. With `error`, which may be null, it
 * gives the text as well: what is wrong and what to do next, never a secret.
 *
 * Threads. Every function may be called from any thread at any time, with three
 * exceptions: latchkey_close while another thread uses the ring; latchkey_request_free
 * while another thread uses that request; and setenv in other threads, as with every
 * library that reads the environment. No call waits longer than it was told to. One
 * provider that does not answer delays nobody but those who ask for its own tokens.
 *
 * The library's threads block every signal, no handler is installed, and nothing is
 * printed. No exception leaves it.
 *
 * fork. A child may go on with the ring that it inherited: it is opened anew there, at
 * the first call, and meets the parent's renewals as any other program does. Requests
 * under way stay with the parent; their callbacks are not called in the child. A process
 * made without fork handlers (by a bare clone() or _Fork()) must not use it.
 *
 * Memory. A token in memory is not given any more once another program (the command, the
 * agent, another copy of this library) has committed anything to the same vault: the
 * vault is read again first. That is noticed at once. When the vault's file itself was
 * moved away or replaced, it takes as long as `recheck_seconds`. What the provider has
 * ended it tells nobody: see latchkey_invalidate.
 */
#ifndef LATCHKEY_H
#define LATCHKEY_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define LATCHKEY_API __attribute__((visibility("default")))
#else
#define LATCHKEY_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* What this header was written for; latchkey_abi() says what is loaded. Later ones only
 * add: functions, codes, and fields at the end of structures that begin with their size. */
#define LATCHKEY_ABI 1
LATCHKEY_API int latchkey_abi(void);
/* "0.1.0" */
LATCHKEY_API const char* latchkey_version(void);

enum {
  LATCHKEY_OK = 0,
  LATCHKEY_USAGE = 2,           /* a wrong argument, or a mistake in the configuration */
  LATCHKEY_PERSON_NEEDED = 3,   /* the text has the command that a person must run */
  LATCHKEY_UNKNOWN_PROFILE = 4, /* the text lists what there is */
  LATCHKEY_REJECTED = 5,        /* refused, revoked, expired, forbidden */
  LATCHKEY_TRY_LATER = 6,       /* unreachable, throttled, or not ready in time */
  LATCHKEY_STORE = 7,           /* the vault is locked, unwritable, unsafe or corrupt */
  LATCHKEY_DENIED = 8,          /* by the user's own settings */
  LATCHKEY_LOST = 9,            /* a single-use token was spent and its answer is lost */
  LATCHKEY_BAD_ANSWER = 10,     /* the provider's answer cannot be understood; a defect */
  LATCHKEY_CANCELLED = 130      /* latchkey_cancel, or the ring was closed */
};

/* "no stated end", "never, as far as is known" */
#define LATCHKEY_NEVER INT64_MAX
/* For `need_seconds`: what the profile says (live_for, usually 60). */
#define LATCHKEY_USUAL_NEED (-1)
/* For `timeout_ms`: what the ring was opened with. */
#define LATCHKEY_USUAL_TIMEOUT (-1)

typedef struct latchkey_ring latchkey_ring;
typedef struct latchkey_token latchkey_token;
typedef struct latchkey_error latchkey_error;
typedef struct latchkey_request latchkey_request;

/* ---- errors ---------------------------------------------------------------------- */

LATCHKEY_API int latchkey_error_code(const latchkey_error* error);
/* One line, such as "desk is not logged in; run: latchkey login desk". */
LATCHKEY_API const char* latchkey_error_text(const latchkey_error* error);
/* When to try again, as the provider said; 0: it did not say. */
LATCHKEY_API int64_t latchkey_error_retry_after(const latchkey_error* error);
LATCHKEY_API void latchkey_error_free(latchkey_error* error);

/* ---- rings ----------------------------------------------------------------------- */

typedef struct latchkey_options {
  size_t size;             /* sizeof(latchkey_options) */
  const char* config;      /* null: $LATCHKEY_CONFIG, else the user's config.toml */
  int64_t timeout_ms;      /* of calls that name none; 0: 60 s */
  int64_t recheck_seconds; /* how long memory is trusted about the vault's file; 0: 10 */
  /* Gives the passphrase of a vault that has one: writes at most `size` bytes and returns
   * how many, or a negative number when nobody can say. Called on a thread of the library,
   * by one at a time. Null: the program in $LATCHKEY_ASKPASS, or nobody. */
  int (*passphrase)(void* context, int is_new, char* buffer, size_t size);
  void* context; /* for `passphrase` */
} latchkey_options;

/* Reads the configuration; `options` may be null. The vault is opened when it is first
 * needed. A later change of the configuration takes a new ring. */
LATCHKEY_API int latchkey_open(const latchkey_options* options, latchkey_ring** ring,
                               latchkey_error** error);
/* Ends every request with LATCHKEY_CANCELLED, calls the last callbacks, and waits for what
 * is under way at a provider: going away in the middle of it could cost the login. Waits
 * no longer than the profile's `timeout` and the wait for another program's renewal.
 * LATCHKEY_USAGE, and nothing is done, on the thread of a callback. Null is allowed. */
LATCHKEY_API int latchkey_close(latchkey_ring* ring);

/* ---- tokens ---------------------------------------------------------------------- */

/* A token that lives for `need_seconds` or longer: from memory, the vault, or renewed.
 * With a timeout of 0 only memory is asked. Where the renewal fails for a passing reason,
 * and where the provider gives no longer one, it is a token that lives shorter, and says
 * so in its warning. */
LATCHKEY_API int latchkey_get_token(latchkey_ring* ring, const char* profile, int64_t need_seconds,
                                    int64_t timeout_ms, latchkey_token** token,
                                    latchkey_error** error);
/* Renews now, even if the token lives; one renewal for all who ask at once. */
LATCHKEY_API int latchkey_refresh(latchkey_ring* ring, const char* profile, int64_t timeout_ms,
                                  latchkey_token** token, latchkey_error** error);
/* Says that the provider refused this token (401). It is forgotten, for every program,
 * unless another has taken its place; the next call gets another one. */
LATCHKEY_API int latchkey_invalidate(latchkey_ring* ring, const char* profile,
                                     const latchkey_token* refused, int64_t timeout_ms,
                                     latchkey_error** error);

/* The token's text, ended by a NUL that latchkey_token_size does not count. */
LATCHKEY_API const char* latchkey_token_text(const latchkey_token* token);
LATCHKEY_API size_t latchkey_token_size(const latchkey_token* token);
/* Seconds since 1970, or LATCHKEY_NEVER. */
LATCHKEY_API int64_t latchkey_token_until(const latchkey_token* token);
/* "", or why this is not all that was asked for. */
LATCHKEY_API const char* latchkey_token_warning(const latchkey_token* token);
/* The header fields that carry it on a call of the provider's API. */
LATCHKEY_API size_t latchkey_token_headers(const latchkey_token* token);
LATCHKEY_API const char* latchkey_token_header_name(const latchkey_token* token, size_t at);
LATCHKEY_API const char* latchkey_token_header_value(const latchkey_token* token, size_t at);
/* Another handle of the same token. */
LATCHKEY_API latchkey_token* latchkey_token_copy(const latchkey_token* token);
LATCHKEY_API void latchkey_token_free(latchkey_token* token);

/* ---- without waiting ------------------------------------------------------------- */

/* Gets the result of a request: exactly once, on a thread of the library that all
 * callbacks of a ring share, and never inside of the call that made the request. `token`
 * (when `code` is LATCHKEY_OK) and `error` (when it is not) then belong to it. It may call
 * anything but latchkey_close. */
typedef void (*latchkey_callback)(void* context, int code, latchkey_token* token,
                                  latchkey_error* error);
/* latchkey_get_token in the background. `request` may be null for one that is never
 * cancelled. When this fails, there is no request and no callback. */
LATCHKEY_API int latchkey_request_token(latchkey_ring* ring, const char* profile,
                                        int64_t need_seconds, int64_t timeout_ms,
                                        latchkey_callback callback, void* context,
                                        latchkey_request** request, latchkey_error** error);
/* Ends the request with LATCHKEY_CANCELLED, unless its result is already there. A renewal
 * that it began goes on for others. */
LATCHKEY_API void latchkey_cancel(latchkey_request* request);
/* Lets go of the handle; the request goes on. */
LATCHKEY_API void latchkey_request_free(latchkey_request* request);

/* ---- the two clocks -------------------------------------------------------------- */

typedef struct latchkey_status {
  size_t size;           /* set by the caller: sizeof(latchkey_status) */
  int64_t access_until;  /* seconds since 1970 or LATCHKEY_NEVER; 0 when there is no token */
  int64_t refresh_until; /* the same of what renews it */
  int64_t human_action;  /* when a person must act; in the past: now; or LATCHKEY_NEVER */
  int32_t logged_in;     /* 1 when a token is kept */
  int32_t alive;         /* 1 when it lives */
  char remedy[256];      /* what helps then: "latchkey login desk" */
} latchkey_status;

/* What the vault knows of a profile; asks no provider. */
LATCHKEY_API int latchkey_get_status(latchkey_ring* ring, const char* profile, int64_t timeout_ms,
                                     latchkey_status* status, latchkey_error** error);

#ifdef __cplusplus
}
#endif

#endif /* LATCHKEY_H */
