#include "system/hmac.h"

#include <string.h>

/* RFC 2104, section 2: H((K ^ opad) || H((K ^ ipad) || text)). */
enum { INNER_PAD = 0x36, OUTER_PAD = 0x5C };

static void start(pb_sha256 *state, const unsigned char key[PB_SHA256_BLOCK], int pad) {
  unsigned char block[PB_SHA256_BLOCK];
  for (int i = 0; i < PB_SHA256_BLOCK; i++) block[i] = (unsigned char)(key[i] ^ pad);
  pb_sha256_init(state);
  pb_sha256_add(state, block, sizeof block);
}

void pb_hmac(const void *key, size_t key_length, const void *bytes, size_t length,
             unsigned char digest[PB_SHA256_SIZE]) {
  unsigned char block[PB_SHA256_BLOCK] = {0};
  pb_sha256 state;
  if (key_length > PB_SHA256_BLOCK) {
    pb_sha256_init(&state);
    pb_sha256_add(&state, key, key_length);
    pb_sha256_end(&state, block);
  } else if (key_length > 0) {
    memcpy(block, key, key_length);
  }
  start(&state, block, INNER_PAD);
  pb_sha256_add(&state, bytes, length);
  pb_sha256_end(&state, digest);
  start(&state, block, OUTER_PAD);
  pb_sha256_add(&state, digest, PB_SHA256_SIZE);
  pb_sha256_end(&state, digest);
}
