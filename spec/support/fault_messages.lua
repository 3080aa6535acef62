--- The messages of the faults in spec/support/faults, by chapter and name: after vendor, operation and key,
-- with "the server" for its address, without libcurl's own words in brackets and without the text that is
-- appended to every change of unknown outcome. A list if a race decides.

local REFUSED = "cannot connect to the server: the connection was refused"
local UNRESOLVED = "cannot find the server: its name does not resolve; check the name, and this machine's DNS"
local NO_CONNECTION = "no connection to the server within 1.5 s"
local CERTIFICATE = "the certificate of the server was not accepted"
local NO_TLS = "no secure connection to the server; TLS 1.2 or newer is needed"
local BROKE = "the connection to the server broke before the answer was complete"
local UNSENT = "the connection to the server broke before the request was sent"
local EMPTY = "the server closed the connection without an answer"
local MIDDLE = "the connection to the server closed in the middle of the answer"
local LATE = "the server did not answer in full within 1.5 s"
local NO_HTTP = "the answer of the server is not correct HTTP"
local NO_LENGTH = "the answer of the server does not say clearly how long it is: its Content-Length makes no "
  .. "sense"
local TOO_LARGE = "the answer of the server is larger than 16777216 bytes; if such answers are right, raise "
  .. "max_response_bytes"
local LONG_HEAD = "the answer of the server has more than 131072 bytes of headers"
-- Newer releases of libcurl would send again by themselves what a server says it has not processed.
local NOT_AGAIN = "the connection to the server closed before the answer; the request may have been carried "
  .. "out, so it was not sent again"
-- Newer releases of libcurl have a limit on the number of headers, and name one that is too long.
local MANY_HEADERS = "the answer of the server has more headers, or a longer one, than libcurl takes"
local NO_CONTENT = "the response is empty"

local function moved(status)
  return "unexpected status " .. status
    .. "; redirects are not followed, so that the credentials do not travel"
end

return {
  ["Connecting"] = {
    ["nobody listens"] = REFUSED,
    ["the name does not resolve"] = UNRESOLVED,
    ["the connection is never accepted"] = NO_CONNECTION,
    ["the certificate is for another host"] = CERTIFICATE,
    ["the certificate has expired"] = CERTIFICATE,
    ["the certificate is self-signed"] = CERTIFICATE,
    ["the certificate is from an untrusted authority"] = CERTIFICATE,
    ["TLS: the connection is reset within the handshake"] = NO_TLS,
    ["TLS: the connection closes within the handshake"] = NO_TLS,
    ["TLS: the handshake never ends"] = NO_CONNECTION,
    ["TLS: the server speaks clear text"] = NO_TLS,
    ["TLS: an alert instead of a ServerHello"] = NO_TLS,
    -- libcurl would send again over a new connection where it took this one for a kept one.
    ["TLS: reset after the handshake, before the request"] = { BROKE, EMPTY, NOT_AGAIN },
    ["the server speaks TLS where HTTP is expected"] = NO_HTTP,
  },
  ["Breaking off"] = {
    ["reset when the connection is made"] = { BROKE, EMPTY, "cannot connect to the server" },
    ["reset at the first bytes of the request"] = { BROKE, EMPTY },
    ["closed when the connection is made"] = { EMPTY, BROKE },
    ["half closed when the connection is made"] = { EMPTY, BROKE },
    ["reset in the middle of the request"] = { BROKE, EMPTY },
    ["closed in the middle of the request"] = { BROKE, EMPTY },
    ["the request is never read to its end"] = LATE,
    ["reset after the request"] = { BROKE, EMPTY },
    ["closed after the request"] = EMPTY,
    ["closed after the request, over TLS without close_notify"] = { EMPTY, BROKE },
    ["no response"] = LATE,
    ["half closed after the request, and silent"] = EMPTY,
    ["reset within the headers"] = BROKE,
    ["closed within the headers"] = MIDDLE,
    ["silence within the headers"] = LATE,
    ["reset within the body"] = BROKE,
    ["closed within the body"] = MIDDLE,
    ["closed within the body, over TLS without close_notify"] = MIDDLE,
    ["silence within the body"] = LATE,
    ["one byte of the headers every 0.1 s"] = LATE,
    ["one byte of the body every 0.1 s"] = LATE,
    ["endless headers"] = { LONG_HEAD, MANY_HEADERS },
    ["one endless header"] = { "there is not enough memory for the answer of the server, or one of its "
      .. "header lines is too long", MANY_HEADERS },
    ["an endless body"] = TOO_LARGE,
    ["an endless body in chunks"] = TOO_LARGE,
    ["an endless chunk extension"] = LATE,
    ["endless trailers"] = LONG_HEAD,
    ["a response before the request is complete: 413"] =
      "too large: \"too much\"",
  },
  ["Status, headers and framing"] = {
    ["status line: not HTTP"] = NO_HTTP,
    ["status line: HTTP/3.7"] = NO_HTTP,
    ["status line: HTTP/0.9"] = NO_HTTP,
    ["status line: no status"] = NO_HTTP,
    ["status line: a negative status"] = NO_HTTP,
    ["status line: status 99"] = NO_HTTP,
    ["status line: status 999"] =
      "unavailable",
    ["status line: status 2000"] = NO_HTTP,
    ["status line: HTTP/1.2"] = NO_HTTP,
    ["status line: no version"] = NO_HTTP,
    ["status line: two spaces"] = NO_HTTP,
    ["101 Switching Protocols, unrequested"] = NO_HTTP,
    ["100 Continue and nothing else"] = EMPTY,
    ["endless 103s"] = LONG_HEAD,
    ["a 103 every 0.1 s"] = LATE,
    ["a NUL in a header"] = NO_HTTP,
    ["the first header line is a continuation line"] = NO_HTTP,
    ["the status line folded onto a second line"] = NO_HTTP,
    ["the first header line of a 103 is a continuation line"] = NO_HTTP,
    ["the first header line after a 103 is a continuation line"] = NO_HTTP,
    ["the first trailer is a continuation line"] = NO_HTTP,
    ["a trailer without a colon"] = NO_HTTP,
    ["a carriage return within a header"] = NO_HTTP,
    ["a header without a colon"] = NO_HTTP,
    ["Content-Length too long"] = MIDDLE,
    ["Content-Length too short"] =
      "the response is not JSON: expected '\"' at byte 10, got the end of the text",
    ["Content-Length 0, and a body"] = NO_CONTENT,
    ["Content-Length negative"] = NO_LENGTH,
    ["Content-Length not a number"] = NO_LENGTH,
    ["Content-Length too large for any integer"] = TOO_LARGE,
    ["two Content-Lengths that differ"] = NO_LENGTH,
    ["chunks: a size that is not a number"] = NO_HTTP,
    ["chunks: a negative size"] = NO_HTTP,
    ["chunks: a size too large for any integer"] = NO_HTTP,
    ["chunks: one shorter than its size"] = NO_HTTP,
    ["chunks: cut off within one"] = MIDDLE,
    ["chunks: the last one is missing"] = MIDDLE,
    ["chunks: cut off within the trailers"] = MIDDLE,
    ["an unknown transfer coding"] = NO_HTTP,
    ["a transfer coding after chunked"] = NO_HTTP,
    ["an unrequested transfer coding"] = NO_HTTP,
    ["an unknown content coding"] = NO_HTTP,
    ["status 204"] = NO_CONTENT,
    ["status 304"] = moved(304),
    ["status 408, and closed"] =
      "timeout",
    ["status 429 with Retry-After"] =
      "rate limited",
    ["status 429 with a Retry-After of a day"] =
      "rate limited",
    ["status 500 with an HTML page"] =
      "unavailable",
    ["status 502, cut off"] = MIDDLE,
    ["status 503 without a body"] =
      "unavailable",
  },
  ["Content of the response"] = {
    ["no content"] = NO_CONTENT,
    ["an HTML page"] =
      "the response is not JSON: expected a value at byte 1, got \"<\"",
    ["truncated JSON"] =
      "the response is not JSON: expected ':' at byte 90, got the end of the text",
    ["JSON followed by more text"] =
      "the response is not JSON: expected the end of the text at byte 98, got \"}\"",
    ["two JSON texts"] =
      "the response is not JSON: expected the end of the text at byte 98, got \"{\"",
    ["JSON that is not an object"] =
      "the response is not a JSON object",
    ["JSON null"] =
      "the response is not a JSON object",
    ["JSON followed by a NUL"] =
      "the response is not JSON: expected the end of the text at byte 98, got byte 0x00",
    ["JSON with a NUL in a string"] =
      "the response is not JSON: expected an escape instead of a control character at byte 96, got "
        .. "byte 0x00",
    ["JSON with invalid UTF-8"] =
      "the response is not JSON: expected UTF-8 at byte 96, got byte 0xFF",
    ["JSON in UTF-16"] =
      "the response is not JSON: expected a string or '}' at byte 2, got byte 0x00",
    ["100,000 levels of nesting"] =
      "the response is not JSON: arrays and objects nested more than 1000 deep at byte 5001",
    ["100,000 levels that are never closed"] =
      "the response is not JSON: arrays and objects nested more than 1000 deep at byte 1001",
    ["more than max_response_bytes"] = TOO_LARGE,
    ["more than max_response_bytes, announced by Content-Length"] = TOO_LARGE,
    ["the response for another record"] =
      "the response is about another record: 00000000-0000-0000-0000-00000000000e",
    ["an error body with status 200"] = 'the response shows nothing that the vendor documents: "not now"',
    ["an HTML page that shows the secrets"] =
      "the response is not JSON: expected a value at byte 1, got \"<\"",
    ["truncated JSON that shows the secrets"] =
      "the response is not JSON: expected '\"' at byte 121, got the end of the text",
    ["status 400 that shows the secrets"] =
      "invalid: \"You sent *** and *** and planted-secret-ahJ4 and planted-token-Eiph8\"",
    ["invalid gzip"] = NO_HTTP,
    ["truncated gzip"] =
      "the response is not JSON: expected a value at byte 3872, got the end of the text",
    ["a gzip bomb"] = TOO_LARGE,
    ["a gzip bomb in gzip"] = NO_HTTP,
    ["a Brotli bomb"] = TOO_LARGE,
    ["a Zstandard bomb"] = TOO_LARGE,
  },
  ["Kept connections, redirects, proxies"] = {
    ["the first header line of the second response is a continuation line"] = NO_HTTP,
    ["301 to another host"] = moved(301),
    ["302 to another host"] = moved(302),
    ["303 to another host"] = moved(303),
    ["307 to another host"] = moved(307),
    ["308 to another host"] = moved(308),
    ["308 to the same host"] = moved(308),
    ["308 to a file"] = moved(308),
    ["a proxy: nobody listens"] = "cannot connect to the server, or to the proxy on the way: the "
      .. "connection was refused",
    ["a proxy in clear text: 407"] = "unauthorized; the proxy did not accept its credentials; check the user "
      .. "name and password in proxy, or in the environment's proxy variables",
    ["a proxy in clear text: 502"] = "unavailable",
    ["a proxy in clear text: closed"] = EMPTY,
    ["a proxy: closed without a response"] = UNSENT,
    ["a proxy: reset"] = UNSENT,
    ["a proxy: silent"] = NO_CONNECTION,
    ["a proxy: 403 to CONNECT"] =
      "the proxy does not connect to the server: it answered with status 403",
    ["a proxy: 407 to CONNECT"] =
      "the proxy on the way to the server did not accept its credentials",
    ["a proxy: 502 to CONNECT"] =
      "the proxy does not connect to the server: it answered with status 502",
    ["a proxy: 200 to CONNECT, then closed"] = NO_TLS,
    ["a proxy: a response to CONNECT that is not HTTP"] = UNSENT,
    ["a proxy: endless headers to CONNECT"] = UNSENT,
  },
  ["HTTP/2"] = {
    ["GOAWAY instead of a response, the request not processed"] = { BROKE, EMPTY, MIDDLE, NOT_AGAIN },
    ["GOAWAY instead of a response, the request processed"] = { MIDDLE, BROKE, EMPTY },
    ["RST_STREAM: internal error"] = BROKE,
    ["RST_STREAM: refused"] =
      NOT_AGAIN,
    ["RST_STREAM within the body"] = BROKE,
    ["RST_STREAM: no error, after the response headers"] = NO_CONTENT,
    ["closed within the body"] = { MIDDLE, BROKE, EMPTY },
    ["closed instead of a response"] = { MIDDLE, BROKE, EMPTY },
    ["reset instead of a response"] = { BROKE, EMPTY, MIDDLE },
    ["a response without a status"] = BROKE,
    ["content-length longer than the body"] = BROKE,
    ["content-length shorter than the body"] = BROKE,
    ["headers that HPACK cannot read"] = { EMPTY, BROKE, MIDDLE },
    ["endless CONTINUATION"] = { BROKE, EMPTY, MIDDLE },
    ["endless PING"] = LATE,
    ["a body on another stream"] = NO_CONTENT,
    ["an unrequested pushed response"] = { EMPTY, BROKE, MIDDLE },
    ["no HTTP/2 at all"] = { EMPTY, BROKE, MIDDLE },
    ["endless DATA"] = TOO_LARGE,
    ["the window for the request is never opened"] = LATE,
    ["silence after the response headers"] = LATE,
    ["GOAWAY: calm down"] = { MIDDLE, BROKE, EMPTY },
  },
}
