#ifndef PB_SYSTEM_SHA256_H
#define PB_SYSTEM_SHA256_H

#include <stddef.h>
#include <stdint.h>

/* SHA-256 as FIPS 180-4 has it, for telling contents apart: over whole texts or piece by piece. No
 * memory beside the state, which may be dropped at any time. */

enum { PB_SHA256_SIZE = 32, PB_SHA256_BLOCK = 64 };

typedef struct {
  uint32_t hash[8];
  uint64_t length;                      /* bytes so far */
  unsigned char block[PB_SHA256_BLOCK]; /* the last, incomplete block: length % PB_SHA256_BLOCK */
} pb_sha256;

void pb_sha256_init(pb_sha256 *state);
void pb_sha256_add(pb_sha256 *state, const void *bytes, size_t length);

/* Writes the digest. The state is then used up; start again with pb_sha256_init. */
void pb_sha256_end(pb_sha256 *state, unsigned char digest[PB_SHA256_SIZE]);

#endif
