#ifndef PB_SAME_H
#define PB_SAME_H

#include <stdbool.h>
#include <stddef.h>

#include "schema/schema.h"

/* Whether two spellings of a value mean the same to a vendor, and what a response shows in place of a value.
 * Responses are read leniently; what a script assigns is checked by schema.c and sent as it is. */

/* Whether two texts mean the same in a field of `schema` (null: nothing is known of the field): letter
 * case of an enumeration, the digits of a phone number, RFC 3986's equivalence of addresses, one instant in
 * whatever zone, white space at the ends, which counts in a secret alone. */
bool pb_same_text(const pb_schema *schema, const char *a, size_t a_length, const char *b,
                  size_t b_length);

/* The boolean that a text says, in whatever letter case: 1 or 0; -1 for any other text. */
int pb_boolean_in_text(const char *text, size_t length);

/* The value of the enumeration that the text spells, in whatever letter case; null for any other text. */
const pb_text *pb_enumerated(const pb_schema *schema, const char *text, size_t length);

/* The text without the white space at its ends. */
pb_text pb_trimmed(const char *text, size_t length);

/* Whether a response shows the text in place of one that it hides, or an address in it with its password hidden.
 * `secret`: the field is a secret, of which some characters may be left. */
bool pb_is_mask(const char *text, size_t length, bool secret);

/* Whether null or nothing in a field of `schema` says nothing, as responses do not show it: a secret that can
 * only be written. */
bool pb_is_withheld(const pb_schema *schema);

/* Whether a member of this name is likely to be a secret, where no description says what it is. */
bool pb_names_secret(const char *name, size_t length);

#endif
