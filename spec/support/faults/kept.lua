--- Connections that are kept from one request to the next; redirects; proxies.

local faults = require "spec.support.faults"

local answer = faults.answer

-- A response to no request. Its content must not be taken for the response to the next request.
local function foreign(request)
  return answer((request.json:gsub('"good"', '"foreign"')))
end

-- The first request on a connection gets a good response; `serve` responds to the others.
local function second(serve)
  return function(c, request, ports)
    if c.number == 1 then return c:send(request.good) end
    return serve(c, request, ports)
  end
end

-- A new connection gets a good response, then `serve` runs. The client continues when `serve` has finished.
local function after_first(serve)
  return function(c, request)
    c:send(request.good)
    if c.number > 1 then return end
    serve(c, request)
    request.log "left"
  end
end

-- The end of the connection, which has been sent when the log has it.
local function closes(c, request)
  c:close(false, function() request.log "left" end)
end

local function resets(c, request)
  c:reset(function() request.log "left" end)
end

local kept = { "update", "create", "get", "secure" }

local function stale(name, serve, more)
  local all = { name = name, warm = 0.15, operations = kept, serve = serve }
  for key, value in pairs(more or {}) do all[key] = value end
  return all
end

local function redirect(name, status, where, more)
  local all = { name = name, kind = "protocol", outcome = "refused", serve = function(c, request, ports)
    c:send("HTTP/1.1 ", status, " Elsewhere\r\nLocation: ", where(ports, request),
      "\r\nContent-Length: 0\r\n\r\n")
  end }
  for key, value in pairs(more or {}) do all[key] = value end
  return all
end

local function elsewhere(ports, request)
  return "http://127.0.0.1:" .. ports.other .. request.path
end

local function here(_, request) return request.path .. "/" end

local function proxied(name, serve, more)
  local all = { name = name, proxy = "CONNECT", kind = "network", outcome = "not_sent", tries = 3,
    accept = serve }
  for key, value in pairs(more or {}) do all[key] = value end
  return all
end

-- A proxy that responds to CONNECT and then closes.
local function to_connect(bytes)
  return function(c)
    c:head()
    c:send(bytes)
    c:close()
  end
end

return {
  stale("a kept connection closed while idle", after_first(closes), { leaves = true }),
  stale("a kept connection reset while idle", after_first(resets), { leaves = true }),
  stale("a kept connection closed as the next request arrives", second(function(c) c:close() end),
    { arrives = 2, on = { create = { kind = "network", outcome = "unknown", tries = 1, arrives = 1 },
      get = { arrives = 2 } } }),
  stale("a kept connection reset as the next request arrives", second(function(c) c:reset() end),
    { arrives = 2, on = { create = { kind = "network", outcome = "unknown", tries = 1, arrives = 1 },
      get = { arrives = 2 } } }),
  stale("the first header line of the second response is a continuation line", second(function(c, request)
    c:send(answer(request.json, "HTTP/1.1 200 OK\r\n folded: " .. ("A"):rep(300)))
    c:close()
  end), { kind = "protocol", outcome = "unknown" }),
  stale("a second response in the same segment", function(c, request)
    c:send(request.good, c.number == 1 and foreign(request) or "")
    request.log "left"
  end, { leaves = true }),
  stale("a second response right after the first", after_first(function(c, request)
    c:sleep(0.03)
    c:send(foreign(request))
  end), { leaves = true }),
  stale("a second response right after the first, then closed", after_first(function(c, request)
    c:sleep(0.03)
    c:send(foreign(request))
    closes(c, request)
  end), { leaves = true }),
  stale("a second response after a chunked one", function(c, request)
    c:send(("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n"):format(
      #request.json, request.json), c.number == 1 and foreign(request) or "")
    request.log "left"
  end, { leaves = true }),
  stale("an unsolicited 408 on a kept connection", after_first(function(c, request)
    c:sleep(0.03)
    c:send "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    closes(c, request)
  end), { leaves = true }),
  redirect("301 to another host", "301", elsewhere),
  redirect("302 to another host", "302", elsewhere),
  redirect("303 to another host", "303", elsewhere, { outcome = "unknown" }),
  redirect("307 to another host", "307", elsewhere),
  redirect("308 to another host", "308", elsewhere),
  redirect("308 to the same host", "308", here),
  redirect("308 to a file", "308", function() return "file:///etc/passwd" end),
  { name = "Refresh and Location with a 200", serve = function(c, request, ports)
    c:send(answer(request.json, nil, ("Refresh: 0; url=%s\r\nLocation: %s\r\n"):format(
      elsewhere(ports, request), elsewhere(ports, request))))
  end },
  { name = "Alt-Svc that names another host", serve = function(c, request, ports)
    c:send(answer(request.json, nil, ('Alt-Svc: http/1.1="127.0.0.1:%d"; ma=3600\r\n'):format(ports.other)))
  end },
  { name = "a proxy: nobody listens", proxy = "CONNECT", queue = "none", kind = "network",
    outcome = "not_sent", tries = 3 },
  { name = "a proxy in clear text: 407", proxy = "plain", kind = "unauthorized", outcome = "refused",
    serve = faults.says(answer("", "HTTP/1.1 407 Who are you", 'Proxy-Authenticate: Basic realm="x"\r\n')) },
  { name = "a proxy in clear text: 502", proxy = "plain", kind = "unavailable", outcome = "unknown",
    tries = 3, serve = faults.says(answer("<html>no</html>", "HTTP/1.1 502 Bad Gateway")) },
  { name = "a proxy in clear text: closed", proxy = "plain", kind = "network", outcome = "unknown", tries = 3,
    serve = function(c) c:close() end },
  proxied("a proxy: closed without a response", function(c)
    c:head()
    c:close()
  end),
  proxied("a proxy: reset", function(c)
    c:head()
    c:reset()
  end),
  proxied("a proxy: silent", function(c) c:drain() end, { kind = "timeout", connect_timeout = faults.SHORT }),
  proxied("a proxy: 403 to CONNECT", to_connect "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"),
  proxied("a proxy: 407 to CONNECT", to_connect(
    "HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n"),
    { kind = "unauthorized", tries = 1 }),
  proxied("a proxy: 502 to CONNECT", to_connect "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"),
  proxied("a proxy: 200 to CONNECT, then closed",
    to_connect "HTTP/1.1 200 Connection established\r\n\r\n", { kind = "tls" }),
  proxied("a proxy: a response to CONNECT that is not HTTP", to_connect "what is this?\r\n\r\n"),
  proxied("a proxy: endless headers to CONNECT", function(c)
    c:head()
    c:send "HTTP/1.1 200 Connection established\r\n"
    c:flood "X-More: and more\r\n"
  end),
}
