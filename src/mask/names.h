#ifndef PB_MASK_NAMES_H
#define PB_MASK_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "mask/name_list.h"
#include "mask/ranges.h"

/* Adds the values of members with these names in `text`, in whatever letter case: in JSON at any depth, also in
 * JSON within a string, but no null; in other text, such as a response that was cut off, a value up to its end,
 * and an object or a list up to the end of the text; and in forms (form_names.h). Returns whether the text is a
 * JSON object or list. */
bool pb_names_find(const pb_names *names, const char *text, size_t length, pb_ranges *ranges);

#endif
