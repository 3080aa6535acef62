#include "json/form.h"

#include "base/ascii.h"
#include "base/percent.h"
#include "json/find.h"
#include "json/scan.h"

const char pb_form_no_null[] =
    "null: a form has no null; assign \"\" where the vendor clears the field by an empty text, or "
    "nil to send nothing";
#define NO_NESTING "a form has no nested fields; client:call sends a body of another kind"
const char pb_form_no_nesting[] = NO_NESTING;
const char pb_form_no_object[] = "a table with named fields: " NO_NESTING;
const char pb_form_no_list[] =
    "a list in a list: a form has no nested lists; client:call sends a body of another kind";
const char pb_form_no_empty_list[] =
    "an empty list, of which a form would send nothing; assign nil to send nothing";

bool pb_form_write_text(pb_buffer *out, const char *text, size_t length) {
  for (size_t i = 0; i < length; i++) {
    char c = text[i];
    bool kept = pb_ascii_is_alphanumeric(c) || c == '*' || c == '-' || c == '.' || c == '_';
    if (c == ' ') pb_buffer_add_char(out, '+');
    else if (kept) pb_buffer_add_char(out, c);
    else pb_percent_add(out, (unsigned char)c);
  }
  return !out->failed;
}

/* Appends the text that the inside of a JSON string stands for. */
static void write_string(pb_buffer *out, const char *at, const char *end) {
  while (at < end) {
    const char *escape = memchr(at, '\\', (size_t)(end - at)), *stop = escape ? escape : end;
    pb_form_write_text(out, at, (size_t)(stop - at));
    at = stop;
    char meant[4];
    size_t count = escape ? pb_json_read_escape(&at, end, meant) : 0;
    if (escape && count == 0) return; /* no JSON */
    pb_form_write_text(out, meant, count);
  }
}

/* Appends `&name=value` for the scalar at `*at`, and moves behind it. */
static const char *write_pair(pb_buffer *out, const pb_form_place *place, const char **at,
                              const char *end) {
  const char *start = *at, *stop = start;
  if (*start == 'n') return pb_form_no_null;
  if (*start == '{') return pb_form_no_object;
  if (*start == '[') return pb_form_no_list;
  if (out->length > 0) pb_buffer_add_char(out, '&');
  write_string(out, place->name, place->name + place->length);
  pb_buffer_add_char(out, '=');
  if (*start == '"') {
    bool escaped;
    start++;
    stop = pb_json_closing_quote(start, end, &escaped);
    if (!stop) stop = end;
    write_string(out, start, stop);
    *at = stop < end ? stop + 1 : end;
    return NULL;
  }
  while (stop < end && !pb_json_is_space(*stop) && *stop != ',' && *stop != ']' && *stop != '}')
    stop++;
  pb_form_write_text(out, start, (size_t)(stop - start));
  *at = stop;
  return NULL;
}

static const char *write_list(pb_buffer *out, pb_form_place *place, const char **at,
                              const char *end) {
  const char *problem = NULL;
  *at = pb_json_skip_space(*at + 1, end);
  if (*at < end && **at == ']') return pb_form_no_empty_list;
  while (*at < end && **at != ']') {
    place->position++;
    problem = write_pair(out, place, at, end);
    if (problem) return problem;
    *at = pb_json_skip_space(*at, end);
    if (*at < end && **at == ',') *at = pb_json_skip_space(*at + 1, end);
  }
  if (*at < end) ++*at;
  place->position = 0;
  return NULL;
}

const char *pb_form_write(const char *json, size_t length, pb_buffer *out, pb_form_place *place) {
  const char *end = json + length, *at = pb_json_skip_space(json, end);
  *place = (pb_form_place){.name = ""};
  if (at == end || *at != '{') return "no object";
  at = pb_json_skip_space(at + 1, end);
  while (at < end && *at == '"') {
    bool escaped;
    const char *name = at + 1, *close = pb_json_closing_quote(name, end, &escaped);
    if (!close) return "no JSON";
    *place = (pb_form_place){.name = name, .length = (size_t)(close - name)};
    at = pb_json_skip_space(close + 1, end);
    if (at == end || *at != ':') return "no JSON";
    at = pb_json_skip_space(at + 1, end);
    if (at == end) return "no JSON";
    const char *problem =
        *at == '[' ? write_list(out, place, &at, end) : write_pair(out, place, &at, end);
    if (problem) return problem;
    at = pb_json_skip_space(at, end);
    if (at < end && *at == ',') at = pb_json_skip_space(at + 1, end);
  }
  return NULL;
}
