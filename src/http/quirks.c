#include "http/quirks.h"

#include "http/curl_include.h"

/* The releases with a quirk, as libcurl numbers them (0xMMmmpp): from `first` on and before `fixed`. */
typedef struct {
  unsigned first, fixed;
} range;

enum { ALWAYS = 0, NEVER_FIXED = 0xffffff };

/* The releases follow libcurl's history: the first tag that contains the commit. A distribution may have
 * fixed an older release without changing its number; the remedy then does no harm. */
static const range ranges[PB_HTTP_QUIRKS] = {
    /* Before 7.87, OpenSSL wrote to the socket by itself, and a server that closed at the wrong moment
     * ended the process. */
    [PB_HTTP_RAISES_SIGPIPE] = {ALWAYS, 0x075700},

    /* curl/curl#11101. c9b60f0 (7.84.0) remembers the header line stored last, for a line that continues
     * it. The lines are freed when the next transfer of the handle starts, but the pointer stays. A
     * response whose first header line starts with a space is then appended to freed memory. With
     * CURLOPT_HEADER all these releases call the write callback with each line before they store it
     * (chop_write in lib/sendf.c), and a callback that rejects the line ends the transfer there. cd1c611
     * (8.1.0) clears the pointer. */
    [PB_HTTP_KEEPS_FREED_HEADER] = {0x075400, 0x080100},

    /* From 8.16.0 the cache answers a failed look-up for half of CURLOPT_DNS_CACHE_TIMEOUT: for 30 s every
     * attempt fails without a query. */
    [PB_HTTP_KEEPS_FAILED_LOOKUPS] = {0x081000, NEVER_FIXED},

    /* CURLOPT_QUICK_EXIT (7.87.0) leaves the thread of a look-up behind; before that, libcurl joins it. */
    [PB_HTTP_JOINS_LOOKUPS] = {ALWAYS, 0x075700},

    /* CURLOPT_PROTOCOLS_STR came with 7.85; CURLOPT_PROTOCOLS was deprecated then, and may be gone one day. */
    [PB_HTTP_PROTOCOLS_BY_BITS] = {ALWAYS, 0x075500},

    /* CURLOPT_PREREQFUNCTION and CURLOPT_MAXLIFETIME_CONN came with 7.80. */
    [PB_HTTP_SENDS_UNSEEN] = {ALWAYS, 0x075000},
};

bool pb_http_has(pb_http_quirk quirk) {
  unsigned release = curl_version_info(CURLVERSION_NOW)->version_num;
  return release >= ranges[quirk].first && release < ranges[quirk].fixed;
}
