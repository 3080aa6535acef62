#include "base/datetime.h"

#include <stdio.h>
#include <string.h>

enum {
  DAYS_TO_1970 = 719528, /* from 0000-01-01 */
  DAYS_TO_10000 = 3652425,
  DAY = 86400
};

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
/* Counted from a Saturday, which 0000-01-01 was. */
static const char *const days[] = {"Sat", "Sun", "Mon", "Tue", "Wed", "Thu", "Fri"};
static const char *const long_days[] = {"Saturday",  "Sunday",   "Monday", "Tuesday",
                                        "Wednesday", "Thursday", "Friday"};

typedef struct {
  int year, month, day; /* month and day from 1 */
  int hour, minute, second;
  int32_t nanoseconds;
  int offset; /* minutes east of UTC */
} civil;

/* ---- the calendar ---- */

static bool is_leap(int year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in_month(int year, int month) {
  static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return lengths[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 0000-01-01 to the first day of `year`. */
static int64_t days_before_year(int64_t year) {
  return year * 365 + (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
}

static int64_t days_from_civil(int year, int month, int day) {
  int64_t count = days_before_year(year) + day - 1;
  for (int m = 1; m < month; m++) count += days_in_month(year, m);
  return count;
}

static civil civil_from_days(int64_t count) {
  /* 400 years have 146097 days; leap days make the estimate wrong by one at most. */
  int year = (int)(count * 400 / 146097);
  while (days_before_year(year) > count) year--;
  while (days_before_year(year + 1) <= count) year++;
  int day = (int)(count - days_before_year(year)) + 1, month = 1;
  for (; day > days_in_month(year, month); month++) day -= days_in_month(year, month);
  return (civil){.year = year, .month = month, .day = day};
}

/* Returns false when there is no such day or time. */
static bool to_instant(const civil *c, pb_instant *instant) {
  if (c->month < 1 || c->month > 12 || c->day < 1 || c->day > days_in_month(c->year, c->month) ||
      c->hour > 23 || c->minute > 59 || c->second > 60)
    return false;
  int64_t count = days_from_civil(c->year, c->month, c->day) - DAYS_TO_1970;
  int64_t seconds =
      count * DAY + c->hour * 3600 + c->minute * 60 + c->second - (int64_t)c->offset * 60;
  if (c->second == 60) {
    /* Here either `seconds` is the first second of a UTC month, or there was no leap second. */
    int64_t since_0 = seconds + (int64_t)DAYS_TO_1970 * DAY;
    if (since_0 < 0 || since_0 % DAY != 0 || civil_from_days(since_0 / DAY).day != 1) return false;
  }
  *instant = (pb_instant){.seconds = seconds, .nanoseconds = c->nanoseconds};
  return true;
}

/* ---- reading ---- */

typedef struct {
  const char *at, *end;
} cursor;

/* Reads `least` to `most` digits. */
static bool number(cursor *in, int least, int most, int *value) {
  int count = 0;
  for (*value = 0; count < most && in->at < in->end && *in->at >= '0' && *in->at <= '9'; count++)
    *value = *value * 10 + (*in->at++ - '0');
  return count >= least;
}

static bool literal(cursor *in, const char *text) {
  size_t length = strlen(text);
  if ((size_t)(in->end - in->at) < length || memcmp(in->at, text, length) != 0) return false;
  in->at += length;
  return true;
}

static bool either(cursor *in, char one, char other) {
  if (in->at == in->end || (*in->at != one && *in->at != other)) return false;
  in->at++;
  return true;
}

/* Reads one of `names`; `value` is its number, from 0. */
static bool name(cursor *in, const char *const *names, int count, int *value) {
  for (*value = 0; *value < count; ++*value)
    if (literal(in, names[*value])) return true;
  return false;
}

static bool month_name(cursor *in, int *month) {
  if (!name(in, months, 12, month)) return false;
  ++*month;
  return true;
}

static bool clock_time(cursor *in, civil *c) {
  return number(in, 2, 2, &c->hour) && literal(in, ":") && number(in, 2, 2, &c->minute) &&
         literal(in, ":") && number(in, 2, 2, &c->second);
}

/* Reads a dot and digits, if there is a dot. */
static bool fraction(cursor *in, int32_t *nanoseconds) {
  if (!literal(in, ".")) return true;
  const char *from = in->at;
  for (int32_t place = 100000000; in->at < in->end && *in->at >= '0' && *in->at <= '9'; place /= 10)
    *nanoseconds += (*in->at++ - '0') * place;
  return in->at > from;
}

static bool zone(cursor *in, int *offset) {
  if (either(in, 'Z', 'z')) return true;
  if (in->at == in->end) return false;
  bool west = *in->at == '-';
  int hours, minutes;
  if (!either(in, '+', '-') || !number(in, 2, 2, &hours) || !literal(in, ":") ||
      !number(in, 2, 2, &minutes) || hours > 23 || minutes > 59)
    return false;
  *offset = (west ? -1 : 1) * (hours * 60 + minutes);
  return true;
}

static bool read_rfc3339(cursor *in, civil *c) {
  return number(in, 4, 4, &c->year) && literal(in, "-") && number(in, 2, 2, &c->month) &&
         literal(in, "-") && number(in, 2, 2, &c->day) && either(in, 'T', 't') &&
         clock_time(in, c) && fraction(in, &c->nanoseconds) && zone(in, &c->offset);
}

static bool read_us(cursor *in, civil *c) {
  if (!number(in, 1, 2, &c->month) || !literal(in, "/") || !number(in, 1, 2, &c->day) ||
      !literal(in, "/") || !number(in, 4, 4, &c->year) || !literal(in, " ") ||
      !number(in, 1, 2, &c->hour) || !literal(in, ":") || !number(in, 2, 2, &c->minute) ||
      !literal(in, ":") || !number(in, 2, 2, &c->second) || !literal(in, " "))
    return false;
  bool afternoon = either(in, 'P', 'p');
  if ((!afternoon && !either(in, 'A', 'a')) || !either(in, 'M', 'm')) return false;
  if (c->hour < 1 || c->hour > 12) return false;
  c->hour = c->hour % 12 + (afternoon ? 12 : 0);
  return true;
}

/* The full year for a two-digit one: the latest that is not more than 50 years ahead of `now`. */
static int full_year(int digits, int64_t now) {
  int64_t count = now / DAY + DAYS_TO_1970;
  if (count < 0 || count >= DAYS_TO_10000) return 1900 + digits;
  int latest = civil_from_days(count).year + 50;
  int year = latest - latest % 100 + digits;
  return year > latest ? year - 100 : year;
}

static bool read_http(cursor *in, int64_t now, civil *c) {
  int day;
  if (name(in, long_days, 7, &day)) {
    if (!literal(in, ", ") || !number(in, 2, 2, &c->day) || !literal(in, "-") ||
        !month_name(in, &c->month) || !literal(in, "-") || !number(in, 2, 2, &c->year))
      return false;
    c->year = full_year(c->year, now);
    return c->year >= 0 && literal(in, " ") && clock_time(in, c) && literal(in, " GMT");
  }
  if (!name(in, days, 7, &day)) return false;
  if (literal(in, ", "))
    return number(in, 2, 2, &c->day) && literal(in, " ") && month_name(in, &c->month) &&
           literal(in, " ") && number(in, 4, 4, &c->year) && literal(in, " ") &&
           clock_time(in, c) && literal(in, " GMT");
  if (!literal(in, " ") || !month_name(in, &c->month) || !literal(in, " ")) return false;
  int width = literal(in, " ") ? 1 : 2;
  return number(in, width, width, &c->day) && literal(in, " ") && clock_time(in, c) &&
         literal(in, " ") && number(in, 4, 4, &c->year);
}

bool pb_datetime_parse(const char *text, size_t length, pb_datetime_format format, int64_t now,
                       pb_instant *instant) {
  cursor in = {text, text + length};
  civil c = {0};
  bool read = format == PB_DATETIME_HTTP      ? read_http(&in, now, &c)
              : format == PB_DATETIME_RFC3339 ? read_rfc3339(&in, &c)
                                              : read_us(&in, &c);
  return read && in.at == in.end && to_instant(&c, instant);
}

/* ---- writing ---- */

/* Writes the digits of a fraction without zeros at its end; nothing for 0. */
static void write_fraction(int32_t nanoseconds, char out[16]) {
  out[0] = '\0';
  if (nanoseconds == 0) return;
  int length = snprintf(out, 16, ".%09d", (int)nanoseconds);
  while (out[length - 1] == '0') out[--length] = '\0';
}

size_t pb_datetime_write(pb_instant instant, pb_datetime_format format,
                         char out[PB_DATETIME_SIZE]) {
  const int64_t first = -(int64_t)DAYS_TO_1970 * DAY;
  const int64_t end = (int64_t)(DAYS_TO_10000 - DAYS_TO_1970) * DAY;
  if (instant.seconds < first || instant.seconds >= end || instant.nanoseconds < 0 ||
      instant.nanoseconds > 999999999)
    return 0;
  int64_t seconds = instant.seconds - first;
  civil c = civil_from_days(seconds / DAY);
  int in_day = (int)(seconds % DAY);
  c.hour = in_day / 3600;
  c.minute = in_day / 60 % 60;
  c.second = in_day % 60;
  char tail[16];
  int length = 0;
  switch (format) {
  case PB_DATETIME_HTTP:
    length = snprintf(out, PB_DATETIME_SIZE, "%s, %02d %s %04d %02d:%02d:%02d GMT",
                      days[seconds / DAY % 7], c.day, months[c.month - 1], c.year, c.hour, c.minute,
                      c.second);
    break;
  case PB_DATETIME_RFC3339:
    write_fraction(instant.nanoseconds, tail);
    length = snprintf(out, PB_DATETIME_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d%sZ", c.year, c.month,
                      c.day, c.hour, c.minute, c.second, tail);
    break;
  case PB_DATETIME_US:
    length = snprintf(out, PB_DATETIME_SIZE, "%02d/%02d/%04d %02d:%02d:%02d %s", c.month, c.day,
                      c.year, c.hour % 12 == 0 ? 12 : c.hour % 12, c.minute, c.second,
                      c.hour < 12 ? "AM" : "PM");
    break;
  }
  return length > 0 && length < PB_DATETIME_SIZE ? (size_t)length : 0;
}
