--- Faults that occur before a request.

local faults = require "spec.support.faults"

-- Operations for faults that cannot occur over TLS.
local plain = { "update", "create", "get", "login" }

local function untrusted(name, certificate)
  return { name = name, certificate = certificate, kind = "tls", outcome = "not_sent", tries = 1 }
end

return {
  { name = "nobody listens", queue = "none", kind = "network", outcome = "not_sent", tries = 3 },
  -- A label above 63 bytes fails before any name server is asked.
  { name = "the name does not resolve", base = "https://" .. ("a"):rep(64) .. ".invalid", heals = false,
    operations = plain,
    kind = "network", outcome = "not_sent", tries = 3 },
  { name = "the connection is never accepted", queue = "full", connect_timeout = faults.SHORT,
    kind = "timeout", outcome = "not_sent", tries = 3 },
  untrusted("the certificate is for another host", "wronghost"),
  untrusted("the certificate has expired", "expired"),
  untrusted("the certificate is self-signed", "selfsigned"),
  untrusted("the certificate is from an untrusted authority", "untrusted"),
  { name = "TLS: the connection is reset within the handshake", certificate = "good",
    accept = function(c)
      c:read()
      c:reset()
    end, kind = "tls", outcome = "not_sent", tries = 3 },
  { name = "TLS: the connection closes within the handshake", certificate = "good",
    accept = function(c)
      c:read()
      c:close()
    end, kind = "tls", outcome = "not_sent", tries = 3 },
  { name = "TLS: the handshake never ends", certificate = "good", connect_timeout = faults.SHORT,
    accept = function(c) c:drain() end, kind = "timeout", outcome = "not_sent", tries = 3 },
  { name = "TLS: the server speaks clear text", certificate = "good",
    accept = function(c)
      c:send "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
      c:close()
    end, kind = "tls", outcome = "not_sent", tries = 3 },
  { name = "TLS: an alert instead of a ServerHello", certificate = "good",
    accept = function(c)
      c:send "\21\3\3\0\2\2\40"
      c:close()
    end, kind = "tls", outcome = "not_sent", tries = 3 },
  { name = "TLS: reset after the handshake, before the request", certificate = "good",
    shaken = function(c) c:reset() end, kind = "network", outcome = "unknown", tries = 3, arrives = 0 },
  { name = "the server speaks TLS where HTTP is expected", operations = plain,
    accept = function(c)
      c:send "\21\3\3\0\2\2\10"
      c:close()
    end, kind = "protocol", outcome = "unknown", tries = 1, arrives = 0 },
}
