#include "schema/schema.h"

#include "base/show.h"
#include "base/suggest.h"
#include "base/utf8.h"

/* The most values of an enumeration in an error: enough for a choice, too few for a list of countries. */
enum { LISTED_VALUES = 12 };

const pb_schema pb_schema_anything = {
    .type = PB_ANY, .max_length = SIZE_MAX, .max_items = SIZE_MAX};

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

const pb_property *pb_schema_find(const pb_schema *schema, const char *name, size_t length) {
  for (size_t i = 0; i < schema->property_count; i++) {
    const pb_text *text = &schema->properties[i].name;
    if (text->length == length && memcmp(text->bytes, name, length) == 0)
      return &schema->properties[i];
  }
  return NULL;
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

static size_t code_points(const char *text, size_t length) {
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

/* What Patchbay shows in place of a secret: a script that assigns it has copied it from there. */
static const char own_mask[] = "***";

bool pb_is_own_mask(const char *text, size_t length) {
  return length == sizeof own_mask - 1 && memcmp(text, own_mask, sizeof own_mask - 1) == 0;
}

void pb_say_own_mask(pb_buffer *message) {
  pb_buffer_add_text(message, "\"***\" is what Patchbay shows in place of a secret, not its value; "
                              "assign the value itself");
}

typedef enum { NOTHING, ENUMERATION, LEAST, MOST, FORMAT, PATTERN, ALL_OF } keyword;

/* Returns the first rule of the schema that the text, which is UTF-8, breaks. */
static keyword first_broken(const pb_schema *schema, const char *text, size_t length) {
  if (!in_enumeration(schema, text, length)) return ENUMERATION;
  /* A code point has one to four bytes, so few texts have to be counted. */
  if (length / 4 < schema->min_length && code_points(text, length) < schema->min_length)
    return LEAST;
  if (length > schema->max_length && code_points(text, length) > schema->max_length) return MOST;
  if (schema->format && !pb_format_check(schema->format, text, length)) return FORMAT;
  if (schema->pattern && !pb_pattern_match_utf8(schema->pattern, text, length)) return PATTERN;
  for (size_t i = 0; i < schema->all_of_count; i++)
    if (first_broken(schema->all_of[i], text, length) != NOTHING) return ALL_OF;
  return NOTHING;
}

static void say_enumeration(const pb_schema *schema, pb_buffer *message) {
  size_t count = schema->enumeration_count;
  size_t listed = count > LISTED_VALUES ? LISTED_VALUES - 1 : count;
  for (size_t i = 0; i < listed; i++) {
    if (i > 0) pb_buffer_add_text(message, i + 1 == count ? " or " : ", ");
    pb_show_text(message, schema->enumeration[i].bytes, schema->enumeration[i].length);
  }
  if (listed < count) pb_buffer_format(message, " or one of %zu more", count - listed);
}

/* Appends the requirement of the broken rule, to follow "expected". */
static void say_rule(const pb_schema *schema, keyword broken, const char *text, size_t length,
                     pb_buffer *message) {
  size_t limit = broken == LEAST ? schema->min_length : schema->max_length;
  switch (broken) {
  case ENUMERATION:
    say_enumeration(schema, message);
    return;
  case LEAST:
  case MOST:
    pb_buffer_format(message, "at %s %zu character%s", broken == LEAST ? "least" : "most", limit,
                     limit == 1 ? "" : "s");
    return;
  case FORMAT:
  case PATTERN:
    if (schema->expected.length) {
      pb_buffer_add(message, schema->expected.bytes, schema->expected.length);
    } else if (broken == FORMAT) {
      pb_buffer_add_text(message, schema->format->expected);
    } else {
      pb_buffer_add_text(message, "text that matches ");
      pb_show_text(message, schema->pattern_text.bytes, schema->pattern_text.length);
    }
    return;
  case ALL_OF:
    break;
  default:
    return;
  }
  /* All broken rules, so that the value can be fixed at once. */
  size_t said = 0;
  for (size_t i = 0; i < schema->all_of_count; i++) {
    const pb_schema *rule = schema->all_of[i];
    keyword inner = first_broken(rule, text, length);
    if (inner == NOTHING) continue;
    if (said++) pb_buffer_add_text(message, ", ");
    if (rule->expected.length) pb_buffer_add(message, rule->expected.bytes, rule->expected.length);
    else say_rule(rule, inner, text, length, message);
  }
}

static void add_hint(const pb_schema *schema, keyword broken, const char *text, size_t length,
                     pb_buffer *message) {
  if (broken == ENUMERATION) {
    pb_suggestion suggestion;
    pb_suggest_begin(&suggestion, text, length);
    for (size_t i = 0; i < schema->enumeration_count; i++)
      pb_suggest_offer(&suggestion, schema->enumeration[i].bytes, schema->enumeration[i].length);
    pb_suggest_append(&suggestion, message);
  } else if (broken == FORMAT) {
    size_t before = message->length;
    pb_buffer_add_text(message, "; ");
    if (!pb_format_hint(schema->format, text, length, message)) pb_buffer_cut(message, before);
  }
}

bool pb_schema_string_good(const pb_schema *schema, const char *text, size_t length) {
  if (pb_is_own_mask(text, length)) return false;
  /* Enumerated values are UTF-8. */
  if (schema->enumeration_count == 0 && !pb_utf8_check(text, length, NULL)) return false;
  return !schema->ruled || first_broken(schema, text, length) == NOTHING;
}

bool pb_schema_check_string(const pb_schema *schema, const char *text, size_t length,
                            pb_buffer *message) {
  size_t bad;
  if (!pb_utf8_check(text, length, &bad)) {
    pb_buffer_format(message, "not valid UTF-8 at byte %zu; JSON can carry nothing else", bad + 1);
    return false;
  }
  if (pb_is_own_mask(text, length)) {
    pb_say_own_mask(message);
    return false;
  }
  keyword broken = first_broken(schema, text, length);
  if (broken == NOTHING) return true;
  pb_buffer_add_text(message, "expected ");
  say_rule(schema, broken, text, length, message);
  if (broken == LEAST || broken == MOST) {
    pb_buffer_format(message, ", got %zu", code_points(text, length));
  } else if (!schema->secret) {
    pb_buffer_add_text(message, ", got ");
    pb_show_text(message, text, length);
    add_hint(schema, broken, text, length, message);
  }
  return false;
}

bool pb_schema_check_number(const pb_schema *schema, const pb_number *number, pb_buffer *message) {
  bool low = schema->has_minimum && pb_number_compare(number, &schema->minimum) < 0;
  if (!low && !(schema->has_maximum && pb_number_compare(number, &schema->maximum) > 0))
    return true;
  pb_buffer_format(message, "expected at %s ", low ? "least" : "most");
  pb_number_show(message, low ? &schema->minimum : &schema->maximum);
  if (!schema->secret) {
    pb_buffer_add_text(message, ", got ");
    pb_number_show(message, number);
  }
  return false;
}
