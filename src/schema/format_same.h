#ifndef PB_SCHEMA_FORMAT_SAME_H
#define PB_SCHEMA_FORMAT_SAME_H

#include <stdbool.h>
#include <stddef.h>

/* Whether two texts of a format mean the same. Neither need obey the format: then they do not. */

/* RFC 9562, section 4: the letters count in either case. */
bool pb_same_uuid(const char *a, size_t a_length, const char *b, size_t b_length);

/* RFC 4291, section 2.2: one address has many forms. */
bool pb_same_ipv6(const char *a, size_t a_length, const char *b, size_t b_length);

/* RFC 3339: the same instant in whatever zone, to the nanosecond. */
bool pb_same_date_time(const char *a, size_t a_length, const char *b, size_t b_length);

#endif
