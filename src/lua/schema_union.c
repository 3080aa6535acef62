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

/* Raises for keywords that belong to the field and not to one branch. `word`: "oneOf" or "anyOf". */
static void refuse_keywords(pb_description *c, int branch, const char *word) {
  static const char *const keywords[] = {"readOnly",   "undocumented", "echo",
                                         "unreliable", "also",         "on_create"};
  for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
    if (pb_description_has(c, branch, keywords[i]))
      pb_description_fail(c, "%s in a branch of %s: it stands beside %s", keywords[i], word, word);
}

/* Raises unless the discriminator tells the branch `i`, if it is an object, from those before it. */
static void check_member(pb_description *c, const pb_schema *schema, size_t i, const char *word) {
  const pb_schema *branch = schema->branches[i];
  if (branch->type != PB_OBJECT) return;
  const pb_property *member = pb_union_member(schema, branch);
  if (!member)
    pb_description_fail(
        c,
        "branch %d of %s needs a property %s of type = \"string\" with const, one text that "
        "tells it from the others",
        (int)i + 1, word, schema->discriminator.bytes);
  for (size_t j = 0; j < i; j++) {
    if (schema->branches[j]->type != PB_OBJECT) continue;
    const pb_text *text = pb_union_member(schema, schema->branches[j])->schema->enumeration;
    if (pb_text_compare(text, member->schema->enumeration) == 0)
      pb_description_fail(c, "branches %d and %d of %s both have %s = \"%s\"", (int)j + 1,
                          (int)i + 1, word, schema->discriminator.bytes, text->bytes);
  }
}

/* Whether the JSON type of a value, and of objects the discriminator, tells the branch `i` from those before it. */
static bool is_told(const pb_schema *schema, size_t i) {
  const pb_schema *branch = schema->branches[i];
  if (branch->type == PB_ANY || branch->type == PB_UNION) return false;
  if (branch->type == PB_OBJECT && schema->discriminator.length > 0) return true;
  for (size_t j = 0; j < i; j++)
    if (json_type(schema->branches[j]) == json_type(branch)) return false;
  return true;
}

void pb_compile_union(pb_description *c, int index, pb_schema *schema, bool whole,
                      pb_compile_function *compile) {
  bool one = pb_description_has(c, index, "oneOf");
  const char *word = one ? "oneOf" : "anyOf";
  compile_discriminator(c, index, schema);
  int length = pb_description_list(c, index, word);
  if (length < 1) pb_description_fail(c, "%s must have branches", word);
  schema->branches = pb_description_take(c, (size_t)length * sizeof *schema->branches);
  for (int i = 0; i < length; i++) {
    lua_rawgeti(c->L, -1, i + 1);
    int table = lua_gettop(c->L);
    if (lua_istable(c->L, table)) refuse_keywords(c, table, word);
    pb_inherited inherited = {.type = PB_ANY, .secret = schema->secret, .whole = whole};
    pb_schema *branch = compile(c, table, inherited);
    schema->branches[schema->branch_count++] = branch;
    if (schema->discriminator.length > 0) check_member(c, schema, schema->branch_count - 1, word);
    if (!is_told(schema, schema->branch_count - 1))
      schema->branching = one ? PB_BRANCH_ONE_OF : PB_BRANCH_ANY_OF;
    schema->nullable |= branch->nullable || branch->type == PB_ANY;
    schema->types |= branch->types;
    schema->holds_secret |= branch->holds_secret;
    schema->unnamed_secret |= branch->unnamed_secret;
    /* An error about any value of the union could show the secret. */
    schema->secret |= branch->secret;
    lua_pop(c->L, 1);
  }
  lua_pop(c->L, 1);
}
