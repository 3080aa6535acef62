#ifndef PB_JSON_FORM_H
#define PB_JSON_FORM_H

#include "base/buffer.h"

/* Writes a JSON object as application/x-www-form-urlencoded, as the URL Standard's serializer does: letters,
 * digits and `*-._` as they are, a space as `+`, every other byte as %XX. Members keep their order. Strings are
 * their text, numbers the same digits, booleans `true` and `false`; a list repeats the name for each item. */

/* A member that a form cannot carry: its name as it stands in the JSON text, between the quotes, and the position
 * of the item in its list; 0: the value is no list. */
typedef struct {
  const char *name;
  size_t length;
  size_t position;
} pb_form_place;

/* `json` is JSON. Returns null on success; else `out` has a part of the form, and the result, one of the messages
 * below, names the type of the member at `place`, the rule, and the remedy. For a value that is no object,
 * `place` has no name. */
const char *pb_form_write(const char *json, size_t length, pb_buffer *out, pb_form_place *place);

/* Appends text as a form has it. */
bool pb_form_write_text(pb_buffer *out, const char *text, size_t length);

extern const char pb_form_no_null[], pb_form_no_object[], pb_form_no_list[],
    pb_form_no_empty_list[];

/* The rule for all fields within a field, and its remedy. */
extern const char pb_form_no_nesting[];

#endif
