#include "base/show.h"

#include "base/invisible.h"
#include "base/userinfo.h"
#include "base/utf8.h"

/* Appends the escape for the control or invisible character at `at`. Returns the length of the character, or 0 if it is
 * none. */
static size_t show_control(pb_buffer *out, const unsigned char *at, size_t rest, bool text) {
  unsigned char byte = *at;
  switch (byte) {
  case '"':
    pb_buffer_add_text(out, "\\\"");
    return 1;
  case '\\':
    pb_buffer_add_text(out, "\\\\");
    return 1;
  case '\n':
    pb_buffer_add_text(out, "\\n");
    return 1;
  case '\r':
    pb_buffer_add_text(out, "\\r");
    return 1;
  case '\t':
    pb_buffer_add_text(out, "\\t");
    return 1;
  default:
    break;
  }
  if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !text)) {
    pb_buffer_format(out, "\\x%02X", byte);
    return 1;
  }
  /* U+0080 to U+009F, which terminals obey as well. */
  if (byte == 0xC2 && rest > 1 && at[1] < 0xA0) {
    pb_buffer_format(out, "\\u{%02X}", at[1]);
    return 2;
  }
  uint32_t code;
  if (byte < 0x80 || !text) return 0;
  size_t length = pb_utf8_sequence((const char *)at, rest);
  if (length == 0 || pb_invisible_find((const char *)at, length, &code) != 0) return 0;
  pb_buffer_format(out, "\\u{%04X}", (unsigned)code);
  return length;
}

void pb_show_text(pb_buffer *out, const char *text, size_t length) {
  const unsigned char *bytes = (const unsigned char *)text;
  size_t bad;
  bool valid = pb_utf8_check(text, length, &bad);
  size_t shown = length;
  if (shown > PB_SHOWN_BYTES) {
    shown = PB_SHOWN_BYTES;
    while (valid && (bytes[shown] & 0xC0) == 0x80) shown--; /* not in the middle of a code point */
  }
  enum {
    LONGEST_ESCAPE = 6,
    BEHIND = 40
  }; /* \u{80} (of several bytes: more); the quotes, and the length of all */
  char room[PB_SHOWN_BYTES * LONGEST_ESCAPE + BEHIND];
  pb_buffer literal;
  pb_buffer_init_fixed(&literal, room, sizeof room);
  pb_buffer_add_char(&literal, '"');
  size_t hidden, behind;
  if (!pb_userinfo_find(text, length, 0, &hidden, &behind)) hidden = length;
  for (size_t i = 0; i < shown;) {
    if (i == hidden) {
      pb_buffer_add_text(&literal, "***");
      i = behind;
      if (!pb_userinfo_find(text, length, behind, &hidden, &behind)) hidden = length;
      continue;
    }
    size_t escaped = show_control(&literal, bytes + i, shown - i, valid);
    if (escaped == 0) pb_buffer_add_char(&literal, text[i++]);
    else i += escaped;
  }
  pb_buffer_add_char(&literal, '"');
  if (shown < length) pb_buffer_format(&literal, "… (%zu bytes)", length);
  pb_buffer_add(out, literal.data, literal.length);
}

/* Appends the character at `at` and returns its length. */
static size_t show_character(pb_buffer *out, const char *at, size_t rest, pb_visible how) {
  uint32_t code;
  size_t sequence = pb_utf8_read(at, rest, &code);
  bool plain = !how.quoted && (*at == '"' || *at == '\\');
  size_t escaped = plain ? 0 : show_control(out, (const unsigned char *)at, rest, sequence > 0);
  if (escaped > 0) return escaped;
  if (how.ascii && code >= 0x80) pb_buffer_format(out, "\\u{%04X}", (unsigned)code);
  else pb_buffer_add(out, at, sequence);
  return sequence;
}

void pb_show_visible(pb_buffer *out, const char *text, size_t length, pb_visible how) {
  size_t shown = length;
  if (shown > how.most) {
    enum { CONTINUED = 3 }; /* bytes behind the first one of a character */
    shown = how.most;
    for (int i = 0; i < CONTINUED && shown > 0 && ((unsigned char)text[shown] & 0xC0) == 0x80; i++)
      shown--;
  }
  if (how.quoted) pb_buffer_add_char(out, '"');
  for (size_t i = 0; i < shown;) i += show_character(out, text + i, length - i, how);
  if (how.quoted) pb_buffer_add_char(out, '"');
  if (shown < length) pb_buffer_format(out, "%s (%zu bytes)", how.ascii ? "..." : "…", length);
}

static bool is_name(const char *name, size_t length) {
  if (length == 0 || length > PB_SHOWN_BYTES) return false;
  for (size_t i = 0; i < length; i++) {
    char c = name[i];
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (!letter && (i == 0 || c < '0' || c > '9')) return false;
  }
  return true;
}

void pb_show_step(pb_buffer *path, const char *name, size_t length) {
  if (is_name(name, length)) {
    if (path->length > 0) pb_buffer_add_char(path, '.');
    pb_buffer_add(path, name, length);
  } else {
    pb_buffer_add_char(path, '[');
    pb_show_text(path, name, length);
    pb_buffer_add_char(path, ']');
  }
}

/* Without pb_buffer_format, because valid values pay for this as well. */
void pb_show_position(pb_buffer *path, size_t position) {
  char step[24] = "[", digits[20];
  size_t count = 0, at = 1;
  do digits[count++] = (char)('0' + position % 10);
  while ((position /= 10) > 0);
  while (count > 0) step[at++] = digits[--count];
  step[at++] = ']';
  pb_buffer_add(path, step, at);
}
