#include "schema/schema.h"

#include "base/show.h"
#include "base/suggest.h"
#include "base/userinfo.h"
#include "base/utf8.h"
#include "schema/format_checks.h"

const pb_schema pb_schema_anything = {
    .type = PB_ANY, .max_length = SIZE_MAX, .max_items = SIZE_MAX, .max_properties = SIZE_MAX};

static const pb_schema any_form_field = {.type = PB_ANY,
                                         .max_length = SIZE_MAX,
                                         .max_items = SIZE_MAX,
                                         .max_properties = SIZE_MAX,
                                         .form = PB_FORM_FIELD};

const pb_schema *pb_schema_of_rest(const pb_schema *object) {
  if (object->additional) return object->additional;
  return object->form_body ? &any_form_field : &pb_schema_anything;
}

void *pb_arena_take(pb_arena *arena, size_t size) {
  enum { CHUNK = 4096, ALIGNMENT = _Alignof(max_align_t) };
  if (size > SIZE_MAX - ALIGNMENT) return NULL;
  size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  if (size > arena->left) {
    size_t room = size > CHUNK ? size : CHUNK;
    char *chunk = arena->more(arena, room);
    if (!chunk) return NULL;
    arena->at = chunk;
    arena->left = room;
  }
  void *taken = arena->at;
  arena->at += size;
  arena->left -= size;
  memset(taken, 0, size);
  return taken;
}

bool pb_arena_text(pb_arena *arena, const char *bytes, size_t length, pb_text *text) {
  char *copy = pb_arena_take(arena, length + 1);
  if (!copy) return false;
  if (length > 0) memcpy(copy, bytes, length);
  *text = (pb_text){.bytes = copy, .length = length};
  return true;
}

const char *pb_type_name(pb_type type) {
  switch (type) {
  case PB_BOOLEAN:
    return "a boolean";
  case PB_INTEGER:
    return "an integer";
  case PB_NUMBER:
    return "a number";
  case PB_STRING:
    return "a string";
  case PB_ARRAY:
    return "an array";
  case PB_OBJECT:
    return "an object";
  default:
    return "a value";
  }
}

/* FNV-1a */
static size_t hash_of(const char *name, size_t length) {
  uint32_t hash = 2166136261u;
  for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)name[i]) * 16777619u;
  return hash;
}

static bool has_name(const pb_property *property, const char *name, size_t length) {
  return property->name.length == length && memcmp(property->name.bytes, name, length) == 0;
}

/* Fewer properties are found more quickly by looking at each. */
enum { FEW_PROPERTIES = 8 };

bool pb_schema_make_index(pb_schema *schema, size_t count, pb_arena *arena) {
  size_t room = 1;
  if (count <= FEW_PROPERTIES) return true;
  while (room < 2 * count) room *= 2;
  schema->index = pb_arena_take(arena, room * sizeof *schema->index);
  schema->index_mask = room - 1;
  return schema->index != NULL;
}

void pb_schema_enter(pb_schema *schema) {
  const pb_text *name = &schema->properties[schema->property_count++].name;
  if (!schema->index) return;
  size_t at = hash_of(name->bytes, name->length) & schema->index_mask;
  while (schema->index[at]) at = (at + 1) & schema->index_mask;
  schema->index[at] = (uint32_t)schema->property_count;
}

static const pb_property *find_indexed(const pb_schema *schema, const char *name, size_t length) {
  size_t at = hash_of(name, length) & schema->index_mask;
  for (; schema->index[at]; at = (at + 1) & schema->index_mask) {
    const pb_property *property = &schema->properties[schema->index[at] - 1];
    if (has_name(property, name, length)) return property;
  }
  return NULL;
}

const pb_property *pb_schema_find(const pb_schema *schema, const char *name, size_t length) {
  if (schema->index) return find_indexed(schema, name, length);
  for (size_t i = 0; i < schema->property_count; i++)
    if (has_name(&schema->properties[i], name, length)) return &schema->properties[i];
  return NULL;
}

const pb_property *pb_union_member(const pb_schema *schema, const pb_schema *branch) {
  const pb_property *member =
      pb_schema_find(branch, schema->discriminator.bytes, schema->discriminator.length);
  bool fixed =
      member && member->schema->type == PB_STRING && member->schema->enumeration_count == 1;
  return fixed ? member : NULL;
}

int pb_text_compare(const pb_text *a, const pb_text *b) {
  size_t shorter = a->length < b->length ? a->length : b->length;
  int order = memcmp(a->bytes, b->bytes, shorter);
  return order ? order : (a->length > b->length) - (a->length < b->length);
}

void pb_schema_suggest_property(const pb_schema *schema, const char *name, size_t length,
                                pb_buffer *message) {
  pb_suggestion suggestion;
  pb_suggest_begin(&suggestion, name, length);
  for (size_t i = 0; i < schema->property_count; i++) {
    const pb_text *offer = &schema->properties[i].name;
    pb_suggest_offer(&suggestion, offer->bytes, offer->length);
  }
  pb_suggest_append(&suggestion, message);
}

size_t pb_code_points(const char *text, size_t length) {
  size_t count = 0;
  for (size_t i = 0; i < length; i++) count += ((unsigned char)text[i] & 0xC0) != 0x80;
  return count;
}

static bool in_enumeration(const pb_schema *schema, const char *text, size_t length) {
  if (schema->enumeration_count == 0) return true;
  for (size_t i = 0; i < schema->enumeration_count; i++) {
    const pb_text *value = &schema->enumeration[i];
    if (value->length == length && memcmp(value->bytes, text, length) == 0) return true;
  }
  return false;
}

/* Patchbay's own mask, also in the place of what stands before the "@" of an address. A script that assigns it
 * has copied it from something that Patchbay has shown. */
static const char own_mask[] = "***";

static bool is_own_mask(const char *text, size_t length) {
  return length == sizeof own_mask - 1 && memcmp(text, own_mask, sizeof own_mask - 1) == 0;
}

bool pb_is_own_mask(const char *text, size_t length) {
  if (is_own_mask(text, length)) return true;
  if (!memchr(text, '@', length)) return false;
  size_t start, end;
  for (size_t from = 0; pb_userinfo_find(text, length, from, &start, &end); from = end)
    if (is_own_mask(text + start, end - start)) return true;
  return false;
}

void pb_say_own_mask(pb_buffer *message) {
  pb_buffer_add_text(message, "\"***\" is what Patchbay shows in place of a secret, not its value; "
                              "assign the value itself");
}

/* Returns the first rule of the schema that the text, which is UTF-8, breaks. */
pb_rule pb_schema_first_broken(const pb_schema *schema, const char *text, size_t length) {
  if (!in_enumeration(schema, text, length)) return PB_RULE_ENUMERATION;
  /* A code point has one to four bytes, so few texts have to be counted. */
  if (length / 4 < schema->min_length && pb_code_points(text, length) < schema->min_length)
    return PB_RULE_LEAST;
  if (length > schema->max_length && pb_code_points(text, length) > schema->max_length)
    return PB_RULE_MOST;
  if (schema->format && !pb_format_check(schema->format, text, length)) return PB_RULE_FORMAT;
  if (schema->scheme.length && !pb_uri_has_scheme(text, length, schema->scheme.bytes))
    return PB_RULE_SCHEME;
  if (schema->pattern && !pb_pattern_match_utf8(schema->pattern, text, length))
    return PB_RULE_PATTERN;
  for (size_t i = 0; i < schema->all_of_count; i++)
    if (pb_schema_first_broken(schema->all_of[i], text, length) != PB_RULE_NOTHING)
      return PB_RULE_ALL_OF;
  return PB_RULE_NOTHING;
}

bool pb_schema_string_good(const pb_schema *schema, const char *text, size_t length) {
  if (pb_is_own_mask(text, length)) return false;
  /* Enumerated values are UTF-8. */
  if (schema->enumeration_count == 0 && !pb_utf8_check(text, length, NULL)) return false;
  return !schema->ruled || pb_schema_first_broken(schema, text, length) == PB_RULE_NOTHING;
}
