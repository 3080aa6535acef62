#ifndef PB_MASK_FORM_NAMES_H
#define PB_MASK_FORM_NAMES_H

#include "mask/name_list.h"
#include "mask/ranges.h"

/* Adds the values of fields with these names of forms (`name=value&name=value`), wherever a form stands in `text`:
 * as a body, in the query of an address, or repeated in a response. */
void pb_form_names_find(const pb_names *names, const char *text, size_t length, pb_ranges *ranges);

#endif
