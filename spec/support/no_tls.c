/* A libcurl without TLS for specs, loaded by LD_PRELOAD: the one that is there, which rejects what one that was
 * built without TLS rejects. */
#undef _POSIX_C_SOURCE
#define _GNU_SOURCE
#define CURL_DISABLE_TYPECHECK

#include <curl/curl.h>
#include <dlfcn.h>
#include <stdarg.h>
#include <string.h>

#undef curl_easy_setopt

/* The numbers of the options, as the headers may be older. */
enum { SSLVERSION = 32, PROTOCOLS = 181, PROXY_SSLVERSION = 250, PROTOCOLS_STR = 10318 };

/* Not by RTLD_NEXT: libcurl is loaded with the module, and is not among the libraries of the program. */
static void find(void *function, const char *name) {
  void *library = dlopen("libcurl.so.4", RTLD_LAZY | RTLD_NOLOAD);
  *(void **)function = dlsym(library, name);
}

curl_version_info_data *curl_version_info(CURLversion age) {
  static curl_version_info_data info;
  curl_version_info_data *(*real)(CURLversion);
  find(&real, "curl_version_info");
  info = *real(age);
  info.features &= ~CURL_VERSION_SSL;
  return &info;
}

CURLcode curl_easy_setopt(CURL *easy, CURLoption option, ...) {
  CURLcode (*real)(CURL *, CURLoption, ...);
  find(&real, "curl_easy_setopt");
  va_list arguments;
  va_start(arguments, option);
  void *value = va_arg(arguments, void *);
  va_end(arguments);
  int number = (int)option;
  if (number == SSLVERSION || number == PROXY_SSLVERSION) return CURLE_NOT_BUILT_IN;
  if (number == PROTOCOLS) return real(easy, option, CURLPROTO_HTTP);
  if (number == PROTOCOLS_STR && strstr(value, "https")) return CURLE_UNSUPPORTED_PROTOCOL;
  return real(easy, option, value);
}
