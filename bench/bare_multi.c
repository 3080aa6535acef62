/* The cost of a bulk run without Patchbay: libcurl's multi interface sends the same bytes over as many
 * connections (or streams) and keeps the responses.
 *
 *   bare_multi url ca-file|- count concurrency body [method:METHOD] header...
 *
 * prints the CPU time (user and system) and wall time per request in microseconds, averaged over `count`. */

#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "answer.h"

enum { WARM_UP = 500, MAX_CONCURRENCY = 1000 };

typedef struct {
  CURL *easy;
  answer kept;
} slot;

static double wall_seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void fail(const char *why) {
  fprintf(stderr, "bare_multi: %s\n", why);
  exit(1);
}

/* Instead of POST. */
static const char *method;

static CURL *new_easy(slot *own, char **argv, struct curl_slist *headers) {
  CURL *easy = curl_easy_init();
  if (!easy) fail("libcurl does not start");
  bool tls = strcmp(argv[2], "-") != 0;
  curl_easy_setopt(easy, CURLOPT_URL, argv[1]);
  if (tls) curl_easy_setopt(easy, CURLOPT_CAINFO, argv[2]);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                   (long)(tls ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_PIPEWAIT, tls ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, argv[5]);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  if (method) curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, keep_answer);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &own->kept);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, own);
  return easy;
}

/* Sends `count` requests, as many at once as there are slots. */
static void run(CURLM *multi, slot *slots, long concurrency, long count) {
  long begun = 0, ended = 0;
  for (; begun < concurrency && begun < count; begun++) {
    slots[begun].kept.length = 0;
    curl_multi_add_handle(multi, slots[begun].easy);
  }
  for (;;) {
    int running, queued;
    if (curl_multi_perform(multi, &running)) fail("curl_multi_perform");
    CURLMsg *message;
    bool added = false;
    while ((message = curl_multi_info_read(multi, &queued))) {
      CURL *easy = message->easy_handle;
      if (message->data.result) fail(curl_easy_strerror(message->data.result));
      char *own = NULL;
      curl_easy_getinfo(easy, CURLINFO_PRIVATE, &own);
      slot *done = (void *)own;
      long status = 0;
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      if (status != 200 || done->kept.length == 0) fail("the response is not the expected one");
      curl_multi_remove_handle(multi, easy);
      ended++;
      if (begun == count) continue;
      begun++;
      done->kept.length = 0;
      curl_multi_add_handle(multi, easy);
      added = true;
    }
    if (ended == count) return;
    if (!added && curl_multi_poll(multi, NULL, 0, 1000, NULL)) fail("curl_multi_poll");
  }
}

int main(int argc, char **argv) {
  if (argc < 6) fail("usage: bare_multi url ca-file|- count concurrency body header...");
  long count = atol(argv[3]), concurrency = atol(argv[4]);
  if (count < 1 || concurrency < 1 || concurrency > MAX_CONCURRENCY) fail("no such count");
  struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
  for (int i = 6; i < argc; i++) {
    if (strncmp(argv[i], "method:", 7) == 0) method = argv[i] + 7;
    else headers = curl_slist_append(headers, argv[i]);
  }
  CURLM *multi = curl_multi_init();
  slot *slots = calloc((size_t)concurrency, sizeof *slots);
  if (!multi || !slots) fail("not enough memory");
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, concurrency);
  for (long i = 0; i < concurrency; i++) slots[i].easy = new_easy(&slots[i], argv, headers);

  run(multi, slots, concurrency, WARM_UP);
  double cpu = cpu_seconds(), wall = wall_seconds();
  run(multi, slots, concurrency, count);
  cpu = cpu_seconds() - cpu;
  wall = wall_seconds() - wall;
  printf("%.3f %.3f\n", cpu / (double)count * 1e6, wall / (double)count * 1e6);

  for (long i = 0; i < concurrency; i++) curl_easy_cleanup(slots[i].easy);
  curl_multi_cleanup(multi);
  curl_slist_free_all(headers);
  free(slots);
  return 0;
}
