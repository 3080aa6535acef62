#ifndef PB_LUA_SCHEMA_COMPILE_H
#define PB_LUA_SCHEMA_COMPILE_H

#include "lua/description.h"

/* Compiles a description into a schema, for schema.c. */

/* Rules that a schema inherits from the one it is part of. */
typedef struct {
  pb_type type; /* for a rule in `allOf`, which need not repeat the type; else PB_ANY */
  bool secret;
  pb_form_role form;
  bool whole; /* a payload, or a branch of the union that it is: what it does not name stays out */
} pb_inherited;

/* Compiles the table at `index`, that of the whole description or of a part of it. */
pb_schema *pb_compile_schema(pb_description *c, int index, pb_inherited from);

/* Compiles `oneOf` or `anyOf`, and `discriminator`, of the table at `index`; `compile` is the function above. */
typedef pb_schema *pb_compile_function(pb_description *c, int index, pb_inherited from);
void pb_compile_union(pb_description *c, int index, pb_schema *schema, bool whole,
                      pb_compile_function *compile);

#endif
