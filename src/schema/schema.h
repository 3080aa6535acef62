#ifndef PB_SCHEMA_SCHEMA_H
#define PB_SCHEMA_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/number.h"
#include "schema/format.h"
#include "schema/pattern.h"

/* Schemas: rules for values, with the keywords of OpenAPI. A schema is compiled once from a description
 * (lua/schema.c) and then only read. The checks of single strings and numbers are here; lua/check.c checks
 * whole values. */

typedef enum {
  PB_ANY, /* no `type`: every JSON value */
  PB_BOOLEAN,
  PB_INTEGER,
  PB_NUMBER,
  PB_STRING,
  PB_ARRAY,
  PB_OBJECT,
  PB_UNION, /* `oneOf`, `anyOf`: the branches say the types */
} pb_type;

typedef struct {
  const char *bytes; /* ends with a NUL that `length` does not count */
  size_t length;
} pb_text;

typedef struct pb_schema pb_schema;

/* The part of a field that responses show. */
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

/* The place that a field has in a form, where bodies are forms (json/form.h). */
typedef enum {
  PB_FORM_NONE,  /* bodies are JSON; or an item of a list */
  PB_FORM_FIELD, /* a field of the record: a scalar, or a list of scalars */
  PB_FORM_INSIDE /* within a field, where a form has no place */
} pb_form_role;

/* How a value belongs to branches of a union. */
typedef enum {
  PB_BRANCH_TOLD,   /* its JSON type, or a member of it, tells the only branch that it can obey */
  PB_BRANCH_ANY_OF, /* it obeys at least one branch, found by trying them */
  PB_BRANCH_ONE_OF  /* it obeys exactly one */
} pb_branching;

typedef struct {
  pb_text name;
  pb_text wire; /* the name as it follows another member of a JSON object: `,"name":` */
  pb_schema *schema;
  pb_text *also; /* other names in responses */
  size_t also_count;
  bool required;
} pb_property;

struct pb_schema {
  pb_type type;
  bool nullable;
  bool read_only;
  bool secret;       /* never shown in an error, diff or log; everything within it is secret too */
  bool holds_secret; /* it is secret, or something within it is */
  bool unnamed_secret; /* it is secret, or an item, a value of a map or a branch in it is */
  bool undocumented;   /* the vendor has it, but does not document it: refused unless lenient */
  bool direct;    /* may be assigned, and is a boolean, a string, or an integer without limits */
  bool scalar;    /* neither an array nor an object, nor anything that could be one */
  bool open;      /* object: may have members that `properties` does not name */
  bool unordered; /* array: the order of the items does not count */
  bool phone;     /* string: a phone number, of which only the digits count */
  bool address;   /* string: a URI, which RFC 3986 allows to be spelled in several ways */
  bool aliased;   /* object: a property has other names in responses */
  bool resent;    /* goes along with every update of the record, as it is known */
  bool resends;   /* object: a property is resent */
  bool
      small_list; /* array: its items may be checked while they are copied; no rule concerns them together */
  bool form_body; /* object: its members are those of a form */
  pb_form_role form;
  pb_echo echo;
  pb_reliability reliability;
  pb_text expected; /* the text after "expected" in errors; empty: derived from the rules */
  pb_text refused;  /* the reason why the field cannot be assigned here; empty: it can */
  pb_text remedy;   /* the remedy for a field that cannot be assigned; may be empty */

  pb_text *enumeration;
  size_t enumeration_count;
  bool ruled;        /* there is at least one rule for strings */
  size_t min_length; /* in Unicode code points, as JSON Schema counts */
  size_t max_length; /* SIZE_MAX: none */
  pb_pattern *pattern;
  pb_text pattern_text;
  const pb_format *format;
  pb_text scheme; /* of `format = "uri"`: the scheme that the address has to have; else empty */
  int height;     /* levels of schemas within this one */
  int rules;      /* string: the rules in `all_of` and within them; a shared one counts each time */
  pb_schema **all_of; /* further rules, each with its own text; an error names all broken ones */
  size_t all_of_count;

  bool has_minimum, has_maximum;
  bool above_minimum, below_maximum; /* the limit itself is not allowed */
  bool has_multiple_of;
  pb_number minimum, maximum, multiple_of;
  pb_number *numbers; /* number, integer: the allowed ones; null: all */
  size_t number_count;
  bool not_true, not_false; /* boolean: the value is not allowed */

  pb_schema *items; /* array; null: anything */
  size_t min_items, max_items;
  bool unique; /* array: no two items are equal */

  pb_schema **branches; /* union */
  unsigned types; /* the types of its values: bits 1 << type, also for those in unions within it */
  size_t branch_count;
  pb_branching branching;
  pb_text
      discriminator; /* union: the member that tells its objects apart; empty: it has one at most */

  bool bounded; /* object: it may have too few or too many members */
  size_t min_properties, max_properties;
  pb_property *properties; /* in the order of the description, which is the order in JSON */
  size_t property_count;
  uint32_t *index;   /* of many properties: by the hash of their names, their positions; 0: none */
  size_t index_mask; /* `index` has one entry more, a power of two, at least twice the properties */
  pb_schema *additional; /* object: the rule for members that `properties` does not name, or null */
};

/* The schema of any JSON value, for where a description has none. */
extern const pb_schema pb_schema_anything;

/* The schema of the members of an object that it does not describe. */
const pb_schema *pb_schema_of_rest(const pb_schema *object);

/* Memory for schemas, freed as a whole. `more` decides who owns it. */
typedef struct pb_arena pb_arena;
struct pb_arena {
  char *at; /* `left` bytes from here on are free */
  size_t left;
  void *(*more)(pb_arena *arena,
                size_t size); /* allocates a block, aligned for any type; null: no memory */
  void *owner;                /* for `more` only */
};
void *pb_arena_take(pb_arena *arena, size_t size); /* zeroed; null when there is no memory */
bool pb_arena_text(pb_arena *arena, const char *bytes, size_t length, pb_text *text);

/* The name of a type with its article, for errors: "a string". */
const char *pb_type_name(pb_type type);

/* The property with this name, or null. Among many it is found by its hash. */
const pb_property *pb_schema_find(const pb_schema *schema, const char *name, size_t length);

/* Makes room for the hashes of `count` properties; false: no memory. Then pb_schema_enter, for each property once its
 * name is set, makes it one of the schema's. */
bool pb_schema_make_index(pb_schema *schema, size_t count, pb_arena *arena);
void pb_schema_enter(pb_schema *schema);

/* The member of a branch, an object, that tells it from the other objects of the union: a string with one allowed
 * text. Null where it has none. */
const pb_property *pb_union_member(const pb_schema *schema, const pb_schema *branch);

/* Whether a text is what Patchbay shows in place of secrets, which no field accepts; and the message that
 * says so. */
bool pb_is_own_mask(const char *text, size_t length);
void pb_say_own_mask(pb_buffer *message);

/* Whether a string obeys the rules of the schema. */
bool pb_schema_string_good(const pb_schema *schema, const char *text, size_t length);

/* The rules for strings, in the order in which they are looked at. */
typedef enum {
  PB_RULE_NOTHING,
  PB_RULE_ENUMERATION,
  PB_RULE_LEAST,
  PB_RULE_MOST,
  PB_RULE_FORMAT,
  PB_RULE_SCHEME,
  PB_RULE_PATTERN,
  PB_RULE_ALL_OF
} pb_rule;

/* The first rule that `text`, which is UTF-8, breaks. */
pb_rule pb_schema_first_broken(const pb_schema *schema, const char *text, size_t length);

/* The number of code points in UTF-8. */
size_t pb_code_points(const char *text, size_t length);

/* Appends `; did you mean "X"?` if a property of the schema resembles `name`. */
void pb_schema_suggest_property(const pb_schema *schema, const char *name, size_t length,
                                pb_buffer *message);

/* Compares by bytes, which is the order of names in all output: < 0, 0, > 0. */
int pb_text_compare(const pb_text *a, const pb_text *b);

/* This bounds the recursion over a schema and over its records. The schemas of vendors' documents nest up to 42 deep. */
enum { PB_SCHEMA_MAX_DEPTH = 64 };

#endif
