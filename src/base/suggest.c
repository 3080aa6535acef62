#include "base/suggest.h"

#include <limits.h>
#include <string.h>

#include "base/show.h"

enum {
  /* One slip in four letters (or in a word of three) still means the same word. With more slips, any word
   * would resemble any other. */
  LETTERS_PER_SLIP = 4,
  /* In long names too: with more slips it is another name made of the same words. */
  MOST_SLIPS = 4,
  /* A part shorter than this occurs in too many names to identify one. */
  LEAST_PART = 4
};
static const unsigned FAR = UINT_MAX; /* costs more than any suggestion */

static bool is_digit(unsigned char c) {
  return c >= '0' && c <= '9';
}

/* Returns false when the name is too long, or has nothing but separators. */
static bool fold(const char *name, size_t length, pb_folded_name *folded) {
  folded->length = 0;
  if (length > PB_SUGGEST_MAX) return false;
  for (size_t i = 0; i < length; i++) {
    unsigned char c = (unsigned char)name[i];
    if (c == '_' || c == '-' || c == ' ') continue;
    folded->text[folded->length++] = c >= 'A' && c <= 'Z' ? (unsigned char)(c - 'A' + 'a') : c;
  }
  return folded->length > 0;
}

static unsigned least(unsigned a, unsigned b) {
  return a < b ? a : b;
}

/* The optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours,
 * with no part of the text edited twice. */
static unsigned distance(const pb_folded_name *a, const pb_folded_name *b) {
  unsigned rows[3][PB_SUGGEST_MAX + 1];
  unsigned *before = rows[0], *above = rows[1], *row = rows[2];
  for (unsigned j = 0; j <= b->length; j++) above[j] = j;
  for (size_t i = 1; i <= a->length; i++) {
    row[0] = (unsigned)i;
    for (size_t j = 1; j <= b->length; j++) {
      bool same = a->text[i - 1] == b->text[j - 1];
      row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + !same);
      if (i > 1 && j > 1 && a->text[i - 1] == b->text[j - 2] && a->text[i - 2] == b->text[j - 1])
        row[j] = least(row[j], before[j - 2] + 1);
    }
    unsigned *oldest = before;
    before = above;
    above = row;
    row = oldest;
  }
  return above[b->length];
}

static void split(const pb_folded_name *name, pb_folded_name *letters, pb_folded_name *digits) {
  letters->length = digits->length = 0;
  for (size_t i = 0; i < name->length; i++) {
    pb_folded_name *part = is_digit(name->text[i]) ? digits : letters;
    part->text[part->length++] = name->text[i];
  }
}

/* The distance if the same digits in another place count as one slip. */
static unsigned distance_but_digits(const pb_folded_name *a, const pb_folded_name *b) {
  pb_folded_name a_letters, a_digits, b_letters, b_digits;
  split(a, &a_letters, &a_digits);
  split(b, &b_letters, &b_digits);
  if (a_digits.length == 0 || a_letters.length == 0 || a_digits.length != b_digits.length ||
      memcmp(a_digits.text, b_digits.text, a_digits.length) != 0)
    return FAR;
  return 1 + distance(&a_letters, &b_letters);
}

/* The cost of `part` at the start of `longer`, or elsewhere in it, or nowhere. */
static unsigned cost_of_part(const pb_folded_name *longer, const pb_folded_name *part) {
  unsigned difference = (unsigned)(longer->length - part->length);
  for (size_t at = 0; at <= difference; at++)
    if (memcmp(longer->text + at, part->text, part->length) == 0)
      return MOST_SLIPS + difference + (at > 0 ? PB_SUGGEST_MAX : 0);
  return FAR;
}

static unsigned cost(const pb_folded_name *wrong, const pb_folded_name *name) {
  const pb_folded_name *longer = wrong, *shorter = name;
  if (name->length > wrong->length) longer = name, shorter = wrong;
  unsigned difference = (unsigned)(longer->length - shorter->length);
  unsigned allowed = least(((unsigned)longer->length + 1) / LETTERS_PER_SLIP, MOST_SLIPS);
  if (difference <= allowed) {
    unsigned slips = distance(wrong, name);
    if (slips > 0) slips = least(slips, distance_but_digits(wrong, name));
    if (slips <= allowed) return slips;
  }
  /* The part must be at least two fifths of the whole. */
  if (shorter->length < LEAST_PART || shorter->length * 5 < longer->length * 2) return FAR;
  return cost_of_part(longer, shorter);
}

void pb_suggest_begin(pb_suggestion *suggestion, const char *wrong, size_t length) {
  *suggestion = (pb_suggestion){.cost = FAR};
  suggestion->usable = fold(wrong, length, &suggestion->wrong);
}

void pb_suggest_offer(pb_suggestion *suggestion, const char *name, size_t length) {
  pb_folded_name folded;
  if (!suggestion->usable || !fold(name, length, &folded)) return;
  unsigned offered = cost(&suggestion->wrong, &folded);
  if (offered >= suggestion->cost) return;
  suggestion->best = name;
  suggestion->best_length = length;
  suggestion->cost = offered;
}

void pb_suggest_append(const pb_suggestion *suggestion, pb_buffer *message) {
  /* A shortened name would not be the name. */
  if (!suggestion->best || suggestion->best_length > PB_SHOWN_BYTES) return;
  char bytes[512];
  pb_buffer hint;
  pb_buffer_init_fixed(&hint, bytes, sizeof bytes);
  pb_buffer_add_text(&hint, "; did you mean ");
  pb_show_text(&hint, suggestion->best, suggestion->best_length);
  pb_buffer_add_char(&hint, '?');
  pb_buffer_add(message, hint.data, hint.length); /* as a whole, or not at all */
}
