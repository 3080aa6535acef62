/* The formats against others who know them: inet_pton(3) for addresses, RFC 3986's own grammar as a
 * pattern for URIs, timegm(3) for times. And what a hint says to write passes the check. */

#define _DEFAULT_SOURCE /* timegm */

#include "fuzz.h"

#include <arpa/inet.h>
#include <time.h>

#include "base/datetime.h"
#include "base/utf8.h"
#include "schema/format.h"
#include "schema/pattern.h"

#define PCHAR      "(?:[A-Za-z0-9\\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})"
#define UNRESERVED "[A-Za-z0-9\\-._~!$&'()*+,;=]"
/* The part in the brackets of a host is checked separately. */
#define AUTHORITY                                                                                  \
  "(?:(?:" UNRESERVED                                                                              \
  "|:|%[0-9A-Fa-f]{2})*@)?(?:\\[[0-9A-Za-z:.\\-_~!$&'()*+,;=]+\\]|(?:" UNRESERVED                  \
  "|%[0-9A-Fa-f]{2})*)(?::[0-9]*)?"
static const char grammar[] = "^[A-Za-z][A-Za-z0-9+.\\-]*:"
                              "(?://" AUTHORITY "(?:/" PCHAR "*)*|/(?:" PCHAR "+(?:/" PCHAR
                              "*)*)?|" PCHAR "+(?:/" PCHAR "*)*|)"
                              "(?:\\?(?:" PCHAR "|[/?])*)?(?:#(?:" PCHAR "|[/?])*)?$";
static const char uuid[] = "^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$";
static const char e164[] = "^\\+[1-9][0-9]{0,14}$";
static const char special_scheme[] = "^(?:[Hh][Tt][Tt][Pp][Ss]?|[Ww][Ss][Ss]?|[Ss][Ii][Pp][Ss]?):";
static pb_pattern *uri_pattern, *uuid_pattern, *e164_pattern, *special_pattern;

static pb_pattern *compile(const char *text) {
  pb_pattern_error error;
  pb_pattern *pattern = pb_pattern_compile(text, strlen(text), &error);
  FUZZ_HOLDS(pattern);
  return pattern;
}

static void free_patterns(void) {
  pb_pattern_free(uri_pattern);
  pb_pattern_free(uuid_pattern);
  pb_pattern_free(e164_pattern);
  pb_pattern_free(special_pattern);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  uri_pattern = compile(grammar);
  uuid_pattern = compile(uuid);
  e164_pattern = compile(e164);
  special_pattern = compile(special_scheme);
  atexit(free_patterns);
  return 0;
}

static bool is_address(int family, const char *text, size_t size) {
  unsigned char address[16];
  return strlen(text) == size && inet_pton(family, text, address) == 1;
}

/* Our rules beyond RFC 3986's are about hosts in brackets, ports, and a few schemes. */
static void check_uri(const char *text, size_t size, bool good) {
  bool syntax = pb_pattern_match(uri_pattern, text, size);
  bool special = pb_pattern_match(special_pattern, text, size);
  bool bracket = memchr(text, '[', size), digit_port = false;
  for (size_t i = 1; i < size && !digit_port; i++)
    digit_port = text[i] >= '0' && text[i] <= '9' && text[i - 1] == ':';
  if (good && !(special && bracket)) FUZZ_HOLDS(syntax);
  if (syntax && !special && !bracket && !digit_port) FUZZ_HOLDS(good);
}

static void check_date_time(const char *text, size_t size, bool good) {
  pb_instant instant;
  FUZZ_HOLDS(pb_datetime_parse(text, size, PB_DATETIME_RFC3339, 0, &instant) == good);
  if (!good) return;
  struct tm civil = {0};
  int read = 0;
  FUZZ_HOLDS(sscanf(text, "%4d-%2d-%2d%*1[Tt]%2d:%2d:%2d%n", &civil.tm_year, &civil.tm_mon,
                    &civil.tm_mday, &civil.tm_hour, &civil.tm_min, &civil.tm_sec, &read) == 6);
  civil.tm_year -= 1900;
  civil.tm_mon--;
  int hours = 0, minutes = 0;
  const char *zone = text + size - 1;
  if (*zone != 'Z' && *zone != 'z') {
    zone -= 5;
    FUZZ_HOLDS(sscanf(zone + 1, "%2d:%2d", &hours, &minutes) == 2);
    if (*zone == '-') hours = -hours, minutes = -minutes;
  }
  FUZZ_HOLDS(instant.seconds == (int64_t)timegm(&civil) - hours * 3600 - minutes * 60);
  FUZZ_HOLDS(instant.nanoseconds >= 0 && instant.nanoseconds <= 999999999);
}

static void check_hint(const pb_format *format, const char *text, size_t size) {
  static const char word[] = "write \"";
  pb_buffer hint;
  pb_buffer_init(&hint);
  FUZZ_HOLDS(pb_buffer_add_char(&hint, '|'));
  bool said = pb_format_hint(format, text, size, &hint);
  FUZZ_HOLDS(hint.data[0] == '|' && said == (hint.length > 1));
  FUZZ_HOLDS(pb_buffer_add_char(&hint, '\0'));
  const char *write = strstr(hint.data, word);
  if (said && write) {
    write += strlen(word);
    const char *end = strrchr(write, '"');
    FUZZ_HOLDS(end && pb_format_check(format, write, (size_t)(end - write)));
    FUZZ_HOLDS(pb_utf8_check(hint.data, strlen(hint.data), NULL));
  }
  pb_buffer_free(&hint);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const names[] = {"uri", "uuid", "ipv4", "ipv6", "date-time", "e164"};
  char *text = fuzz_copy(data, size);
  char *ended = malloc(size + 1); /* for functions that read to a NUL */
  if (!ended) abort();
  if (size > 0) memcpy(ended, data, size);
  ended[size] = '\0';
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const pb_format *format = pb_format_find(names[i]);
    bool good = pb_format_check(format, text, size);
    if (good) FUZZ_HOLDS(!memchr(text, '\0', size) && pb_utf8_check(text, size, NULL));
    else check_hint(format, text, size);
    switch (i) {
    case 0:
      check_uri(text, size, good);
      break;
    case 1:
      FUZZ_HOLDS(good == pb_pattern_match(uuid_pattern, text, size));
      break;
    case 2:
      FUZZ_HOLDS(good == is_address(AF_INET, ended, size));
      break;
    case 3:
      FUZZ_HOLDS(good == is_address(AF_INET6, ended, size));
      break;
    case 4:
      check_date_time(ended, size, good);
      break;
    default:
      FUZZ_HOLDS(good == pb_pattern_match(e164_pattern, text, size));
    }
  }
  free(ended);
  free(text);
  return 0;
}
