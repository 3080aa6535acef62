#ifndef PB_SCHEMA_REMEDY_H
#define PB_SCHEMA_REMEDY_H

#include "schema/schema.h"

/* Appends to `message` what to do about `text`, which breaks a rule of `schema`: that there are characters in it
 * that nobody sees, and a text near it that passes, as in `; write "61412345678"`. Appends nothing where there is
 * none. */
void pb_schema_add_remedy(const pb_schema *schema, const char *text, size_t length,
                          pb_buffer *message);

#endif
