/* What an update costs without us: one libcurl handle, reused, that posts the same bytes and keeps the
 * answer.
 *
 *   bare url body count header...
 *
 * prints the microseconds of CPU time (user and system) of one request out of `count`. */

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

#include "answer.h"

enum { WARM_UP = 200 };

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
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, keep_answer);
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
