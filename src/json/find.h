#ifndef PB_JSON_FIND_H
#define PB_JSON_FIND_H

#include <stdbool.h>
#include <stddef.h>

/* Finds a member of an object in a text without building anything. The text need not have been checked: no
 * function reads beyond its end, and in a text that is not JSON they find nothing, or a part of it. Only
 * pb_json_check tells whether a text is JSON. */

typedef enum {
  PB_JSON_IS_NULL,
  PB_JSON_IS_BOOLEAN,
  PB_JSON_IS_NUMBER,
  PB_JSON_IS_STRING,
  PB_JSON_IS_ARRAY,
  PB_JSON_IS_OBJECT
} pb_json_type;

/* A value within the text; a string's includes its quotes. */
typedef struct {
  pb_json_type type;
  const char *start;
  size_t length;
} pb_json_span;

/* Finds the value of the member `name` of the object in `text`: of several with that name the last one or, if
 * `first`, the first one. False when there is none, or when `text` is not an object. */
bool pb_json_find(const char *text, size_t length, const char *name, size_t name_length, bool first,
                  pb_json_span *found);

/* Whether the member `name` of the object in `text` is the string `key`, written without escapes; of several
 * members with that name, both the first and the last. Quick if the member comes early, as keys do. */
bool pb_json_member_is(const char *text, size_t length, const char *name, size_t name_length,
                       const char *key, size_t key_length);

/* Writes the text that the inside of a string (without its quotes) stands for to `out`, which has room for
 * `length` bytes: the text is never longer. Stops at an escape that is not valid; half of a surrogate pair becomes U+FFFD.
 * Returns the length; no NUL follows. */
size_t pb_json_unescape(const char *inside, size_t length, char *out);

/* Reads the escape at `*at`, its backslash, and moves behind it. Returns how many bytes, in `out`, it stands for;
 * 0 where it is not valid. */
size_t pb_json_read_escape(const char **at, const char *end, char out[4]);

/* Whether half of a surrogate pair is in the inside of a string. */
bool pb_json_has_half(const char *inside, size_t length);

#endif
