/* What an update costs without us: one libcurl handle, reused, that posts the same bytes and keeps the
 * answer.
 *
 *   bare url body count header...
 *
 * prints the microseconds of CPU time (user and system) of one request out of `count`. */

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { WARM_UP = 200, MAX_ANSWER = 64 * 1024 };

typedef struct {
  size_t length;
  char bytes[MAX_ANSWER];
} answer;

static size_t on_body(char *bytes, size_t size, size_t count, void *context) {
  answer *kept = context;
  size_t length = size * count;
  if (length > sizeof kept->bytes - kept->length) return 0;
  memcpy(kept->bytes + kept->length, bytes, length);
  kept->length += length;
  return length;
}

static double cpu_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static int fail(const char *why) {
  fprintf(stderr, "bare: %s\n", why);
  return 1;
}

int main(int argc, char **argv) {
  if (argc < 4) return fail("usage: bare url body count header...");
  const char *body = argv[2];
  long count = atol(argv[3]);
  static answer kept;
  CURL *easy = curl_easy_init();
  if (!easy) return fail("libcurl does not start");
  struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
  for (int i = 4; i < argc; i++) headers = curl_slist_append(headers, argv[i]);
  curl_easy_setopt(easy, CURLOPT_URL, argv[1]);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &kept);
  double begun = 0;
  for (long i = -WARM_UP; i < count; i++) {
    if (i == 0) begun = cpu_seconds();
    kept.length = 0;
    CURLcode code = curl_easy_perform(easy);
    if (code) return fail(curl_easy_strerror(code));
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200 || kept.length == 0) return fail("the answer is not what it should be");
  }
  printf("%.3f\n", (cpu_seconds() - begun) / (double)(count > 0 ? count : 1) * 1e6);
  curl_slist_free_all(headers);
  curl_easy_cleanup(easy);
  return 0;
}
