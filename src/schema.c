#include "schema.h"

#include "memory.h"
#include "suggest.h"
#include "utf8.h"

/* How much of a wrong value an error shows: enough to recognise it, not enough to flood a terminal. */
enum { SHOWN_BYTES = 60 };

struct pb_arena_block {
  struct pb_arena_block *next;
  max_align_t bytes[];
};

void *pb_arena_take(pb_arena *arena, size_t size) {
  struct pb_arena_block *block = pb_realloc(NULL, sizeof *block + (size ? size : 1));
  if (!block) return NULL;
  memset(block->bytes, 0, size);
  block->next = arena->blocks;
  arena->blocks = block;
  return block->bytes;
}

bool pb_arena_text(pb_arena *arena, const char *bytes, size_t length, pb_text *text) {
  char *copy = pb_arena_take(arena, length + 1);
  if (!copy) return false;
  if (length > 0) memcpy(copy, bytes, length);
  *text = (pb_text){.bytes = copy, .length = length};
  return true;
}

bool pb_arena_keep_pattern(pb_arena *arena, pb_pattern *pattern) {
  size_t size = (arena->pattern_count + 1) * sizeof *arena->patterns;
  pb_pattern **patterns = pb_realloc(arena->patterns, size);
  if (!patterns) return false;
  arena->patterns = patterns;
  arena->patterns[arena->pattern_count++] = pattern;
  return true;
}

void pb_arena_free(pb_arena *arena) {
  for (size_t i = 0; i < arena->pattern_count; i++) pb_pattern_free(arena->patterns[i]);
  pb_free(arena->patterns);
  while (arena->blocks) {
    struct pb_arena_block *next = arena->blocks->next;
    pb_free(arena->blocks);
    arena->blocks = next;
  }
  *arena = (pb_arena){0};
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

void pb_show_text(pb_buffer *out, const char *text, size_t length) {
  size_t shown = length;
  if (shown > SHOWN_BYTES) {
    shown = SHOWN_BYTES;
    /* Not in the middle of a code point. */
    while (shown > 0 && ((unsigned char)text[shown] & 0xC0) == 0x80) shown--;
  }
  pb_buffer_add_char(out, '"');
  for (size_t i = 0; i < shown; i++) {
    unsigned char byte = (unsigned char)text[i];
    if (byte == '"' || byte == '\\') {
      pb_buffer_add_char(out, '\\');
      pb_buffer_add_char(out, (char)byte);
    } else if (byte == '\n') {
      pb_buffer_add_text(out, "\\n");
    } else if (byte == '\r') {
      pb_buffer_add_text(out, "\\r");
    } else if (byte == '\t') {
      pb_buffer_add_text(out, "\\t");
    } else if (byte < 0x20 || byte == 0x7F) {
      pb_buffer_format(out, "\\x%02X", byte);
    } else {
      pb_buffer_add_char(out, (char)byte);
    }
  }
  pb_buffer_add_char(out, '"');
  if (shown < length) pb_buffer_format(out, "… (%zu bytes)", length);
}

const pb_property *pb_schema_find(const pb_schema *schema, const char *name, size_t length) {
  for (size_t i = 0; i < schema->property_count; i++) {
    const pb_text *text = &schema->properties[i].name;
    if (text->length == length && memcmp(text->bytes, name, length) == 0)
      return &schema->properties[i];
  }
  return NULL;
}

static void add_suggestion(const pb_suggestion *suggestion, pb_buffer *message) {
  if (!suggestion->best) return;
  pb_buffer_add_text(message, "; did you mean ");
  pb_show_text(message, suggestion->best, suggestion->best_length);
  pb_buffer_add_char(message, '?');
}

void pb_schema_suggest_property(const pb_schema *schema, const char *name, size_t length,
                                pb_buffer *message) {
  pb_suggestion suggestion;
  pb_suggest_begin(&suggestion, name, length);
  for (size_t i = 0; i < schema->property_count; i++) {
    const pb_text *offer = &schema->properties[i].name;
    pb_suggest_offer(&suggestion, offer->bytes, offer->length);
  }
  add_suggestion(&suggestion, message);
}

static void add_got(const pb_schema *schema, const char *text, size_t length, pb_buffer *message) {
  if (schema->secret) return;
  pb_buffer_add_text(message, ", got ");
  pb_show_text(message, text, length);
}

static bool in_enumeration(const pb_schema *schema, const char *text, size_t length) {
  for (size_t i = 0; i < schema->enumeration_count; i++) {
    const pb_text *value = &schema->enumeration[i];
    if (value->length == length && memcmp(value->bytes, text, length) == 0) return true;
  }
  return false;
}

static void say_enumeration(const pb_schema *schema, const char *text, size_t length,
                            pb_buffer *message) {
  pb_buffer_add_text(message, "expected ");
  for (size_t i = 0; i < schema->enumeration_count; i++) {
    if (i > 0) pb_buffer_add_text(message, i + 1 == schema->enumeration_count ? " or " : ", ");
    pb_show_text(message, schema->enumeration[i].bytes, schema->enumeration[i].length);
  }
  add_got(schema, text, length, message);
  if (schema->secret) return;
  pb_suggestion suggestion;
  pb_suggest_begin(&suggestion, text, length);
  for (size_t i = 0; i < schema->enumeration_count; i++)
    pb_suggest_offer(&suggestion, schema->enumeration[i].bytes, schema->enumeration[i].length);
  add_suggestion(&suggestion, message);
}

static size_t code_points(const char *text, size_t length) {
  size_t count = 0;
  for (size_t i = 0; i < length; i++) count += ((unsigned char)text[i] & 0xC0) != 0x80;
  return count;
}

static bool good_length(const pb_schema *schema, const char *text, size_t length) {
  if (schema->min_length == 0 && schema->max_length == SIZE_MAX) return true;
  size_t characters = code_points(text, length);
  return characters >= schema->min_length && characters <= schema->max_length;
}

static bool good_format(const pb_schema *schema, const char *text, size_t length) {
  return !schema->format || pb_format_check(schema->format, text, length);
}

static bool good_pattern(const pb_schema *schema, const char *text, size_t length) {
  return !schema->pattern || pb_pattern_match(schema->pattern, text, length);
}

/* Whether the string, which is UTF-8, obeys every rule. */
static bool is_good(const pb_schema *schema, const char *text, size_t length) {
  if (schema->enumeration_count > 0 && !in_enumeration(schema, text, length)) return false;
  if (!good_length(schema, text, length) || !good_format(schema, text, length) ||
      !good_pattern(schema, text, length))
    return false;
  for (size_t i = 0; i < schema->all_of_count; i++)
    if (!is_good(schema->all_of[i], text, length)) return false;
  return true;
}

bool pb_schema_string_good(const pb_schema *schema, const char *text, size_t length) {
  return pb_utf8_check(text, length, NULL) && is_good(schema, text, length);
}

/* Each says what is wrong with a string that breaks the rule in its name. */

static void say_length(const pb_schema *schema, const char *text, size_t length,
                       pb_buffer *message) {
  size_t characters = code_points(text, length);
  bool few = characters < schema->min_length;
  size_t limit = few ? schema->min_length : schema->max_length;
  pb_buffer_format(message, "expected at %s %zu character%s, got %zu", few ? "least" : "most",
                   limit, limit == 1 ? "" : "s", characters);
}

static void say_format(const pb_schema *schema, const char *text, size_t length,
                       pb_buffer *message) {
  pb_buffer_add_text(message, "expected ");
  if (schema->expected.length)
    pb_buffer_add(message, schema->expected.bytes, schema->expected.length);
  else pb_buffer_add_text(message, schema->format->expected);
  add_got(schema, text, length, message);
  if (schema->secret) return;
  size_t before = message->length;
  pb_buffer_add_text(message, "; ");
  if (!pb_format_hint(schema->format, text, length, message)) message->length = before;
}

static void say_pattern(const pb_schema *schema, const char *text, size_t length,
                        pb_buffer *message) {
  pb_buffer_add_text(message, "expected ");
  if (schema->expected.length) {
    pb_buffer_add(message, schema->expected.bytes, schema->expected.length);
  } else {
    pb_buffer_add_text(message, "text that matches ");
    pb_show_text(message, schema->pattern_text.bytes, schema->pattern_text.length);
  }
  add_got(schema, text, length, message);
}

/* Names every rule that is broken, so that one look is enough to mend the value. */
static void say_all_of(const pb_schema *schema, const char *text, size_t length,
                       pb_buffer *message) {
  size_t broken = 0;
  for (size_t i = 0; i < schema->all_of_count; i++) {
    const pb_schema *rule = schema->all_of[i];
    char bytes[256];
    pb_buffer words = {.data = bytes, .capacity = sizeof bytes, .grow = message->grow};
    if (pb_schema_check_string(rule, text, length, &words)) continue;
    pb_buffer_add_text(message, broken++ ? ", " : "expected ");
    if (rule->expected.length) pb_buffer_add(message, rule->expected.bytes, rule->expected.length);
    else pb_buffer_add(message, words.data, words.length);
  }
  add_got(schema, text, length, message);
}

bool pb_schema_check_string(const pb_schema *schema, const char *text, size_t length,
                            pb_buffer *message) {
  if (pb_schema_string_good(schema, text, length)) return true;
  size_t bad;
  if (!pb_utf8_check(text, length, &bad))
    pb_buffer_format(message, "not valid UTF-8 at byte %zu; JSON can carry nothing else", bad + 1);
  else if (schema->enumeration_count > 0 && !in_enumeration(schema, text, length))
    say_enumeration(schema, text, length, message);
  else if (!good_length(schema, text, length)) say_length(schema, text, length, message);
  else if (!good_format(schema, text, length)) say_format(schema, text, length, message);
  else if (!good_pattern(schema, text, length)) say_pattern(schema, text, length, message);
  else say_all_of(schema, text, length, message);
  return false;
}

bool pb_schema_check_number(const pb_schema *schema, double number, pb_buffer *message) {
  bool low = schema->has_minimum && number < schema->minimum;
  if (!low && !(schema->has_maximum && number > schema->maximum)) return true;
  pb_buffer_format(message, "expected at %s %.14g", low ? "least" : "most",
                   low ? schema->minimum : schema->maximum);
  if (!schema->secret) pb_buffer_format(message, ", got %.14g", number);
  return false;
}
