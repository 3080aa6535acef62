#ifndef PB_SYSTEM_SHA256_H
#define PB_SYSTEM_SHA256_H

#include <stddef.h>
#include <stdint.h>

/* SHA-256 of FIPS 180-4, to tell contents apart: of whole texts or piece by piece. Uses no memory but the
 * state, which may be dropped at any time. */

enum { PB_SHA256_SIZE = 32, PB_SHA256_BLOCK = 64 };

typedef struct {
  uint32_t hash[8];
  uint64_t length;                      /* bytes so far */
  unsigned char block[PB_SHA256_BLOCK]; /* the last, incomplete block: length % PB_SHA256_BLOCK */
} pb_sha256;

void pb_sha256_init(pb_sha256 *state);
void pb_sha256_add(pb_sha256 *state, const void *bytes, size_t length);

/* Writes the digest. Afterwards the state must be initialised again. */
void pb_sha256_end(pb_sha256 *state, unsigned char digest[PB_SHA256_SIZE]);

#endif
