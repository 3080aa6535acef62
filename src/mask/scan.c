#include "mask/scan.h"

#include <string.h>

#include "base/ascii.h"
#include "base/userinfo.h"

enum { HEX_STREAMS = 2, BASE64_STREAMS = 4 };

/* Bytes that are decoded out of a run of digits, from one of the places where a byte may begin. */
typedef struct {
  pb_match match;
  size_t start;  /* where the first byte begins in the text */
  size_t bytes;  /* so far */
  unsigned bits; /* those that are not in a byte yet */
  int count;     /* of them */
} stream;

static int base64_value(unsigned char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  return c == '/' || c == '_' ? 63 : -1;
}

/* Adds the digits, of `width` bits each, that the last `matched` bytes are made of. */
static void add_decoded(const stream *s, uint32_t matched, size_t width, size_t at,
                        pb_ranges *ranges) {
  size_t first = (s->bytes - matched) * 8 / width;
  pb_ranges_add(ranges, s->start + first, at + 1, false);
}

/* Reads a digit at the offset `at`. */
static void feed(const pb_automaton *automaton, stream *s, int value, int width, size_t at,
                 pb_ranges *ranges) {
  s->bits = s->bits << width | (unsigned)value;
  s->count += width;
  if (s->count < 8) return;
  s->count -= 8;
  unsigned char byte = (unsigned char)(s->bits >> s->count);
  s->bits &= (1u << s->count) - 1;
  s->bytes++;
  uint32_t matched = pb_automaton_step(automaton, &s->match, byte);
  if (matched) add_decoded(s, matched, (size_t)width, at, ranges);
}

/* The run has ended before `at`: a byte may have begun in its last digit. */
static void end_run(const pb_automaton *automaton, stream *s, size_t at, pb_ranges *ranges) {
  if (s->count == 0 || s->match.length == 0) return;
  unsigned char bits = (unsigned char)(s->bits << (8 - s->count));
  uint32_t matched = pb_automaton_peek(automaton, &s->match, bits, s->count);
  if (!matched) return;
  s->bytes++;
  add_decoded(s, matched, 6, at - 1, ranges);
}

typedef struct {
  size_t run; /* digits so far */
  stream streams[BASE64_STREAMS];
} decoder;

static void read_digit(const pb_automaton *automaton, decoder *d, int streams, int value, int width,
                       size_t at, pb_ranges *ranges) {
  if (d->run < (size_t)streams) d->streams[d->run] = (stream){.start = at};
  d->run++;
  int running = d->run < (size_t)streams ? (int)d->run : streams;
  for (int i = 0; i < running; i++) feed(automaton, &d->streams[i], value, width, at, ranges);
}

/* The end of the text without an escape that is cut off. */
static size_t before_broken_escape(const char *text, size_t length) {
  size_t at = length;
  while (at > 0 && length - at < 4 && pb_ascii_hex_value(text[at - 1]) >= 0) at--;
  if (at > 1 && text[at - 1] == 'u' && text[at - 2] == '\\') return at - 2;
  if (at > 0 && text[at - 1] == '\\') return at - 1;
  if (at > 0 && text[at - 1] == '%' && length - at < 2) return at - 1;
  if (length > 1 && text[length - 1] == 'u' && text[length - 2] == '\\') return length - 2;
  return length;
}

static void scan_secrets(const pb_automaton *automaton, const char *text, size_t length, bool cut,
                         pb_ranges *ranges) {
  size_t stop = cut ? before_broken_escape(text, length) : length;
  pb_match match = {0, 0};
  decoder hex = {.run = 0}, base64 = {.run = 0};
  for (size_t at = 0; at < length; at++) {
    unsigned char byte = (unsigned char)text[at];
    if (cut && at == stop) {
      uint32_t begun = pb_automaton_begun(automaton, &match);
      if (begun) pb_ranges_add(ranges, at - begun, length, false);
    }
    uint32_t matched = pb_automaton_step(automaton, &match, byte);
    if (matched) pb_ranges_add(ranges, at + 1 - matched, at + 1, false);
    int value = base64_value(byte);
    if (value < 0) {
      if (base64.run) {
        for (size_t i = 0; i < BASE64_STREAMS && i < base64.run; i++)
          end_run(automaton, &base64.streams[i], at, ranges);
      }
      base64.run = hex.run = 0;
      continue;
    }
    read_digit(automaton, &base64, BASE64_STREAMS, value, 6, at, ranges);
    value = pb_ascii_hex_value((char)byte);
    if (value < 0) hex.run = 0;
    else read_digit(automaton, &hex, HEX_STREAMS, value, 4, at, ranges);
  }
  for (size_t i = 0; i < BASE64_STREAMS && i < base64.run; i++)
    end_run(automaton, &base64.streams[i], length, ranges);
  if (cut && stop == length) {
    uint32_t begun = pb_automaton_begun(automaton, &match);
    if (begun) pb_ranges_add(ranges, length - begun, length, false);
  }
}

void pb_scan(const pb_automaton *automaton, const char *text, size_t length, bool cut,
             pb_ranges *ranges) {
  if (automaton) scan_secrets(automaton, text, length, cut, ranges);
  size_t start, end = 0;
  while (pb_userinfo_find(text, length, end, &start, &end))
    pb_ranges_add(ranges, start, end, false);
}
