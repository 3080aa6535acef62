#include "codepoint.h"

size_t pb_codepoint_read(const char *text, size_t length, uint32_t *codepoint) {
  /* The least code point that needs so many bytes: anything below is an overlong form. */
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (length == 0) return 0;
  const unsigned char *bytes = (const unsigned char *)text;
  uint32_t value = bytes[0];
  if (value < 0x80) {
    *codepoint = value;
    return 1;
  }
  size_t size;
  if (value >= 0xC2 && value <= 0xDF) size = 2, value &= 0x1F;
  else if (value >= 0xE0 && value <= 0xEF) size = 3, value &= 0x0F;
  else if (value >= 0xF0 && value <= 0xF4) size = 4, value &= 0x07;
  else return 0;
  if (size > length) return 0;
  for (size_t i = 1; i < size; i++) {
    if ((bytes[i] & 0xC0) != 0x80) return 0;
    value = value << 6 | (bytes[i] & 0x3F);
  }
  if (value < least[size] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return 0;
  *codepoint = value;
  return size;
}
