#include "schema/explain.h"

#include "base/show.h"
#include "base/utf8.h"
#include "schema/remedy.h"

size_t pb_choice_listed(size_t count) {
  enum { MOST = 12 };
  return count > MOST ? MOST - 1 : count;
}

void pb_choice_separate(size_t i, size_t count, pb_buffer *message) {
  if (i > 0) pb_buffer_add_text(message, i + 1 == count ? " or " : ", ");
}

void pb_choice_end(size_t count, pb_buffer *message) {
  size_t more = count - pb_choice_listed(count);
  if (more > 0) pb_buffer_format(message, " or one of %zu more", more);
}

static void say_enumeration(const pb_schema *schema, pb_buffer *message) {
  size_t count = schema->enumeration_count;
  for (size_t i = 0; i < pb_choice_listed(count); i++) {
    pb_choice_separate(i, count, message);
    pb_show_text(message, schema->enumeration[i].bytes, schema->enumeration[i].length);
  }
  pb_choice_end(count, message);
}

/* Appends the requirement of the broken rule, to follow "expected". */
static void say_rule(const pb_schema *schema, pb_rule broken, const char *text, size_t length,
                     pb_buffer *message) {
  size_t limit = broken == PB_RULE_LEAST ? schema->min_length : schema->max_length;
  switch (broken) {
  case PB_RULE_ENUMERATION:
    say_enumeration(schema, message);
    return;
  case PB_RULE_LEAST:
  case PB_RULE_MOST:
    pb_buffer_format(message, "at %s %zu character%s", broken == PB_RULE_LEAST ? "least" : "most",
                     limit, limit == 1 ? "" : "s");
    return;
  case PB_RULE_FORMAT:
  case PB_RULE_SCHEME:
  case PB_RULE_PATTERN:
    if (schema->expected.length) {
      pb_buffer_add(message, schema->expected.bytes, schema->expected.length);
    } else if (schema->scheme.length) {
      pb_buffer_format(message, "a %s:// address such as %s://example.com/path",
                       schema->scheme.bytes, schema->scheme.bytes);
    } else if (broken == PB_RULE_FORMAT) {
      pb_buffer_add_text(message, schema->format->expected);
    } else {
      pb_buffer_add_text(message, "text that matches ");
      pb_show_text(message, schema->pattern_text.bytes, schema->pattern_text.length);
    }
    return;
  case PB_RULE_ALL_OF:
    break;
  default:
    return;
  }
  /* All broken rules, so that the value can be fixed at once. */
  size_t said = 0;
  for (size_t i = 0; i < schema->all_of_count; i++) {
    const pb_schema *rule = schema->all_of[i];
    pb_rule inner = pb_schema_first_broken(rule, text, length);
    if (inner == PB_RULE_NOTHING) continue;
    if (said++) pb_buffer_add_text(message, ", ");
    if (rule->expected.length) pb_buffer_add(message, rule->expected.bytes, rule->expected.length);
    else say_rule(rule, inner, text, length, message);
  }
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
  pb_rule broken = pb_schema_first_broken(schema, text, length);
  if (broken == PB_RULE_NOTHING) return true;
  pb_buffer_add_text(message, "expected ");
  say_rule(schema, broken, text, length, message);
  if (broken == PB_RULE_LEAST || broken == PB_RULE_MOST) {
    pb_buffer_format(message, ", got %zu", pb_code_points(text, length));
  } else if (!schema->secret) {
    pb_buffer_add_text(message, ", got ");
    pb_show_text(message, text, length);
    pb_schema_add_remedy(schema, text, length, message);
  }
  return false;
}
