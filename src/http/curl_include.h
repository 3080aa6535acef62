#ifndef PB_HTTP_CURL_INCLUDE_H
#define PB_HTTP_CURL_INCLUDE_H

/* The only file that includes libcurl's header, so that a missing or too old libcurl gives a message that
 * people can act on, however the module is built. */

/* cppcheck reads no system headers. */
#if defined(__has_include) && !defined(__cppcheck__)
#if !__has_include(<curl/curl.h>)
#error                                                                                             \
    "libcurl's headers are missing. Install libcurl4-openssl-dev (Debian, Ubuntu), libcurl-devel (Fedora), curl-dev (Alpine) or curl (Arch, Homebrew)."
#endif
#endif

#include <curl/curl.h>

#if LIBCURL_VERSION_NUM < 0x074400 && !defined(__cppcheck__)
#error "libcurl is older than 7.68.0, the first that Patchbay works with."
#endif

/* Options and codes that the release which runs may know though the headers do not, or know no more by that
 * name: their numbers never change. quirks.c says which release has which. */
#define PB_CURLOPT_PROTOCOLS        ((CURLoption)181) /* CURLOPT_PROTOCOLS, deprecated since 7.85 */
#define PB_CURLOPT_PROTOCOLS_STR    ((CURLoption)10318) /* CURLOPT_PROTOCOLS_STR, 7.85 */
#define PB_CURLOPT_MAXLIFETIME_CONN ((CURLoption)314)   /* CURLOPT_MAXLIFETIME_CONN, 7.80 */
#define PB_CURLOPT_PREREQFUNCTION   ((CURLoption)20312) /* CURLOPT_PREREQFUNCTION, 7.80 */
#define PB_CURLOPT_PREREQDATA       ((CURLoption)10313) /* CURLOPT_PREREQDATA, 7.80 */
#define PB_CURLE_TOO_LARGE          100                 /* CURLE_TOO_LARGE, 8.6 */

#endif
