--- Connections that break off, fall silent or never end.

local faults = require "spec.support.faults"
local plain = { "update", "create", "get", "login" }

local function half(request) return request.good:sub(1, -6) end

-- In the middle of the header block.
local function part_of_head(request) return request.good:sub(1, 30) end

return {
  { name = "reset when the connection is made", operations = plain, accept = function(c) c:reset() end,
    kind = "network", outcome = "unknown", races = true, tries = 3, arrives = 0 },
  { name = "reset at the first bytes of the request", operations = plain, accept = function(c)
      c:read()
      c:reset()
    end, kind = "network", outcome = "unknown", tries = 3, arrives = 0 },
  { name = "closed when the connection is made", operations = plain, accept = function(c) c:close() end,
    kind = "network", outcome = "unknown", tries = 3, arrives = 0 },
  { name = "half closed when the connection is made", operations = plain, accept = function(c)
      c:half_close()
      c:drain()
    end, kind = "network", outcome = "unknown", tries = 3, arrives = 0 },
  { name = "reset in the middle of the request", large = true, heavy = true, early = true,
    operations = { "update", "create", "secure" },
    serve = function(c) c:reset() end, kind = "network", outcome = "unknown", tries = 3 },
  { name = "closed in the middle of the request", large = true, heavy = true, early = true,
    operations = { "update", "create", "secure" },
    serve = function(c)
      c.socket:finish()
      c.socket:drop()
      require("sockets").exit()
    end, kind = "network", outcome = "unknown", tries = 3 },
  { name = "the request is never read to its end", large = true, heavy = true, early = true,
    timeout = faults.SHORT, operations = { "update", "create", "secure" },
    serve = function(c) c:sleep(faults.LONGEST) end, kind = "timeout", outcome = "unknown", tries = 3 },
  { name = "reset after the request", serve = function(c) c:reset() end,
    kind = "network", outcome = "unknown", tries = 3 },
  { name = "closed after the request", serve = function(c) c:close() end,
    kind = "network", outcome = "unknown", tries = 3 },
  { name = "closed after the request, over TLS without close_notify", operations = { "secure" },
    serve = function(c) c:close(true) end, kind = "network", outcome = "unknown", tries = 3 },
  { name = "no response", timeout = faults.SHORT, serve = function(c) c:drain() end,
    kind = "timeout", outcome = "unknown", tries = 3 },
  { name = "half closed after the request, and silent", timeout = 5, serve = function(c)
      c:half_close()
      c:drain()
    end, kind = "network", outcome = "unknown", tries = 3 },
  { name = "a complete response, then a reset", operations = { "update", "get", "secure" },
    serve = function(c, request)
      c:send(request.good)
      c:reset()
    end },
  { name = "reset within the headers", serve = function(c, request)
      c:send(part_of_head(request))
      c:reset()
    end, kind = "network", outcome = "unknown", tries = 3 },
  { name = "closed within the headers", serve = function(c, request)
      c:send(part_of_head(request))
      c:close()
    end, kind = "network", outcome = "unknown", tries = 3 },
  { name = "silence within the headers", timeout = faults.SHORT, serve = function(c, request)
      c:send(part_of_head(request))
      c:drain()
    end, kind = "timeout", outcome = "unknown", tries = 3 },
  { name = "reset within the body", serve = function(c, request)
      c:send(half(request))
      c:reset()
    end, kind = "network", outcome = "unknown", tries = 3 },
  { name = "closed within the body", serve = function(c, request)
      c:send(half(request))
      c:close()
    end, kind = "network", outcome = "unknown", tries = 3 },
  { name = "closed within the body, over TLS without close_notify", operations = { "secure" },
    serve = function(c, request)
      c:send(half(request))
      c:close(true)
    end, kind = "network", outcome = "unknown", tries = 3 },
  { name = "silence within the body", timeout = faults.SHORT, serve = function(c, request)
      c:send(half(request))
      c:drain()
    end, kind = "timeout", outcome = "unknown", tries = 3 },
  { name = "one byte of the headers every 0.1 s", timeout = faults.SHORT,
    serve = function(c, request)
      c:trickle(faults.answer(request.json, nil, "X-More: " .. ("x"):rep(10 * faults.LONGEST) .. "\r\n"), 0.1)
      c:drain()
    end, kind = "timeout", outcome = "unknown", tries = 3 },
  { name = "one byte of the body every 0.1 s", timeout = faults.SHORT,
    serve = function(c, request)
      -- The blanks make it last longer than the longest timeout.
      local good = faults.answer((" "):rep(10 * faults.LONGEST) .. request.json)
      local head = select(2, good:find("\r\n\r\n", 1, true))
      c:send(good:sub(1, head))
      c:trickle(good:sub(head + 1), 0.1)
      c:drain()
    end, kind = "timeout", outcome = "unknown", tries = 3 },
  { name = "endless headers", serve = function(c)
      c:send "HTTP/1.1 200 OK\r\n"
      c:flood "X-More: and more\r\n"
    end, kind = "too_large", outcome = "unknown" },
  { name = "one endless header", serve = function(c)
      c:send "HTTP/1.1 200 OK\r\nX-More: "
      c:flood "and more "
    end, kind = "too_large", outcome = "unknown" },
  { name = "an endless body", serve = function(c)
      c:send "HTTP/1.1 200 OK\r\n\r\n"
      c:flood '{"more":'
    end, kind = "too_large", outcome = "unknown", heavy = true },
  { name = "an endless body in chunks", serve = function(c)
      c:send "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      c:flood '8\r\n{"more":\r\n'
    end, kind = "too_large", outcome = "unknown", heavy = true },
  { name = "an endless chunk extension", serve = function(c)
      c:send "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;"
      c:flood "x=y;"
    end, kind = "timeout", outcome = "unknown", tries = 3, timeout = faults.SHORT },
  { name = "endless trailers", serve = function(c, request)
      c:send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        ("%x\r\n%s\r\n0\r\n"):format(#request.json, request.json))
      c:flood "X-More: and more\r\n"
    end, kind = "too_large", outcome = "unknown" },
  { name = "a response before the request is complete: 413", large = true, heavy = true, early = true,
    operations = { "update", "create", "secure" },
    serve = function(c, request)
      c:send(faults.answer('{"detail":"too much"}', "HTTP/1.1 413 Too Large",
        "Connection: close\r\n"))
      request.read()
      c:close()
    end, kind = "too_large", outcome = "refused" },
  { name = "a response before the request is complete: 200", large = true, heavy = true, early = true,
    operations = { "update", "create", "secure" },
    serve = function(c, request)
      c:send(request.good)
      request.read()
    end },
}
