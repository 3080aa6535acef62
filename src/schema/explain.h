#ifndef PB_SCHEMA_EXPLAIN_H
#define PB_SCHEMA_EXPLAIN_H

#include "schema/schema.h"

/* Rules in words, for values that break them. */

/* A choice of `count` values in an error: pb_choice_listed() of them, each behind pb_choice_separate(), and then
 * pb_choice_end(), which tells how many are left out. At most 12 are listed: enough for a choice, too few for a list of
 * countries. */
size_t pb_choice_listed(size_t count);
void pb_choice_separate(size_t i, size_t count, pb_buffer *message);
void pb_choice_end(size_t count, pb_buffer *message);

/* Whether a value, whose type is already known to be right, obeys the rules of the schema. If not, appends the
 * problem to `message`: `expected "UDP", "TCP" or "TLS", got "udp"; …`. */
bool pb_schema_check_string(const pb_schema *schema, const char *text, size_t length,
                            pb_buffer *message);
bool pb_schema_check_number(const pb_schema *schema, const pb_number *number, pb_buffer *message);
bool pb_schema_check_boolean(const pb_schema *schema, bool value, pb_buffer *message);

#endif
