#ifndef PB_SCHEMA_SCHEMA_H
#define PB_SCHEMA_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/number.h"
#include "schema/format.h"
#include "schema/pattern.h"

/* What a value may be, in OpenAPI's words, compiled once from a description (lua/schema.c) and then
 * only read. The checks of single strings and numbers are here; lua/check.c walks whole values. */

typedef enum {
  PB_ANY, /* no `type`: every JSON value */
  PB_BOOLEAN,
  PB_INTEGER,
  PB_NUMBER,
  PB_STRING,
  PB_ARRAY,
  PB_OBJECT,
} pb_type;

typedef struct {
  const char *bytes; /* ends with a NUL that `length` does not count */
  size_t length;
} pb_text;

typedef struct pb_schema pb_schema;

/* What responses show of a field. */
typedef enum {
  PB_ECHO_VALUE, /* its value */
  PB_ECHO_NONE,  /* nothing */
  PB_ECHO_EMPTY, /* its value, or an empty one whatever it is */
  PB_ECHO_OTHER, /* another value than was sent: to be read, never compared or sent back */
} pb_echo;

/* Where a value that differs from what was sent says nothing. */
typedef enum {
  PB_RELIABLE,
  PB_UNRELIABLE,      /* always */
  PB_UNRELIABLE_NULL, /* after null was sent */
  PB_UNRELIABLE_FORM, /* where the value breaks the field's own rules, as another kind of id does */
} pb_reliability;

typedef struct {
  pb_text name;
  pb_text wire; /* the name as it stands in a JSON object, behind another member: `,"name":` */
  pb_schema *schema;
  pb_text *also; /* other names in responses */
  size_t also_count;
  bool required;
} pb_property;

struct pb_schema {
  pb_type type;
  bool nullable;
  bool read_only;
  bool secret;       /* never shown: not in an error, a diff, a log; so is all within it */
  bool holds_secret; /* it is secret, or something within it is */
  bool undocumented; /* the vendor has it, but its pages do not say so: refused unless lenient */
  bool direct;       /* may be assigned, and is a boolean, a string, or an integer without limits */
  bool scalar;       /* no array, no object, and nothing that could be one */
  bool open;         /* object: members that `properties` does not name are welcome */
  bool unordered;    /* array: the order of the items does not count */
  bool phone;        /* string: a phone number, of which the digits count */
  bool address;      /* string: a URI, which RFC 3986 lets be spelled in several ways */
  bool aliased;      /* object: a property has other names in responses */
  pb_echo echo;
  pb_reliability reliability;
  pb_text expected; /* what a good value is, for errors; empty: made up from the rules */
  pb_text remedy;   /* what to do instead, for a field that cannot be assigned; may be empty */

  pb_text *enumeration;
  size_t enumeration_count;
  bool ruled;        /* there is any rule for strings at all */
  size_t min_length; /* in Unicode code points, as JSON Schema counts */
  size_t max_length; /* SIZE_MAX: none */
  pb_pattern *pattern;
  pb_text pattern_text;
  const pb_format *format;
  pb_schema **all_of; /* more rules, each with words of its own; all the broken ones are named */
  size_t all_of_count;

  bool has_minimum, has_maximum;
  pb_number minimum, maximum;

  pb_schema *items; /* array; null: anything */
  size_t min_items, max_items;

  pb_property *properties; /* in the order of the description, which is the order on the wire */
  size_t property_count;
  pb_schema *additional; /* object: the rule for members that `properties` does not name, or null */
};

/* The rule where a description has none: what JSON can hold. */
extern const pb_schema pb_schema_anything;

/* Memory for schemas, which lives and dies together. Who owns it is decided by `more`. */
typedef struct pb_arena pb_arena;
struct pb_arena {
  char *at; /* `left` bytes from here on are free */
  size_t left;
  void *(*more)(pb_arena *arena,
                size_t size); /* a block, aligned for everything; null: no memory */
  void *owner;                /* for `more` alone */
};
void *pb_arena_take(pb_arena *arena, size_t size); /* zeroed; null when there is no memory */
bool pb_arena_text(pb_arena *arena, const char *bytes, size_t length, pb_text *text);

/* A type's name with its article, for errors: "a string". */
const char *pb_type_name(pb_type type);

/* The property of this name, or null. */
const pb_property *pb_schema_find(const pb_schema *schema, const char *name, size_t length);

/* Whether a text is what Patchbay shows in place of secrets, which no field takes; and what there is to say of
 * it. */
bool pb_is_own_mask(const char *text, size_t length);
void pb_say_own_mask(pb_buffer *message);

/* Whether a string obeys the schema's rules for it. */
bool pb_schema_string_good(const pb_schema *schema, const char *text, size_t length);

/* Whether a string, a number, obeys the schema's rules for it (its type has been settled). When not,
 * what is wrong is appended to `message`: `expected "UDP", "TCP" or "TLS", got "udp"; …`. */
bool pb_schema_check_string(const pb_schema *schema, const char *text, size_t length,
                            pb_buffer *message);
bool pb_schema_check_number(const pb_schema *schema, const pb_number *number, pb_buffer *message);

/* Appends `; did you mean "X"?` if one of the schema's properties comes near `name`. */
void pb_schema_suggest_property(const pb_schema *schema, const char *name, size_t length,
                                pb_buffer *message);

/* By bytes, as names are sorted where a person reads them: < 0, 0, > 0. */
int pb_text_compare(const pb_text *a, const pb_text *b);

/* Deeper descriptions are a mistake (one that contains itself, say). Recursion over a schema, and
 * over the records of it, is bounded by this. */
enum { PB_SCHEMA_MAX_DEPTH = 32 };

#endif
