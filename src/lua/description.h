#ifndef PB_LUA_DESCRIPTION_H
#define PB_LUA_DESCRIPTION_H

#include "lua/compat.h"
#include "schema/schema.h"

/* Reads a description: a Lua table with the keywords of OpenAPI. Descriptions never come from the network,
 * so a mistake in one is a bug, and raises with the path of the field. Tables are read raw. */

typedef struct {
  lua_State *L;
  pb_arena *arena;
  pb_pattern **compiling; /* a pattern to be freed once it is copied, or after an error */
  int blocks;             /* stack index of the table that keeps the arena's memory */
  int shared; /* stack index of the table of the schemas of tables, for schema_compile.c */
  bool lenient;
  bool form;   /* the bodies of the root are forms */
  int schemas; /* compiled so far */
  int depth;
  int deepest; /* the greatest depth since the compilation of the present schema began */
  pb_text names[PB_SCHEMA_MAX_DEPTH + 1]; /* down to the current property; or empty */
} pb_description;

/* A table that occurs several times in a description is compiled once. The largest documents of vendors have some
 * thousands of schemas then; written out, millions. */
enum { PB_DESCRIPTION_MAX_SCHEMAS = 100 * 1000 };

/* The rules of `allOf` that a text is checked against. A shared rule counts each time it occurs. */
enum { PB_DESCRIPTION_MAX_ALL_OF = 1000 };

/* Raises the message, with the path of the current field in front. */
void pb_description_fail(pb_description *c, const char *format, ...);

/* Allocates zeroed memory that lives as long as the schema. */
void *pb_description_take(pb_description *c, size_t size);

/* Pushes the field `key` of the description and returns its type; for nil pushes nothing. */
int pb_description_field(pb_description *c, int index, const char *key);

/* Whether the description has the field. */
bool pb_description_has(pb_description *c, int index, const char *key);

/* Values of keywords, which must have the right type. An absent one is false, "", or `otherwise`. A number
 * is in `*value`. */
bool pb_description_flag(pb_description *c, int index, const char *key);
pb_text pb_description_text(pb_description *c, int index, const char *key);
bool pb_description_number(pb_description *c, int index, const char *key, pb_number *value);
size_t pb_description_count(pb_description *c, int index, const char *key, size_t otherwise);
pb_type pb_description_type(pb_description *c, int index, pb_type otherwise);

/* Pops the string at the top and returns a copy. `what` names it in errors. */
pb_text pb_description_text_at_top(pb_description *c, const char *what);

/* Pops the number at the top, which is finite. */
pb_number pb_description_number_at_top(pb_description *c, const char *what);

/* Pushes the list at `key` and returns its length; -1, with nothing pushed, when there is none. */
int pb_description_list(pb_description *c, int index, const char *key);

/* Raises for unknown keywords, and for keywords that do not apply to the type. */
void pb_description_check_keywords(pb_description *c, int index, pb_type type);

/* Whether the text equals the word, without a NUL and more behind it. */
bool pb_text_is(const pb_text *text, const char *word);

#endif
