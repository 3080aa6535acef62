#ifndef BENCH_ANSWER_H
#define BENCH_ANSWER_H

/* Shared by the plain programs: they keep each response, as every program that reads it must, and measure in
 * the same way. */

#include <stddef.h>
#include <string.h>
#include <sys/resource.h>

enum { MAX_ANSWER = 64 * 1024 };

typedef struct {
  size_t length;
  char bytes[MAX_ANSWER];
} answer;

/* For CURLOPT_WRITEFUNCTION; its data is an `answer`. */
static size_t keep_answer(char *bytes, size_t size, size_t count, void *context) {
  answer *kept = context;
  size_t length = size * count;
  if (length > sizeof kept->bytes - kept->length) return 0;
  memcpy(kept->bytes + kept->length, bytes, length);
  kept->length += length;
  return length;
}

/* User and system time of this process. */
static double cpu_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

#endif
