#include "csv/first_line.h"

#include <string.h>

#include "base/ascii.h"

bool pb_csv_is_utf16(const char *text, size_t length, bool ended) {
  size_t pairs = length / 2;
  if (pairs < 2) return false;
  size_t side = text[1] == 0;
  for (size_t i = 0; i < pairs; i++)
    if (text[2 * i + side] != 0 || text[2 * i + 1 - side] == 0) return false;
  if (ended && side == 0) return length % 2 == 1 && text[length - 1] == 0;
  return length % 2 == 0;
}

char pb_csv_announced(const char *line, size_t length) {
  if (length > 0 && line[length - 1] == '\r') length--;
  if (length == 7 && line[0] == '"' && line[6] == '"') {
    line++;
    length = 5;
  }
  if (length != 5 || pb_ascii_lower(line[0]) != 's' || pb_ascii_lower(line[1]) != 'e' ||
      pb_ascii_lower(line[2]) != 'p' || line[3] != '=')
    return 0;
  char byte = pb_ascii_lower(line[4]);
  return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ? 0 : line[4];
}
