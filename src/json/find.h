#ifndef PB_JSON_FIND_H
#define PB_JSON_FIND_H

#include <stdbool.h>
#include <stddef.h>

/* Looking into a text that pb_json_check has accepted, without building anything. */

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

/* The value of the member `name` of the object that `text` is; of several with that name the last
 * one, or the first if `first`. False when there is none, or when `text` is not an object. */
bool pb_json_find(const char *text, size_t length, const char *name, size_t name_length, bool first,
                  pb_json_span *found);

/* Whether the member `name` of the object, of several both the first and the last, is the string `key`,
 * without escapes. Quick where it comes early, as keys do. */
bool pb_json_member_is(const char *text, size_t length, const char *name, size_t name_length,
                       const char *key, size_t key_length);

/* Writes what the inside of a string (without its quotes) says to `out`, which has room for `length`
 * bytes: it never becomes longer. Returns the length; no NUL follows. */
size_t pb_json_unescape(const char *inside, size_t length, char *out);

#endif
