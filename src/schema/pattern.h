#ifndef PB_SCHEMA_PATTERN_H
#define PB_SCHEMA_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

/* The `pattern` of OpenAPI and JSON Schema: a regular expression in a stated subset of ECMA-262's,
 * in its Unicode mode, matched against the code points of UTF-8 text. A match may lie anywhere in
 * the text; `^` and `$` are the ends of the whole text.
 *
 *   understood   literals, `.` (anything but a line end), [classes] with ranges and negation,
 *                \d \D \w \W \s \S \t \n \r \f \v \0 \xHH \uHHHH (and surrogate pairs) \u{H...},
 *                escaped ASCII punctuation, ^ $ \b \B, ( ) and (?: ), |, * + ? {n} {n,} {n,m},
 *                and their lazy forms, which mean the same where the answer is yes or no
 *   refused      back-references, lookahead and lookbehind, named groups, inline flags, \p, \c,
 *                lone { } ], and whatever goes beyond the limits below
 *
 * The classes behind \d, \w and \b are ASCII's; \s is ECMA-262's white space, which is more. Letter
 * case always counts. Time is at most linear in text times pattern: no pattern and no text makes
 * matching explode. */

enum {
  PB_PATTERN_MAX_SOURCE = 8192, /* bytes: far more than any API's, and quick to compile */
  PB_PATTERN_MAX_STEPS = 4096,  /* the work per code point of text, after {n,m} is expanded */
  PB_PATTERN_MAX_REPEAT = 1000, /* in {n,m}; other engines (RE2, Go) have the same limit */
  PB_PATTERN_MAX_DEPTH = 64     /* nesting of groups, which are on the C stack while compiling */
};

typedef struct pb_pattern pb_pattern;

typedef struct {
  bool no_memory;      /* out of memory: the pattern may be valid, and the rest is not set */
  size_t offset;       /* of the byte at fault, from 0 */
  const char *message; /* part of a sentence, static */
} pb_pattern_error;

/* Compiles a pattern. Returns null with `error` filled in when the text is not a supported pattern. Free
 * the result with pb_pattern_free. */
pb_pattern *pb_pattern_compile(const char *text, size_t length, pb_pattern_error *error);

/* Whether the pattern matches anywhere in `text`. Text that is not UTF-8 never matches. Allocates nothing:
 * the scratch memory is in the pattern, so one pattern serves one thread at a time. */
bool pb_pattern_match(const pb_pattern *pattern, const char *text, size_t length);

/* The same for text that is known to be UTF-8; other text may match as far as it is. */
bool pb_pattern_match_utf8(const pb_pattern *pattern, const char *text, size_t length);

/* The size of a copy of the pattern, and the making of one in memory of that size, aligned for any type. A
 * copy must not be passed to pb_pattern_free. */
size_t pb_pattern_size(const pb_pattern *pattern);
pb_pattern *pb_pattern_copy(const pb_pattern *pattern, void *memory);

/* Null is allowed. */
void pb_pattern_free(pb_pattern *pattern);

#endif
