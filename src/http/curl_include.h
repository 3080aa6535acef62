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

#endif
