#ifndef PB_SCHEMA_EXPLAIN_H
#define PB_SCHEMA_EXPLAIN_H

#include "schema/schema.h"

/* Rules in words, for values that break them. */

/* The most values of an enumeration in an error: enough for a choice, too few for a list of countries. */
enum { PB_LISTED_VALUES = 12 };

/* Whether a value, whose type is already known to be right, obeys the rules of the schema. If not, appends the
 * problem to `message`: `expected "UDP", "TCP" or "TLS", got "udp"; …`. */
bool pb_schema_check_string(const pb_schema *schema, const char *text, size_t length,
                            pb_buffer *message);
bool pb_schema_check_number(const pb_schema *schema, const pb_number *number, pb_buffer *message);
bool pb_schema_check_boolean(const pb_schema *schema, bool value, pb_buffer *message);

#endif
