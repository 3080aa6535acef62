#include "lua/check_union.h"

#include "base/show.h"
#include "base/suggest.h"
#include "lua/table.h"
#include "lua/type_error.h"
#include "lua/union.h"
#include "schema/explain.h"

/* The branches that a message names, and the bytes for each. */
enum { LISTED = 4, LISTED_BYTES = 200 };

/* Whether the vendor takes such a value is for the description to say. */
static const char take_any[] = "; where the vendor takes it, the description has to say anyOf";

/* Appends the texts that tell the objects of the union apart. */
static void add_kinds(const pb_schema *schema, pb_buffer *message) {
  size_t said = 0, count = 0;
  for (size_t i = 0; i < schema->branch_count; i++) count += schema->branches[i]->type == PB_OBJECT;
  for (size_t i = 0; said < pb_choice_listed(count); i++) {
    if (schema->branches[i]->type != PB_OBJECT) continue;
    const pb_text *text = pb_union_member(schema, schema->branches[i])->schema->enumeration;
    pb_choice_separate(said++, count, message);
    pb_show_text(message, text->bytes, text->length);
  }
  pb_choice_end(count, message);
}

static void suggest_kind(const pb_schema *schema, const char *text, size_t length,
                         pb_buffer *message) {
  pb_suggestion suggestion;
  pb_suggest_begin(&suggestion, text, length);
  for (size_t i = 0; i < schema->branch_count; i++) {
    if (schema->branches[i]->type != PB_OBJECT) continue;
    const pb_text *offer = pb_union_member(schema, schema->branches[i])->schema->enumeration;
    pb_suggest_offer(&suggestion, offer->bytes, offer->length);
  }
  pb_suggest_append(&suggestion, message);
}

/* Says why the value at `index` has no branch in the union. Returns false. */
static bool say_untold(lua_State *L, int index, const pb_schema *schema, pb_check *check) {
  const pb_text *name = &schema->discriminator;
  size_t length;
  pb_table_shape shape = PB_TABLE_MIXED;
  if (lua_type(L, index) == LUA_TTABLE) shape = pb_table_shape_of(L, index, &length, NULL);
  bool object = shape == PB_TABLE_OBJECT || shape == PB_TABLE_EMPTY;
  if (name->length == 0 || !object) return pb_type_error(L, index, schema, &check->message);
  luaL_checkstack(L, 8, "value nested too deeply");
  index = lua_absindex(L, index);
  lua_pushlstring(L, name->bytes, name->length);
  int type = pb_rawget(L, index);
  if (type == LUA_TNIL) {
    pb_buffer_format(&check->message, "missing %s, which tells what it is: ", name->bytes);
    add_kinds(schema, &check->message);
    return false;
  }
  pb_check_enter(check, name->bytes, name->length);
  pb_buffer_add_text(&check->message, "expected ");
  add_kinds(schema, &check->message);
  if (schema->secret) return false;
  pb_buffer_add_text(&check->message, ", got ");
  const char *text = type == LUA_TSTRING ? lua_tolstring(L, -1, &length) : NULL;
  if (!text) {
    pb_show_value(L, lua_gettop(L), &check->message);
    return false;
  }
  pb_show_text(&check->message, text, length);
  suggest_kind(schema, text, length, &check->message);
  return false;
}

/* Appends a text, of which as much as `room` takes; it becomes what is left of that. */
static void add_part(pb_buffer *list, const char *text, size_t length, size_t *room) {
  size_t part = length < *room ? length : *room;
  while (part < length && ((unsigned char)text[part] & 0xC0) == 0x80) part--;
  pb_buffer_add(list, text, part);
  if (part < length) pb_buffer_add_text(list, *room > 0 ? "…" : "");
  *room = part < length ? 0 : *room - part;
}

/* Appends the problem with one branch to the list: what the check has found since the path and the message were
 * `path` and `message`. Where a branch has a secret, another one may show it, so that only the place is named. */
static void list_problem(const pb_schema *schema, size_t branch, const pb_check *check, size_t path,
                         size_t message, pb_buffer *list) {
  const char *place = check->path.data + path;
  size_t length = check->path.length - path, room = LISTED_BYTES;
  if (length > 0 && *place == '.') place++, length--;
  pb_buffer_format(list, "%sbranch %zu: ", list->length > 0 ? "; " : "", branch + 1);
  if (schema->holds_secret) pb_buffer_add_text(list, length > 0 ? "wrong at " : "wrong");
  add_part(list, place, length, &room);
  if (schema->holds_secret) return;
  if (length > 0) pb_buffer_add_text(list, ": ");
  add_part(list, check->message.data + message, check->message.length - message, &room);
}

typedef bool is_candidate(lua_State *L, int index, const pb_schema *branch);

/* The problems with the branches of a union: with those that a member of the value shows, if it shows any. */
typedef struct {
  pb_buffer list;
  size_t failed;
  bool shown; /* the list has such branches alone */
  bool hides; /* another branch has a secret */
  char bytes[LISTED * (LISTED_BYTES + 32)];
} branch_problems;

/* Adds the problem with the branch `i`, which the check has found since the path and the message were those. */
static void add_problem(branch_problems *problems, lua_State *L, int index, const pb_schema *schema,
                        size_t i, const pb_check *check, const pb_buffer *path,
                        const pb_buffer *message, pb_verdict *verdict) {
  bool shows = pb_union_sign_of(L, index, schema->branches[i]) != PB_SIGN_NONE;
  problems->hides = problems->hides || (!shows && schema->branches[i]->holds_secret);
  if (shows && !problems->shown) {
    problems->failed = 0;
    pb_buffer_cut(&problems->list, 0);
  }
  problems->shown = problems->shown || shows;
  if (shows != problems->shown) return;
  if (++problems->failed <= LISTED && check->nesting == 0)
    list_problem(schema, i, check, path->length, message->length, &problems->list);
  verdict->shown = problems->failed == 1 && shows ? i + 1 : 0;
}

/* Tries the branches that are candidates. False: there are too many of them. */
static bool try_branches(lua_State *L, int index, const pb_schema *schema, is_candidate *candidate,
                         pb_check *check, pb_check_function *check_value, branch_problems *problems,
                         pb_verdict *verdict) {
  const pb_buffer path = check->path, message = check->message;
  const size_t nesting = check->nesting;
  for (size_t i = 0; i < schema->branch_count && verdict->second == 0; i++) {
    if (!candidate(L, index, schema->branches[i])) continue;
    if (nesting > 0) check->tries++;
    check->nesting = nesting + 1;
    bool good = check->tries <= PB_MOST_TRIES && check_value(L, index, schema->branches[i], check);
    check->nesting = nesting;
    if (check->tries > PB_MOST_TRIES) {
      check->path = path;
      check->message = message;
      return false;
    }
    if (!good) add_problem(problems, L, index, schema, i, check, &path, &message, verdict);
    check->path = path;
    check->message = message;
    if (!good) continue;
    if (verdict->obeyed > 0) verdict->second = i + 1;
    else verdict->obeyed = i + 1;
    if (schema->branching == PB_BRANCH_ANY_OF) break;
  }
  if (verdict->obeyed > 0 || problems->hides) verdict->shown = 0;
  return true;
}

/* Checks the value against the branches that are candidates, at least two. Within a union that is being tried the
 * message lists no problems: with each level there would be more of them than anybody reads. */
static bool check_branches(lua_State *L, int index, const pb_schema *schema,
                           is_candidate *candidate, pb_check *check,
                           pb_check_function *check_value) {
  pb_verdict verdict = {0};
  branch_problems problems;
  problems.failed = 0;
  problems.shown = problems.hides = false;
  pb_buffer_init_fixed(&problems.list, problems.bytes, sizeof problems.bytes);
  if (check->nesting == 0) check->verdicts.any = false;
  const void *kept =
      check->nesting > 0 && lua_type(L, index) == LUA_TTABLE ? lua_topointer(L, index) : NULL;
  const pb_verdict *known = kept ? pb_verdict_on(&check->verdicts, kept, schema) : NULL;
  if (known) {
    verdict = *known;
  } else if (!try_branches(L, index, schema, candidate, check, check_value, &problems, &verdict)) {
    pb_buffer_format(&check->message,
                     "has more than %d branches of unions to try; assign a smaller value, or one "
                     "that is nested less",
                     PB_MOST_TRIES);
    return false;
  } else if (kept) {
    pb_verdict_keep(&check->verdicts, kept, schema, check->nesting, &verdict);
  }
  const char *word = schema->branching == PB_BRANCH_ONE_OF ? "oneOf" : "anyOf";
  if (verdict.second > 0) {
    pb_buffer_format(&check->message,
                     "obeys branches %zu and %zu of oneOf, and has to obey one alone%s",
                     verdict.obeyed, verdict.second, take_any);
    return false;
  }
  if (verdict.obeyed > 0) return true;
  if (verdict.shown > 0) return check_value(L, index, schema->branches[verdict.shown - 1], check);
  pb_buffer_format(&check->message, "obeys no branch of %s", word);
  if (check->nesting > 0) return false;
  pb_buffer_add_text(&check->message, " (");
  pb_buffer_add(&check->message, problems.list.data, problems.list.length);
  if (problems.failed > LISTED)
    pb_buffer_format(&check->message, "; and %zu more", problems.failed - LISTED);
  pb_buffer_add_char(&check->message, ')');
  return false;
}

/* The number of candidates; `only` becomes the last one. */
static size_t count_candidates(lua_State *L, int index, const pb_schema *schema,
                               is_candidate *candidate, const pb_schema **only) {
  size_t count = 0;
  for (size_t i = 0; i < schema->branch_count; i++) {
    if (!candidate(L, index, schema->branches[i])) continue;
    *only = schema->branches[i];
    count++;
  }
  return count;
}

static bool is_empty_table(lua_State *L, int index) {
  size_t length;
  return lua_type(L, index) == LUA_TTABLE &&
         pb_table_shape_of(L, index, &length, NULL) == PB_TABLE_EMPTY;
}

/* The branch without branches that the value obeys first, or null. */
static const pb_schema *first_obeyed(lua_State *L, int index, const pb_schema *schema,
                                     pb_check *check, pb_check_function *check_value) {
  if (schema->type != PB_UNION) return schema;
  if (schema->branching == PB_BRANCH_TOLD) return pb_union_told(L, index, schema);
  const pb_buffer path = check->path, message = check->message;
  for (size_t i = 0; i < schema->branch_count; i++) {
    const pb_schema *branch = schema->branches[i];
    if (!pb_union_may_be(L, index, branch)) continue;
    if (++check->tries > PB_MOST_TRIES) return NULL;
    bool good = check_value(L, index, branch, check);
    check->path = path;
    check->message = message;
    if (good) return first_obeyed(L, index, branch, check, check_value);
  }
  return NULL;
}

/* An empty table is the list or the object that the first branch takes which it obeys, `first`. Whether it obeys no
 * other branch of oneOf as that. */
static bool empty_obeys_one(lua_State *L, int index, const pb_schema *schema,
                            const pb_schema *first, pb_check *check,
                            pb_check_function *check_value) {
  const pb_buffer path = check->path, message = check->message;
  size_t obeyed = 0;
  luaL_checkstack(L, 4, "value nested too deeply");
  if (first->type == PB_ARRAY) {
    lua_newtable(L);
    pb_push_array_metatable(L);
    lua_setmetatable(L, -2);
    index = lua_gettop(L);
  }
  for (size_t i = 0; i < schema->branch_count; i++) {
    const pb_schema *branch = schema->branches[i];
    bool good = ++check->tries <= PB_MOST_TRIES && check_value(L, index, branch, check);
    check->path = path;
    check->message = message;
    if (good && first->type != PB_ARRAY) {
      const pb_schema *taken = first_obeyed(L, index, branch, check, check_value);
      good = taken && taken->type != PB_ARRAY;
    }
    obeyed += good;
  }
  if (first->type == PB_ARRAY) lua_pop(L, 1);
  if (obeyed != 1)
    pb_buffer_format(&check->message,
                     "obeys %zu branches of oneOf as an empty %s, and has to obey one alone%s",
                     obeyed, first->type == PB_ARRAY ? "list" : "object", take_any);
  return obeyed == 1;
}

bool pb_check_union(lua_State *L, int index, const pb_schema *schema, pb_check *check,
                    pb_check_function *check_value) {
  const pb_schema *only = NULL;
  if (schema->branching == PB_BRANCH_TOLD) {
    only = pb_union_told(L, index, schema);
    return only ? check_value(L, index, only, check) : say_untold(L, index, schema, check);
  }
  is_candidate *candidate = pb_union_may_be;
  size_t count = count_candidates(L, index, schema, candidate, &only);
  if (count == 0) { /* the message lists those of its type */
    candidate = pb_union_fits_type;
    count = count_candidates(L, index, schema, candidate, &only);
  }
  if (count == 0) return pb_type_error(L, index, schema, &check->message);
  if (count == 1) return check_value(L, index, only, check);
  if (schema->branching == PB_BRANCH_ONE_OF && is_empty_table(L, index)) {
    const size_t nesting = check->nesting++;
    const pb_schema *first = first_obeyed(L, index, schema, check, check_value);
    bool good = first && empty_obeys_one(L, index, schema, first, check, check_value);
    check->nesting = nesting;
    if (first) return good;
  }
  return check_branches(L, index, schema, candidate, check, check_value);
}
