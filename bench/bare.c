/* The cost of an update without Patchbay: one reused libcurl handle that posts the same bytes and keeps the
 * response.
 *
 *   bare url body count header...
 *
 * prints the CPU time (user and system) per request in microseconds, averaged over `count`. */

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
    if (status != 200 || kept.length == 0) return fail("the response is not the expected one");
  }
  printf("%.3f\n", (cpu_seconds() - begun) / (double)(count > 0 ? count : 1) * 1e6);
  curl_slist_free_all(headers);
  curl_easy_cleanup(easy);
  return 0;
}
