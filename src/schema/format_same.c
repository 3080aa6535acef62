#include "schema/format_same.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/ascii.h"
#include "base/datetime.h"
#include "schema/format_checks.h"

bool pb_same_uuid(const char *a, size_t a_length, const char *b, size_t b_length) {
  return a_length == b_length && pb_check_uuid(a, a_length) && pb_ascii_same(a, b, a_length);
}

static bool read_ipv6(const char *text, size_t length, struct in6_addr *address) {
  char whole[INET6_ADDRSTRLEN];
  if (length >= sizeof whole || !pb_check_ipv6(text, length)) return false;
  memcpy(whole, text, length);
  whole[length] = '\0';
  return inet_pton(AF_INET6, whole, address) == 1;
}

bool pb_same_ipv6(const char *a, size_t a_length, const char *b, size_t b_length) {
  struct in6_addr first, second;
  return read_ipv6(a, a_length, &first) && read_ipv6(b, b_length, &second) &&
         memcmp(&first, &second, sizeof first) == 0;
}

bool pb_same_date_time(const char *a, size_t a_length, const char *b, size_t b_length) {
  pb_instant first, second;
  return pb_datetime_parse(a, a_length, PB_DATETIME_RFC3339, 0, &first) &&
         pb_datetime_parse(b, b_length, PB_DATETIME_RFC3339, 0, &second) &&
         first.seconds == second.seconds && first.nanoseconds == second.nanoseconds;
}
