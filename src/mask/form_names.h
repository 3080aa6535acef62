#ifndef PB_MASK_FORM_NAMES_H
#define PB_MASK_FORM_NAMES_H

#include "mask/name_list.h"
#include "mask/ranges.h"

/* Adds the values of such fields of forms (`name=value&name=value`), wherever one is in `text`: a body, the query of an
 * address, or what a response repeats of them. */
void pb_form_names_find(const pb_names *names, const char *text, size_t length, pb_ranges *ranges);

#endif
