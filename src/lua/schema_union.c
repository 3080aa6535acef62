#include "lua/schema_compile.h"

/* Integers are numbers in JSON. */
static pb_type json_type(const pb_schema *branch) {
  return branch->type == PB_INTEGER ? PB_NUMBER : branch->type;
}

/* `discriminator = { propertyName = "type" }`, as in OpenAPI. Its `mapping` is ignored: branches have no names here,
 * and each names its text by the const of the member. */
static void compile_discriminator(pb_description *c, int index, pb_schema *schema) {
  lua_State *L = c->L;
  int type = pb_description_field(c, index, "discriminator");
  if (type == LUA_TNIL) return;
  if (type != LUA_TTABLE)
    pb_description_fail(c, "discriminator must be a table, { propertyName = \"…\" }");
  int table = lua_gettop(L);
  for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
    const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
    if (strcmp(key, "propertyName") != 0 && strcmp(key, "mapping") != 0)
      pb_description_fail(c,
                          "discriminator has propertyName, the name of a member, and nothing else");
  }
  schema->discriminator = pb_description_text(c, table, "propertyName");
  if (schema->discriminator.length == 0)
    pb_description_fail(c, "discriminator must have propertyName, the name of a member");
  lua_pop(L, 1);
}

/* Raises for keywords that belong to the field and not to one branch. */
static void refuse_keywords(pb_description *c, int branch) {
  static const char *const keywords[] = {"readOnly", "undocumented", "echo",     "unreliable",
                                         "also",     "oneOf",        "on_create"};
  for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
    if (pb_description_has(c, branch, keywords[i]))
      pb_description_fail(c, "%s in a branch of oneOf: it stands beside oneOf", keywords[i]);
}

/* Raises unless the branch `i` can be told from those before it. */
static void check_distinct(pb_description *c, const pb_schema *schema, size_t i) {
  const pb_schema *branch = schema->branches[i];
  bool object = branch->type == PB_OBJECT, told = object && schema->discriminator.length > 0;
  const pb_property *member = told ? pb_union_member(schema, branch) : NULL;
  if (branch->type == PB_ANY)
    pb_description_fail(c, "branch %d of oneOf needs a type, by which it is told from the others",
                        (int)i + 1);
  if (told && !member)
    pb_description_fail(
        c,
        "branch %d of oneOf needs a property %s of type = \"string\" with const, one text that "
        "tells it from the others",
        (int)i + 1, schema->discriminator.bytes);
  for (size_t j = 0; j < i; j++) {
    const pb_schema *other = schema->branches[j];
    if (json_type(other) != json_type(branch)) continue;
    if (!object)
      pb_description_fail(c, "branches %d and %d of oneOf are both %s: nothing tells them apart",
                          (int)j + 1, (int)i + 1, pb_type_name(json_type(branch)));
    if (!told)
      pb_description_fail(
          c,
          "branches %d and %d of oneOf are both an object; discriminator = { propertyName = "
          "\"…\" } has to name the member that tells them apart",
          (int)j + 1, (int)i + 1);
    const pb_text *text = pb_union_member(schema, other)->schema->enumeration;
    if (pb_text_compare(text, member->schema->enumeration) == 0)
      pb_description_fail(c, "branches %d and %d of oneOf both have %s = \"%s\"", (int)j + 1,
                          (int)i + 1, schema->discriminator.bytes, text->bytes);
  }
}

void pb_compile_union(pb_description *c, int index, pb_schema *schema,
                      pb_compile_function *compile) {
  compile_discriminator(c, index, schema);
  int length = pb_description_list(c, index, "oneOf");
  if (length < 1) pb_description_fail(c, "oneOf must have branches");
  schema->branches = pb_description_take(c, (size_t)length * sizeof *schema->branches);
  for (int i = 0; i < length; i++) {
    lua_rawgeti(c->L, -1, i + 1);
    int table = lua_gettop(c->L);
    if (lua_istable(c->L, table)) refuse_keywords(c, table);
    pb_schema *branch = compile(c, table, (pb_inherited){.type = PB_ANY, .secret = schema->secret});
    schema->branches[schema->branch_count++] = branch;
    check_distinct(c, schema, schema->branch_count - 1);
    schema->nullable |= branch->nullable;
    schema->holds_secret |= branch->holds_secret;
    /* An error about any value of the union could show the secret. */
    schema->secret |= branch->secret;
    lua_pop(c->L, 1);
  }
  lua_pop(c->L, 1);
}
