#include "http/retry_after.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/datetime.h"

/* Numbers from here on are Unix times, as seconds from 2001 on are; smaller ones are times to wait. From
 * THOUSANDS on (the year 5138 in seconds) they are thousandths of the unit before. */
static const double UNIX_TIMES = 1e9, THOUSANDS = 1e11;

/* A Unix time further from the vendor's than ten years, in seconds, is none. */
static const double FURTHEST = 3.2e8;

enum { LONGEST_WORD = 12, MINUTES_OF_HOUR = 60 };

typedef struct {
  const char *at, *end;
} cursor;

/* A point in time. A zone by a name that is not known leaves it in that zone's time. */
typedef struct {
  double seconds;
  char zone[LONGEST_WORD + 1]; /* the unknown name, in lower case; "" where the zone is known */
} point;

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void skip_blanks(cursor *in) {
  while (in->at < in->end && (*in->at == ' ' || *in->at == '\t')) in->at++;
}

static bool take(cursor *in, char c) {
  if (in->at == in->end || *in->at != c) return false;
  in->at++;
  return true;
}

/* `least` to `most` digits. */
static bool take_number(cursor *in, int least, int most, int *value) {
  int count = 0;
  for (*value = 0; count < most && in->at < in->end && is_digit(*in->at); count++)
    *value = *value * 10 + (*in->at++ - '0');
  return count >= least && !(in->at < in->end && is_digit(*in->at));
}

/* A word in lower case, "" where there is none; false where it is too long for any that is known. */
static bool take_word(cursor *in, char word[LONGEST_WORD + 1]) {
  size_t length = 0;
  while (in->at < in->end && is_letter(*in->at) && length < LONGEST_WORD)
    word[length++] = (char)(*in->at++ | 0x20);
  word[length] = '\0';
  return !(in->at < in->end && is_letter(*in->at));
}

/* The place, from 1, of the name of three letters that `word` begins with; 0: none. */
static int place_of(const char *word, const char *names) {
  if (strlen(word) < 3) return 0;
  for (int i = 0; names[i * 3]; i++)
    if (strncmp(word, names + (size_t)i * 3, 3) == 0) return i + 1;
  return 0;
}

/* ---- points in time ---- */

typedef struct {
  int year, month, day, hour, minute, second;
  double fraction;
  int offset; /* minutes east of UTC */
  char zone[LONGEST_WORD + 1];
} parts;

static bool take_clock(cursor *in, parts *p) {
  if (!take_number(in, 1, 2, &p->hour) || !take(in, ':') || !take_number(in, 2, 2, &p->minute))
    return false;
  if (!take(in, ':')) return true;
  if (!take_number(in, 2, 2, &p->second)) return false;
  if (!take(in, '.') && !take(in, ',')) return true;
  double place = 1;
  const char *from = in->at;
  while (in->at < in->end && is_digit(*in->at)) p->fraction += (place /= 10) * (*in->at++ - '0');
  return in->at > from;
}

/* "+02", "+0200" or "+02:00", if there is one. */
static bool take_offset(cursor *in, int *offset) {
  bool west = in->at < in->end && *in->at == '-';
  if (!take(in, '-') && !take(in, '+')) return true;
  int hours = 0, minutes = 0;
  const char *from = in->at;
  while (in->at < in->end && is_digit(*in->at) && in->at - from < 4) in->at++;
  cursor digits = {from, in->at};
  int count = (int)(in->at - from);
  if (!take_number(&digits, 1, 4, &hours)) return false;
  if (count > 2) {
    minutes = hours % 100;
    hours /= 100;
  } else if (take(in, ':') && !take_number(in, 2, 2, &minutes)) {
    return false;
  }
  *offset = (west ? -1 : 1) * (hours * MINUTES_OF_HOUR + minutes);
  return hours <= 14 && minutes < MINUTES_OF_HOUR;
}

/* Zones by name, as RFC 5322 and servers' settings have them: hours east of UTC. */
static const struct {
  char name[5];
  double hours;
} zones[] = {{"z", 0},    {"ut", 0},     {"utc", 0},     {"gmt", 0},   {"wet", 0},   {"est", -5},
             {"edt", -4}, {"cst", -6},   {"cdt", -5},    {"mst", -7},  {"mdt", -6},  {"pst", -8},
             {"pdt", -7}, {"hst", -10},  {"akst", -9},   {"akdt", -8}, {"bst", 1},   {"west", 1},
             {"cet", 1},  {"cest", 2},   {"eet", 2},     {"eest", 3},  {"msk", 3},   {"jst", 9},
             {"awst", 8}, {"acst", 9.5}, {"acdt", 10.5}, {"aest", 10}, {"aedt", 11}, {"nzst", 12},
             {"nzdt", 13}};

/* The zone, up to the end; UTC where there is none. */
static bool take_zone(cursor *in, parts *p) {
  skip_blanks(in);
  char word[LONGEST_WORD + 1];
  if (!take_word(in, word)) return false;
  bool known = word[0] == '\0';
  for (size_t i = 0; i < sizeof zones / sizeof *zones && !known; i++) {
    known = strcmp(zones[i].name, word) == 0;
    if (known) p->offset = (int)(zones[i].hours * (double)MINUTES_OF_HOUR);
  }
  if (!known) strcpy(p->zone, word);
  if (known && !take_offset(in, &p->offset)) return false;
  skip_blanks(in);
  /* A comment, such as the zone's name in words. */
  if (in->at < in->end && *in->at == '(' && in->end[-1] == ')') in->at = in->end;
  return in->at == in->end;
}

/* 2026-10-21T07:28:00.5+02:00, with a blank for the T, and without seconds or zone. */
static bool read_iso(cursor *in, parts *p) {
  if (!take_number(in, 4, 4, &p->year) || !take(in, '-') || !take_number(in, 2, 2, &p->month) ||
      !take(in, '-') || !take_number(in, 2, 2, &p->day))
    return false;
  if (!take(in, 'T') && !take(in, 't') && !take(in, ' ')) return false;
  return take_clock(in, p) && take_zone(in, p);
}

static bool take_year(cursor *in, parts *p) {
  const char *from = in->at;
  if (!take_number(in, 4, 4, &p->year)) {
    in->at = from;
    /* RFC 850: no Retry-After names a year of the century before. */
    if (!take_number(in, 2, 2, &p->year)) return false;
    p->year += 2000;
  }
  skip_blanks(in);
  return true;
}

static bool take_month(cursor *in, parts *p) {
  char word[LONGEST_WORD + 1];
  p->month = take_word(in, word) ? place_of(word, "janfebmaraprmayjunjulaugsepoctnovdec") : 0;
  if (!take(in, '-')) skip_blanks(in);
  return p->month > 0;
}

/* The date with the month's name: HTTP's three forms, and those near them. */
static bool read_named(cursor *in, parts *p) {
  char word[LONGEST_WORD + 1];
  cursor before = *in;
  if (!take_word(in, word)) return false;
  if (place_of(word, "montuewedthufrisatsun")) take(in, ',');
  else *in = before; /* the month's name, or the day */
  skip_blanks(in);
  if (in->at < in->end && is_digit(*in->at)) {
    if (!take_number(in, 1, 2, &p->day)) return false;
    if (!take(in, '-')) skip_blanks(in);
    return take_month(in, p) && take_year(in, p) && take_clock(in, p) && take_zone(in, p);
  }
  if (!take_month(in, p) || !take_number(in, 1, 2, &p->day)) return false;
  take(in, ',');
  skip_blanks(in);
  cursor rest = *in;
  /* JavaScript has the year before the time, C behind it. */
  if (take_number(in, 4, 4, &p->year)) {
    skip_blanks(in);
    return take_clock(in, p) && take_zone(in, p);
  }
  *in = rest;
  if (!take_clock(in, p)) return false;
  skip_blanks(in);
  return take_year(in, p) && take_zone(in, p);
}

static bool read_point(cursor in, double now, point *out) {
  pb_instant instant;
  size_t length = (size_t)(in.end - in.at);
  out->zone[0] = '\0';
  /* The date of a correct server. Two-digit years are handled there. */
  if (fabs(now) < 1e15 &&
      pb_datetime_parse(in.at, length, PB_DATETIME_HTTP, (int64_t)now, &instant)) {
    out->seconds = (double)instant.seconds;
    return true;
  }
  parts p = {0};
  bool iso = in.at < in.end && is_digit(*in.at) && memchr(in.at, '-', length < 5 ? length : 5);
  if (!(iso ? read_iso(&in, &p) : read_named(&in, &p))) return false;
  char text[64];
  snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", p.year, p.month, p.day, p.hour,
           p.minute, p.second);
  if (!pb_datetime_parse(text, strlen(text), PB_DATETIME_RFC3339, 0, &instant)) return false;
  out->seconds = (double)instant.seconds + p.fraction - p.offset * 60.0;
  strcpy(out->zone, p.zone);
  return true;
}

/* ---- times to wait ---- */

/* Seconds of a unit; 0: it is none. */
static double unit_of(const char *word) {
  static const struct {
    const char *word;
    double seconds;
  } units[] = {{"", 1},         {"s", 1},       {"sec", 1},     {"secs", 1},
               {"second", 1},   {"seconds", 1}, {"ms", 1e-3},   {"msec", 1e-3},
               {"m", 60},       {"min", 60},    {"mins", 60},   {"minute", 60},
               {"minutes", 60}, {"h", 3600},    {"hour", 3600}, {"hours", 3600}};
  for (size_t i = 0; i < sizeof units / sizeof *units; i++)
    if (strcmp(units[i].word, word) == 0) return units[i].seconds;
  return 0;
}

/* Digits, perhaps with a fraction. */
static bool take_decimal(cursor *in, double *value) {
  const char *from = in->at;
  double place = 1;
  for (*value = 0; in->at < in->end && is_digit(*in->at); in->at++)
    *value = *value * 10 + (*in->at - '0');
  if (in->at == from) return false;
  if (!take(in, '.')) return true;
  from = in->at;
  for (; in->at < in->end && is_digit(*in->at); in->at++) *value += (place /= 10) * (*in->at - '0');
  return in->at > from;
}

/* Numbers, each with a unit or none: their sum, and whether it was a bare number. */
static bool read_wait(cursor in, double *seconds, bool *bare) {
  bool negative = take(&in, '-');
  *seconds = 0;
  *bare = true;
  for (bool first = true; in.at < in.end; first = false) {
    double value, unit;
    char word[LONGEST_WORD + 1];
    if (!take_decimal(&in, &value)) return false;
    skip_blanks(&in);
    if (!take_word(&in, word) || (unit = unit_of(word)) == 0) return false;
    if (!first && (*bare || !word[0])) return false; /* two bare numbers are none */
    *bare = first && !word[0];
    *seconds += value * unit;
    skip_blanks(&in);
    if (in.at == in.end) {
      if (negative) *seconds = 0;
      return true;
    }
  }
  return false;
}

static cursor trimmed(pb_header_value value) {
  cursor in = {value.text, value.text + value.length};
  skip_blanks(&in);
  while (in.end > in.at && (in.end[-1] == ' ' || in.end[-1] == '\t')) in.end--;
  if (in.end - in.at > 2 && *in.at == '"' && in.end[-1] == '"') in.at++, in.end--;
  return in;
}

bool pb_retry_after(pb_header_value value, pb_header_value date, double now, double most,
                    double *seconds) {
  cursor in = trimmed(value);
  double wait;
  bool bare;
  if (!read_wait(in, &wait, &bare) || (bare && wait >= UNIX_TIMES)) {
    point theirs, then = {0};
    bool dated = date.text && read_point(trimmed(date), now, &theirs);
    if (!dated) theirs = (point){.seconds = now};
    if (read_wait(in, &wait, &bare) && bare) {
      if (theirs.zone[0]) theirs = (point){.seconds = now};
      then.seconds = wait;
      while (then.seconds >= THOUSANDS && then.seconds < HUGE_VAL) then.seconds /= 1000;
      if (!(fabs(then.seconds - theirs.seconds) <= FURTHEST)) then.seconds = wait + theirs.seconds;
    } else if (!read_point(in, now, &then)) {
      return false;
    } else if (strcmp(then.zone, theirs.zone) != 0) {
      if (then.zone[0]) return false;
      theirs = (point){.seconds = now};
    }
    wait = then.seconds - theirs.seconds;
  }
  if (!(wait <= most)) wait = most;
  *seconds = wait > 0 ? wait : 0;
  return true;
}
