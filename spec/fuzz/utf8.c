/* UTF-8: our reader, our check and our writer agree with RFC 3629's table (section 4), said once more here. */

#include "fuzz.h"

#include "base/utf8.h"

/* UTF8-1 to UTF8-4: the range of the first byte and of the second one; further ones are 80 to BF. */
static size_t by_table(const uint8_t *at, size_t left) {
  static const uint8_t rows[][5] = {
      {1, 0x00, 0x7F, 0x00, 0x00}, {2, 0xC2, 0xDF, 0x80, 0xBF}, {3, 0xE0, 0xE0, 0xA0, 0xBF},
      {3, 0xE1, 0xEC, 0x80, 0xBF}, {3, 0xED, 0xED, 0x80, 0x9F}, {3, 0xEE, 0xEF, 0x80, 0xBF},
      {4, 0xF0, 0xF0, 0x90, 0xBF}, {4, 0xF1, 0xF3, 0x80, 0xBF}, {4, 0xF4, 0xF4, 0x80, 0x8F}};
  for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
    const uint8_t *r = rows[row];
    if (at[0] < r[1] || at[0] > r[2] || left < r[0]) continue;
    if (r[0] > 1 && (at[1] < r[3] || at[1] > r[4])) continue;
    size_t good = r[0] < 2 ? r[0] : 2;
    while (good < r[0] && at[good] >= 0x80 && at[good] <= 0xBF) good++;
    if (good == r[0]) return good;
  }
  return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *text = fuzz_copy(data, size);
  size_t at = 0;
  while (at < size) {
    size_t length = by_table(data + at, size - at);
    uint32_t code = 0;
    FUZZ_HOLDS(pb_utf8_sequence(text + at, size - at) == length);
    FUZZ_HOLDS(pb_utf8_read(text + at, size - at, &code) == length);
    if (length == 0) break;
    char again[4];
    FUZZ_HOLDS(pb_utf8_write(code, again) == length && memcmp(again, text + at, length) == 0);
    at += length;
  }
  size_t bad = SIZE_MAX;
  bool good = pb_utf8_check(text, size, &bad);
  FUZZ_HOLDS(good == (at == size));
  FUZZ_HOLDS(good || bad == at);
  FUZZ_HOLDS(pb_utf8_check(text, size, NULL) == good);
  free(text);
  return 0;
}
