#include "http/lookup.h"

/* By number: the libcurl that runs may be newer than the headers of the build. An older one does not know
 * them and says so, which changes nothing. */
#define QUICK_EXIT       ((CURLoption)(CURLOPTTYPE_LONG + 322))
#define MULTI_QUICK_EXIT ((CURLMoption)(CURLOPTTYPE_LONG + 21))

void pb_http_lookup_of_easy(CURL *easy) {
  curl_easy_setopt(easy, QUICK_EXIT, 1L);
}

void pb_http_lookup_of_multi(CURLM *multi) {
  curl_multi_setopt(multi, MULTI_QUICK_EXIT, 1L);
}
