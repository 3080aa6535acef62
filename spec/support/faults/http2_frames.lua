--- Faults that only HTTP/2 has.

local faults = require "spec.support.faults"
local h2 = require "spec.support.fault_http2"

local END_HEADERS = h2.END_HEADERS

-- Reasons (RFC 9113, 7).
local NO_ERROR, INTERNAL_ERROR, REFUSED_STREAM, CANCEL, ENHANCE_YOUR_CALM =
  "\0\0\0\0", "\0\0\0\2", "\0\0\0\7", "\0\0\0\8", "\0\0\0\11"

local function last_stream(number) return "\0\0\0" .. string.char(number) end

local function row(name, kind, fault, more)
  local all = { name = name, kind = kind or nil, outcome = kind and "unknown" or nil,
    http2 = type(fault) == "function" and { request = fault } or fault, needs = "HTTP2" }
  for key, value in pairs(more or {}) do all[key] = value end
  return all
end

local three = { tries = 3 }
-- The body is judged, and a read has changed nothing.
local read = { on = { get = { outcome = "refused" } } }

local function head(c, stream) c:frame(h2.HEADERS, END_HEADERS, stream, h2.STATUS_200) end

return {
  row("a good response", false, h2.answer),
  row("GOAWAY instead of a response, the request not processed", "network", function(c)
    c:frame(h2.GOAWAY, 0, 0, last_stream(0) .. NO_ERROR)
    c:close()
  end, three),
  row("GOAWAY instead of a response, the request processed", "network", function(c, stream)
    c:frame(h2.GOAWAY, 0, 0, last_stream(stream) .. INTERNAL_ERROR)
    c:close()
  end, three),
  row("GOAWAY, then the response", false, function(c, stream, json)
    c:frame(h2.GOAWAY, 0, 0, last_stream(stream) .. NO_ERROR)
    h2.answer(c, stream, json)
  end),
  row("RST_STREAM: internal error", "network", function(c, stream)
    c:frame(h2.RST_STREAM, 0, stream, INTERNAL_ERROR)
  end, three),
  row("RST_STREAM: refused", "network", function(c, stream)
    c:frame(h2.RST_STREAM, 0, stream, REFUSED_STREAM)
  end, three),
  row("RST_STREAM within the body", "network", function(c, stream, json)
    head(c, stream)
    c:frame(h2.DATA, 0, stream, json:sub(1, 9))
    c:frame(h2.RST_STREAM, 0, stream, CANCEL)
  end, three),
  row("RST_STREAM: no error, after the response headers", "protocol", function(c, stream)
    head(c, stream)
    c:frame(h2.RST_STREAM, 0, stream, NO_ERROR)
  end, read),
  row("closed within the body", "network", function(c, stream, json)
    head(c, stream)
    c:frame(h2.DATA, 0, stream, json:sub(1, 9))
    c:close()
  end, three),
  row("closed instead of a response", "network", function(c) c:close() end, three),
  row("reset instead of a response", "network", function(c) c:reset() end, three),
  row("a response without a status", "network", function(c, stream, json)
    c:frame(h2.HEADERS, END_HEADERS, stream, "\15\13\1" .. "5")
    c:frame(h2.DATA, h2.END_STREAM, stream, json)
  end, three),
  row("content-length longer than the body", "network", function(c, stream, json)
    c:frame(h2.HEADERS, END_HEADERS, stream, h2.STATUS_200 .. "\15\13\3" .. "999")
    c:frame(h2.DATA, h2.END_STREAM, stream, json)
  end, three),
  row("content-length shorter than the body", "network", function(c, stream, json)
    c:frame(h2.HEADERS, END_HEADERS, stream, h2.STATUS_200 .. "\15\13\1" .. "5")
    c:frame(h2.DATA, h2.END_STREAM, stream, json)
  end, three),
  row("headers that HPACK cannot read", "network", function(c, stream)
    c:frame(h2.HEADERS, END_HEADERS, stream, "\255\255\255\255\255\255")
    c:drain()
  end, three),
  row("endless CONTINUATION", "network", function(c, stream)
    c:frame(h2.HEADERS, 0, stream, h2.STATUS_200)
    while c:frame(h2.CONTINUATION, 0, stream, ("\64\1x\1y"):rep(2000)) do end -- luacheck: ignore 542
    c:drain()
  end, three),
  row("endless PING", "timeout", function(c)
    while c:frame(h2.PING, 0, 0, "12345678") do c:sleep(0.02) end
  end, { timeout = faults.SHORT, tries = 3 }),
  row("a body on another stream", "protocol", function(c, stream, json)
    head(c, stream)
    c:frame(h2.DATA, h2.END_STREAM, stream + 2, json)
    c:drain()
  end, read),
  row("an unrequested pushed response", "network", function(c, stream)
    c:frame(h2.PUSH_PROMISE, END_HEADERS, stream, "\0\0\0\2" .. h2.STATUS_200)
    c:drain()
  end, three),
  row("no HTTP/2 at all", "network", function(c)
    c:send(("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"):rep(20))
    c:close()
  end, three),
  row("endless DATA", "too_large", function(c, stream)
    head(c, stream)
    while c:frame(h2.DATA, 0, stream, (" "):rep(16000)) do end -- luacheck: ignore 542
  end),
  row("the window for the request is never opened", "timeout",
    { settings = "\0\4\0\0\0\0", narrow = true }, { timeout = faults.SHORT, tries = 3, large = 200000,
      operations = { "update", "create" } }),
  row("silence after the response headers", "timeout", head, { timeout = faults.SHORT, tries = 3 }),
  row("GOAWAY: calm down", "network", function(c, stream)
    c:frame(h2.GOAWAY, 0, 0, last_stream(stream) .. ENHANCE_YOUR_CALM)
    c:close()
  end, three),
}
