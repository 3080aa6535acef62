#include "base/decimal_span.h"

#include "base/decimal.h"

pb_decimal_span pb_decimal_span_of(const char *text, size_t length) {
  const char *end = text + length;
  pb_decimal_span span = {.minus = *text == '-'};
  bool fraction = false;
  span.at = text + span.minus;
  for (span.end = span.at; span.end < end && *span.end != 'e' && *span.end != 'E'; span.end++) {
    if (*span.end == '.') fraction = true;
    else span.exponent -= fraction;
  }
  span.exponent += pb_decimal_exponent(span.end, end);
  for (; span.end > span.at && (span.end[-1] == '0' || span.end[-1] == '.'); span.end--)
    span.exponent += span.end[-1] == '0';
  while (span.at < span.end && (*span.at == '0' || *span.at == '.')) span.at++;
  return span;
}
