--- Responses that are cut off or broken at the byte that the key names; the spec tries every byte. Each sweep
-- has serve(c, key, at), length (the number of places) and the kinds of error that may result.

local sweeps = {}

local function json(key)
  return ('{"id":"%s","enabled":true,"list":[1,-2.5e3,null],"description":"good"}'):format(key)
end

local KEY_LENGTH = 36
local BODY = #json(("0"):rep(KEY_LENGTH))

local function head(lines)
  return "HTTP/1.1 200 OK\r\nServer: x\r\nContent-Type: application/json; charset=utf-8\r\n"
    .. lines .. "\r\n"
end

local SIZED, CLOSED = head("Content-Length: " .. BODY .. "\r\n"), head ""
local CHUNKED = head "Transfer-Encoding: chunked\r\n"

-- In two chunks.
local function in_chunks(body)
  local half = math.floor(#body / 2)
  return ("%x\r\n%s\r\n%x;x=y\r\n%s\r\n0\r\n\r\n"):format(half, body:sub(1, half), #body - half,
    body:sub(half + 1))
end

local function cut(make, finish, silently)
  return function(c, key, at)
    c:send(make(json(key)):sub(1, at))
    if finish == "reset" then c:reset() end
    c:close(silently)
  end
end

local function sized(body) return SIZED .. body end
local function closed(body) return CLOSED .. body end
local function chunked(body) return CHUNKED .. in_chunks(body) end

-- Replaces byte `at` + 1.
local function broken(text, at, byte) return text:sub(1, at) .. byte .. text:sub(at + 2) end

-- Sets of kinds.
local function set(...)
  local kinds = {}
  for _, kind in ipairs { ... } do kinds[kind] = true end
  return kinds
end

local network, protocol, either = set "network", set "protocol", set("network", "protocol")
-- A changed digit is another status or length.
local any = set("network", "protocol", "too_large", "timeout", "unavailable", "rejected")

sweeps["cut"] = { serve = cut(sized), length = #SIZED + BODY, kinds = network }
sweeps["cut-silently"] = { serve = cut(sized, "close", true), length = #SIZED + BODY, kinds = network }
sweeps["reset"] = { serve = cut(sized, "reset"), length = #SIZED + BODY, kinds = network }
-- The last line feed may be missing: libcurl does not wait for it.
sweeps["cut-chunks"] = { serve = cut(chunked), kinds = network,
  length = #CHUNKED + #in_chunks(json(("0"):rep(KEY_LENGTH))) - 1 }
-- If the end of the connection is the end of the response, only the JSON shows that something is missing.
sweeps["cut-without-length"] = { serve = cut(closed), length = #CLOSED + BODY, kinds = either }
sweeps["cut-json"] = { length = BODY, kinds = protocol, serve = function(c, key, at)
  c:send(head("Content-Length: " .. at .. "\r\n"), json(key):sub(1, at))
end }
sweeps["broken-json"] = { length = BODY, kinds = protocol, serve = function(c, key, at)
  c:send(SIZED, broken(json(key), at, "\255"))
end }
-- A broken header may not matter: then the response is the right one.
for name, byte in pairs { nul = "\0", feed = "\n", colon = ":", digit = "9", letter = "T" } do
  sweeps["broken-head-" .. name] = { length = #SIZED, kinds = any, harmless = true,
    serve = function(c, key, at)
      c:send(broken(SIZED, at, byte), json(key))
      c:close()
    end }
end

return sweeps
