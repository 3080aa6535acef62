#include "system/sha256.h"

#include <string.h>

/* FIPS 180-4, 4.2.2: from the cube roots of the first 64 primes. */
static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t x, int places) {
  return x >> places | x << (32 - places);
}

static uint32_t load(const unsigned char *at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* The digest and the length are big-endian. */
static void store(unsigned char *at, uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; i--, value >>= 8) at[i] = (unsigned char)value;
}

/* FIPS 180-4, 6.2.2, with its names. */
static void add_block(uint32_t hash[8], const unsigned char *block) {
  uint32_t w[64];
  for (int t = 0; t < 16; t++) w[t] = load(block + 4 * t);
  for (int t = 16; t < 64; t++) {
    uint32_t s0 = rotate(w[t - 15], 7) ^ rotate(w[t - 15], 18) ^ w[t - 15] >> 3;
    uint32_t s1 = rotate(w[t - 2], 17) ^ rotate(w[t - 2], 19) ^ w[t - 2] >> 10;
    w[t] = s1 + w[t - 7] + s0 + w[t - 16];
  }
  uint32_t a = hash[0], b = hash[1], c = hash[2], d = hash[3];
  uint32_t e = hash[4], f = hash[5], g = hash[6], h = hash[7];
  for (int t = 0; t < 64; t++) {
    uint32_t sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    uint32_t t1 = h + sum1 + ((e & f) ^ (~e & g)) + constants[t] + w[t];
    uint32_t sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    uint32_t t2 = sum0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  const uint32_t after[8] = {a, b, c, d, e, f, g, h};
  for (int i = 0; i < 8; i++) hash[i] += after[i];
}

void pb_sha256_init(pb_sha256 *state) {
  /* 5.3.3: from the square roots of the first 8 primes. */
  static const uint32_t first[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  memcpy(state->hash, first, sizeof first);
  state->length = 0;
}

void pb_sha256_add(pb_sha256 *state, const void *bytes, size_t length) {
  const unsigned char *at = bytes;
  size_t used = (size_t)(state->length % PB_SHA256_BLOCK);
  if (length == 0) return;
  state->length += length;
  if (used > 0) {
    size_t part = PB_SHA256_BLOCK - used;
    if (part > length) part = length;
    memcpy(state->block + used, at, part);
    at += part;
    length -= part;
    if (used + part < PB_SHA256_BLOCK) return;
    add_block(state->hash, state->block);
  }
  for (; length >= PB_SHA256_BLOCK; at += PB_SHA256_BLOCK, length -= PB_SHA256_BLOCK)
    add_block(state->hash, at);
  if (length > 0) memcpy(state->block, at, length);
}

void pb_sha256_end(pb_sha256 *state, unsigned char digest[PB_SHA256_SIZE]) {
  enum { LENGTH_SIZE = 8 };
  /* 5.1.1: a bit 1, zeros, and the length in bits at the end of a block. */
  unsigned char padding[PB_SHA256_BLOCK + LENGTH_SIZE] = {0x80};
  size_t used = (size_t)(state->length % PB_SHA256_BLOCK);
  size_t zeros_end = used < PB_SHA256_BLOCK - LENGTH_SIZE
                         ? PB_SHA256_BLOCK - LENGTH_SIZE - used
                         : 2 * PB_SHA256_BLOCK - LENGTH_SIZE - used;
  store(padding + zeros_end, state->length * 8, LENGTH_SIZE);
  pb_sha256_add(state, padding, zeros_end + LENGTH_SIZE);
  for (int i = 0; i < 8; i++) store(digest + 4 * i, state->hash[i], 4);
}
