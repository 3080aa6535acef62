--- Responses whose status, headers or framing violate HTTP.

local faults = require "spec.support.faults"

local answer, says, says_and_closes = faults.answer, faults.says, faults.says_and_closes

-- A good response with `line` as its first line.
local function first_line(line)
  return function(c, request)
    c:send(answer(request.json, line))
    c:close()
  end
end

-- A good response with more header lines, which closes the connection.
local function more_headers(lines)
  return function(c, request)
    c:send(answer(request.json, nil, lines))
    c:close()
  end
end

-- A good body after `head`, which gives its length.
local function framed(head, before, behind)
  return function(c, request)
    head = head:gsub("%%d", #request.json)
    c:send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n", head, "\r\n",
      before and before:format(#request.json) or "", request.json, behind or "")
    c:close()
  end
end

local CHUNKED = "Transfer-Encoding: chunked\r\n"

local LONG = ("A"):rep(300)

local function row(name, kind, serve, more)
  local all = { name = name, kind = kind or nil, outcome = kind and "unknown" or nil, serve = serve }
  for key, value in pairs(more or {}) do all[key] = value end
  return all
end

local three = { tries = 3 }
-- The body is judged, and a read has changed nothing.
local read = { on = { get = { outcome = "refused" } } }

return {
  row("status line: not HTTP", "protocol", says_and_closes "what is this?\r\n\r\n"),
  row("status line: HTTP/3.7", "protocol", first_line "HTTP/3.7 200 OK"),
  row("status line: HTTP/0.9", "protocol", says_and_closes "{\"id\":\"1\"}"),
  row("status line: no status", "protocol", first_line "HTTP/1.1 OK"),
  row("status line: a negative status", "protocol", first_line "HTTP/1.1 -200 OK"),
  row("status line: status 99", "protocol", first_line "HTTP/1.1 99 Low"),
  row("status line: status 999", "unavailable", first_line "HTTP/1.1 999 High"),
  row("status line: status 2000", "protocol", first_line "HTTP/1.1 2000 Long"),
  row("status line: HTTP/1.2", "protocol", first_line "HTTP/1.2 200 OK"),
  row("status line: no version", "protocol", first_line "HTTP 200 OK"),
  row("status line: two spaces", "protocol", first_line "HTTP/1.1  200 OK"),
  row("status line: no reason", false, first_line "HTTP/1.1 200"),
  row("status line: HTTP/1.0", false, first_line "HTTP/1.0 200 OK"),
  row("status line: an escape sequence as the reason", false, first_line "HTTP/1.1 200 \27[2J"),
  row("100 Continue before the response", false, function(c, request)
    c:send("HTTP/1.1 100 Continue\r\n\r\n", request.good)
  end),
  row("102, 103 and another 103 before the response", false, function(c, request)
    c:send "HTTP/1.1 102 Processing\r\n\r\n"
    c:sleep(0.02)
    c:send("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", "HTTP/1.1 103 Early Hints\r\n\r\n", request.good)
  end),
  row("101 Switching Protocols, unrequested", "protocol",
    says_and_closes "HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\nhello"),
  row("100 Continue and nothing else", "network", says_and_closes "HTTP/1.1 100 Continue\r\n\r\n", three),
  row("endless 103s", "too_large", function(c) c:flood "HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n" end),
  row("a 103 every 0.1 s", "timeout", function(c)
    for _ = 1, 10 * faults.LONGEST do
      if not c:send "HTTP/1.1 103 Early Hints\r\n\r\n" then break end
      c:sleep(0.1)
    end
  end, { timeout = faults.SHORT, tries = 3 }),
  row("a NUL in a header", "protocol", more_headers "X-Odd: a\0b\r\n"),
  row("a header folded onto a second line", false, more_headers "X-Long: one\r\n two\r\n"),
  row("the first header line is a continuation line", "protocol",
    first_line("HTTP/1.1 200 OK\r\n folded: " .. LONG)),
  row("the status line folded onto a second line", "protocol", first_line "HTTP/1.1\r\n 200 OK"),
  row("the first header line of a 103 is a continuation line", "protocol", function(c, request)
    c:send("HTTP/1.1 103 Early Hints\r\n folded: ", LONG, "\r\n\r\n", request.good)
  end),
  row("the first header line after a 103 is a continuation line", "protocol", function(c, request)
    c:send("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n",
      answer(request.json, "HTTP/1.1 200 OK\r\n folded: " .. LONG))
  end),
  row("the first trailer is a continuation line", "protocol",
    framed(CHUNKED, "%x\r\n", "\r\n0\r\n folded: y\r\n\r\n")),
  row("a trailer folded onto a second line", false,
    framed(CHUNKED, "%x\r\n", "\r\n0\r\nX-Long: one\r\n two\r\n\r\n")),
  row("a trailer without a colon", "protocol",
    framed(CHUNKED, "%x\r\n", "\r\n0\r\nwhat is this\r\n\r\n")),
  row("a carriage return within a header", "protocol", more_headers "X-Odd: a\rX-More: b\r\n"),
  row("a header without a colon", "protocol", more_headers "what is this\r\n"),
  row("lines end with a line feed only", false, function(c, request)
    c:send((answer(request.json):gsub("\r\n", "\n")))
  end),
  row("Content-Length too long", "network", framed "Content-Length: 9999\r\n", three),
  row("Content-Length too short", "protocol", framed "Content-Length: 9\r\n", read),
  row("Content-Length 0, and a body", "protocol", framed "Content-Length: 0\r\n", read),
  row("Content-Length negative", "protocol", framed "Content-Length: -5\r\n"),
  row("Content-Length not a number", "protocol", framed "Content-Length: many\r\n"),
  row("Content-Length too large for any integer", "too_large",
    framed "Content-Length: 99999999999999999999999999\r\n"),
  row("two Content-Lengths that agree", false, framed "Content-Length: %d\r\nContent-Length: %d\r\n"),
  row("two Content-Lengths that differ", "protocol", framed "Content-Length: 5\r\nContent-Length: %d\r\n"),
  row("Content-Length and Transfer-Encoding", false,
    framed("Content-Length: 5\r\n" .. CHUNKED, "%x\r\n", "\r\n0\r\n\r\n")),
  row("neither length nor chunks, closed properly", false, framed ""),
  row("chunks: correct", false, framed(CHUNKED, "%x\r\n", "\r\n0\r\n\r\n")),
  row("chunks: a size that is not a number", "protocol", framed(CHUNKED, "zz\r\n", "\r\n0\r\n\r\n")),
  row("chunks: a negative size", "protocol", framed(CHUNKED, "-5\r\n", "\r\n0\r\n\r\n")),
  row("chunks: a size too large for any integer", "protocol",
    framed(CHUNKED, "ffffffffffffffffffffff\r\n", "\r\n0\r\n\r\n")),
  row("chunks: one shorter than its size", "protocol", framed(CHUNKED, "7\r\n", "\r\n0\r\n\r\n")),
  row("chunks: cut off within one", "network", framed(CHUNKED, "ff\r\n"), three),
  row("chunks: the last one is missing", "network", framed(CHUNKED, "%x\r\n", "\r\n"), three),
  row("chunks: cut off within the trailers", "network", framed(CHUNKED, "%x\r\n", "\r\n0\r\nX: "), three),
  row("an unknown transfer coding", "protocol", framed "Transfer-Encoding: strange\r\n"),
  row("a transfer coding after chunked", "protocol",
    framed("Transfer-Encoding: chunked, strange\r\n", "%x\r\n", "\r\n0\r\n\r\n")),
  row("an unrequested transfer coding", "protocol",
    framed("Transfer-Encoding: gzip, chunked\r\n", "%x\r\n", "\r\n0\r\n\r\n")),
  row("an unknown content coding", "protocol",
    more_headers "Content-Encoding: strange\r\n"),
  row("status 204", "protocol", says "HTTP/1.1 204 No Content\r\n\r\n", read),
  row("status 304", "protocol", says "HTTP/1.1 304 Not Modified\r\n\r\n", { outcome = "refused" }),
  row("status 408, and closed", "timeout",
    says_and_closes "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    three),
  row("status 429 with Retry-After", "rate_limited",
    says "HTTP/1.1 429 Too Many\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n",
    { outcome = "refused", tries = 3, alone = true }),
  row("status 429 with a Retry-After of a day", "rate_limited",
    says "HTTP/1.1 429 Too Many\r\nRetry-After: 86400\r\nContent-Length: 0\r\n\r\n",
    { outcome = "refused", heals = false, alone = true }),
  row("status 500 with an HTML page", "unavailable",
    says(answer("<html><body>Sorry</body></html>", "HTTP/1.1 500 Error")), three),
  row("status 502, cut off", "network",
    says_and_closes "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 99\r\n\r\n<html>", three),
  row("status 503 without a body", "unavailable",
    says "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", three),
}
