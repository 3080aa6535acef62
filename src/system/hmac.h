#ifndef PB_SYSTEM_HMAC_H
#define PB_SYSTEM_HMAC_H

#include <stddef.h>

#include "system/sha256.h"

/* HMAC of RFC 2104 with SHA-256: a digest that only the holder of the key can compute, so that a short text cannot be
 * found by trying. */
void pb_hmac(const void *key, size_t key_length, const void *bytes, size_t length,
             unsigned char digest[PB_SHA256_SIZE]);

#endif
