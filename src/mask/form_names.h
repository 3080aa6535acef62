#ifndef PB_MASK_FORM_NAMES_H
#define PB_MASK_FORM_NAMES_H

#include "mask/names.h"

/* Whether a name is among `names`, in whatever letter case. */
bool pb_names_has(const pb_names *names, const char *name, size_t length);

/* Adds the values of such fields of forms (`name=value&name=value`), wherever one is in `text`: a body, the query of an
 * address, or what a response repeats of them. */
void pb_form_names_find(const pb_names *names, const char *text, size_t length, pb_ranges *ranges);

#endif
