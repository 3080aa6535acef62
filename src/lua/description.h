#ifndef PB_LUA_DESCRIPTION_H
#define PB_LUA_DESCRIPTION_H

#include "lua/compat.h"
#include "schema/schema.h"

/* Reading a description: a Lua table in OpenAPI's words. A description is ours, never the network's:
 * what is wrong in one is a bug, and raises, with the path of the field. Tables are read raw. */

typedef struct {
  lua_State *L;
  pb_arena *arena;
  void *box;  /* for the compiler alone, as is the next */
  int blocks; /* stack index of the table that keeps the arena's memory */
  bool lenient;
  int schemas; /* compiled so far */
  int depth;
  pb_text names[PB_SCHEMA_MAX_DEPTH + 1]; /* of the properties down to the one at hand; or empty */
} pb_description;

/* A table that is in a description several times is compiled each time: of tables that hold others twice there
 * would be no end. The largest descriptions of vendors have some thousands. */
enum { PB_DESCRIPTION_MAX_SCHEMAS = 100 * 1000 };

/* Raises: what is wrong, behind the path of the field that it is wrong with. */
void pb_description_fail(pb_description *c, const char *format, ...);

/* Zeroed memory that lives as long as the schema. */
void *pb_description_take(pb_description *c, size_t size);

/* The field `key` of the description; its type, with the value pushed (nil: nothing pushed). */
int pb_description_field(pb_description *c, int index, const char *key);

/* The values of keywords, each of the right type; what stands for an absent one is false, "", or
 * `otherwise`. A number's are in `*value`. */
bool pb_description_flag(pb_description *c, int index, const char *key);
pb_text pb_description_text(pb_description *c, int index, const char *key);
bool pb_description_number(pb_description *c, int index, const char *key, pb_number *value);
size_t pb_description_count(pb_description *c, int index, const char *key, size_t otherwise);
pb_type pb_description_type(pb_description *c, int index, pb_type otherwise);

/* The string at the top, which is popped; `what` it is, for errors. */
pb_text pb_description_text_at_top(pb_description *c, const char *what);

/* How long the list at `key` is, which is pushed; -1, with nothing pushed, when there is none. */
int pb_description_list(pb_description *c, int index, const char *key);

/* Raises for words that are not known, and for rules that do not go with the type. */
void pb_description_check_keywords(pb_description *c, int index, pb_type type);

/* Whether the text is the word: one that only begins with it, before a NUL, is not. */
bool pb_text_is(const pb_text *text, const char *word);

#endif
