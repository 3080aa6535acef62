#include "http/lookup.h"

#include "http/quirks.h"
#include "http/sockets.h"

/* The numbers of the options, because the libcurl that runs may be newer than the headers of the build. An
 * older one rejects them, which does no harm. */
#define QUICK_EXIT       ((CURLoption)(CURLOPTTYPE_LONG + 322))
#define MULTI_QUICK_EXIT ((CURLMoption)(CURLOPTTYPE_LONG + 21))

void pb_http_lookup_of_easy(CURL *easy) {
  curl_easy_setopt(easy, QUICK_EXIT, 1L);
}

void pb_http_lookup_of_multi(CURLM *multi) {
  curl_multi_setopt(multi, MULTI_QUICK_EXIT, 1L);
}

bool pb_http_lookup_is_joined(void) {
  const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
  /* c-ares has no threads, so there is nothing to leave behind. */
  return pb_http_has(PB_HTTP_JOINS_LOOKUPS) && (info->features & CURL_VERSION_ASYNCHDNS) &&
         !info->ares;
}

/* libcurl calls this, so it must not call into Lua. */

static int on_look_up(void *resolver, void *reserved, void *context) {
  (void)resolver, (void)reserved;
  pb_http_lookup *lookup = context;
  if (lookup && !lookup->opened) lookup->under_way = true;
  return 0;
}

static curl_socket_t on_open_socket(void *context, curlsocktype purpose,
                                    struct curl_sockaddr *address) {
  (void)purpose;
  pb_http_lookup *lookup = context;
  if (!lookup) return CURL_SOCKET_BAD;
  *lookup = (pb_http_lookup){.opened = true};
  return pb_http_socket_open(address, &lookup->used_up);
}

CURLcode pb_http_lookup_watch(pb_http_lookup *lookup, CURL *easy) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_RESOLVER_START_DATA, lookup);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_RESOLVER_START_FUNCTION, on_look_up);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, lookup);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
  return code;
}

void pb_http_lookup_leave(CURL *easy) {
  curl_easy_setopt(easy, CURLOPT_RESOLVER_START_DATA, NULL);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, NULL);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, NULL);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, NULL);
}
