/* Dates of all three formats, Retry-After, and back-off: what is read can be written and read again, and
 * no header makes anyone wait longer than was allowed. The first byte of the input chooses. */

#define _DEFAULT_SOURCE /* timegm */

#include "fuzz.h"

#include <math.h>
#include <time.h>

#include "base/datetime.h"
#include "http/retry.h"
#include "http/retry_after.h"

static const int64_t NOON = 1775217600; /* 3 April 2026 */

static const char *const names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/* The result of timegm(3) for the text that was written. */
static int64_t by_timegm(const char *text, pb_datetime_format format) {
  struct tm t = {0};
  char month[4] = "", half[3] = "";
  if (format == PB_DATETIME_HTTP) {
    FUZZ_HOLDS(sscanf(text, "%*3s, %d %3s %d %d:%d:%d GMT", &t.tm_mday, month, &t.tm_year,
                      &t.tm_hour, &t.tm_min, &t.tm_sec) == 6);
    while (strcmp(names[t.tm_mon], month) != 0) t.tm_mon++;
    t.tm_mon++;
  } else if (format == PB_DATETIME_RFC3339) {
    FUZZ_HOLDS(sscanf(text, "%d-%d-%dT%d:%d:%d", &t.tm_year, &t.tm_mon, &t.tm_mday, &t.tm_hour,
                      &t.tm_min, &t.tm_sec) == 6);
  } else {
    FUZZ_HOLDS(sscanf(text, "%d/%d/%d %d:%d:%d %2s", &t.tm_mon, &t.tm_mday, &t.tm_year, &t.tm_hour,
                      &t.tm_min, &t.tm_sec, half) == 7);
    t.tm_hour = t.tm_hour % 12 + (half[0] == 'P' ? 12 : 0);
  }
  t.tm_year -= 1900;
  t.tm_mon--;
  return timegm(&t);
}

static void write_and_read(pb_instant instant, pb_datetime_format format) {
  char text[PB_DATETIME_SIZE];
  size_t length = pb_datetime_write(instant, format, text);
  /* The years 0 to 9999 as POSIX counts. */
  bool within = instant.seconds >= -62167219200 && instant.seconds < 253402300800;
  FUZZ_HOLDS((length > 0) == within);
  if (!within) return;
  FUZZ_HOLDS(length < PB_DATETIME_SIZE && strlen(text) == length);
  pb_instant again = {0};
  char *copy = fuzz_copy(text, length);
  FUZZ_HOLDS(pb_datetime_parse(copy, length, format, NOON, &again));
  free(copy);
  FUZZ_HOLDS(again.seconds == instant.seconds);
  FUZZ_HOLDS(again.nanoseconds == (format == PB_DATETIME_RFC3339 ? instant.nanoseconds : 0));
  FUZZ_HOLDS(by_timegm(text, format) == instant.seconds);
}

static void try_text(const char *text, size_t size, pb_datetime_format format) {
  pb_instant instant;
  if (!pb_datetime_parse(text, size, format, NOON, &instant)) return;
  FUZZ_HOLDS(instant.nanoseconds >= 0 && instant.nanoseconds <= 999999999);
  write_and_read(instant, format);
}

/* The value of the header; after a line end, that of Date. */
static void try_retry_after(const char *text, size_t size) {
  const char *line = memchr(text, '\n', size);
  pb_header_value value = {text, size}, date = {.text = NULL};
  if (line) {
    value.length = (size_t)(line - text);
    date = (pb_header_value){line + 1, size - value.length - 1};
    size = value.length;
  }
  static const double mosts[] = {0, 1, 60, 3600, 1e9};
  for (size_t i = 0; i < sizeof mosts / sizeof *mosts; i++) {
    double seconds = -1;
    bool read = pb_retry_after(value, date, (double)NOON, mosts[i], &seconds);
    FUZZ_HOLDS(read == (seconds != -1));
    if (read) FUZZ_HOLDS(seconds >= 0 && seconds <= mosts[i]);
  }
  size_t digits = 0;
  while (digits < size && text[digits] >= '0' && text[digits] <= '9') digits++;
  date.text = NULL;
  if (digits == size && size > 0 && size < 10) {
    char number[16];
    memcpy(number, text, size);
    number[size] = '\0';
    double seconds;
    FUZZ_HOLDS(pb_retry_after(value, date, (double)NOON, 1e20, &seconds));
    FUZZ_HOLDS(seconds == strtod(number, NULL));
  }
  pb_instant then;
  if (pb_datetime_parse(text, size, PB_DATETIME_HTTP, NOON, &then)) {
    double seconds, expected = (double)(then.seconds - NOON);
    FUZZ_HOLDS(pb_retry_after(value, date, (double)NOON, 1e20, &seconds));
    FUZZ_HOLDS(seconds == (expected > 0 ? expected : 0));
  }
}

static double take_number(const char **at, const char *end) {
  double number = 0;
  if ((size_t)(end - *at) < sizeof number) {
    *at = end;
    return 1;
  }
  memcpy(&number, *at, sizeof number);
  *at += sizeof number;
  return number;
}

/* Back-off stays within its cap. */
static void try_arithmetic(const char *at, size_t size) {
  const char *end = at + size;
  double base = take_number(&at, end), cap = take_number(&at, end);
  uint32_t attempt = 1;
  if ((size_t)(end - at) >= sizeof attempt) {
    memcpy(&attempt, at, sizeof attempt);
  }
  if (base >= 0 && cap >= 0 && isfinite(base) && isfinite(cap)) {
    double delay = pb_retry_delay(attempt, base, cap, 0.75);
    FUZZ_HOLDS(delay >= 0 && delay <= cap);
  }
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  char *rest = fuzz_copy(data + 1, size - 1);
  pb_instant instant = {0};
  switch (data[0] % 6) {
  case 0:
    try_text(rest, size - 1, PB_DATETIME_HTTP);
    break;
  case 1:
    try_text(rest, size - 1, PB_DATETIME_RFC3339);
    break;
  case 2:
    try_text(rest, size - 1, PB_DATETIME_US);
    break;
  case 3:
    try_retry_after(rest, size - 1);
    break;
  case 4:
    if (size - 1 < sizeof instant.seconds + 4) break;
    memcpy(&instant.seconds, rest, sizeof instant.seconds);
    memcpy(&instant.nanoseconds, rest + sizeof instant.seconds, sizeof instant.nanoseconds);
    instant.nanoseconds = (int32_t)((uint32_t)instant.nanoseconds % 1000000000);
    if (instant.seconds % 2) instant.seconds %= 400000000000; /* mostly years that can be written */
    for (int format = PB_DATETIME_HTTP; format <= PB_DATETIME_US; format++)
      write_and_read(instant, (pb_datetime_format)format);
    break;
  default:
    try_arithmetic(rest, size - 1);
  }
  free(rest);
  return 0;
}
