--- Responses that are correct HTTP with wrong content.

local faults = require "spec.support.faults"
local bits = require "spec.support.fault_bits"

-- The secrets of the matrix, as a careless vendor repeats them.
local SECRETS = require "spec.support.fault_secrets"

local answer = faults.answer

local function body(make)
  return function(c, request) c:send(answer(type(make) == "function" and make(request.json) or make)) end
end

-- A success that cannot be understood is not retried, because the change was accepted. A read has changed
-- nothing.
local function row(name, serve, more)
  local all = { name = name, kind = "protocol", outcome = "unknown", serve = serve,
    on = { get = { outcome = "refused" } } }
  for key, value in pairs(more or {}) do all[key] = value end
  return all
end

local function good(name, serve, heavy) return { name = name, serve = serve, heavy = heavy } end

local LIMIT = 16 * 1024 * 1024

local function packed(encoding, first, again)
  return function(c)
    c:send("HTTP/1.1 200 OK\r\nContent-Encoding: ", encoding, "\r\n\r\n", first)
    if again then c:flood(again) end
    c:close()
  end
end

local gzip, gzip_more = bits.gzip()
local zstd, zstd_more = bits.zstd()
local TOO_LARGE = { kind = "too_large", heavy = true, on = {} }

return {
  row("no content", body ""),
  row("an HTML page", body "<!DOCTYPE html><html><body>Welcome</body></html>"),
  row("truncated JSON", body(function(json) return json:sub(1, -9) end)),
  row("JSON followed by more text", body(function(json) return json .. "}" end)),
  row("two JSON texts", body(function(json) return json .. json end)),
  row("JSON that is not an object", body "[1,2]"),
  row("JSON null", body "null"),
  good("JSON after a byte order mark", body(function(json) return "\239\187\191" .. json end)),
  row("JSON followed by a NUL", body(function(json) return json .. "\0" end)),
  row("JSON with a NUL in a string", body(function(json) return (json:gsub('"([^"]*)$', '\0"%1')) end)),
  good("JSON with an escaped NUL in a string",
    body(function(json) return (json:gsub("good", "go\\u0000d")) end)),
  row("JSON with invalid UTF-8", body(function(json) return (json:gsub('"([^"]*)$', '\255"%1')) end)),
  row("JSON in UTF-16", body(function(json) return (json:gsub(".", "%0\0")) end)),
  row("100,000 levels of nesting", body(('{"a":'):rep(100000) .. "1" .. ("}"):rep(100000))),
  row("100,000 levels that are never closed", body(("["):rep(100000))),
  good("10 MB of digits", function(c, request)
    c:send(answer((request.json:gsub("}$", ',"number":' .. ("7"):rep(10000000) .. "}"))))
  end, true),
  good("an exponent of 10 MB", function(c, request)
    c:send(answer((request.json:gsub("}$", ',"number":1e' .. ("7"):rep(10000000) .. "}"))))
  end, true),
  good("a million members of the same name", function(c, request)
    c:send(answer((request.json:gsub("}$", (',"same":1'):rep(1000000) .. "}"))))
  end, true),
  row("more than max_response_bytes", body((" "):rep(LIMIT) .. "{}"), TOO_LARGE),
  row("more than max_response_bytes, announced by Content-Length", function(c)
    c:send(("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n{"):format(LIMIT + 1))
    c:drain()
  end, TOO_LARGE),
  row("the response for another record", body(function(json) return (json:gsub('("id":".-)%x"', '%1e"')) end),
    { operations = { "update", "get" }, arrives = 1 }),
  row("an error body with status 200", body('{"detail":"not now"}'),
    { operations = { "update", "create", "get", "secure" }, arrives = 1 }),
  row("an HTML page that shows the secrets",
    body("<html>" .. table.concat(SECRETS, " ", 1, 4) .. "</html>")),
  row("truncated JSON that shows the secrets", body('{"password":"' .. SECRETS[1] .. '","token":"'
    .. SECRETS[2] .. '","why":"you sent ' .. SECRETS[3] .. " " .. SECRETS[4]:sub(1, -3))),
  row("status 400 that shows the secrets", function(c)
    c:send(answer('{"detail":"You sent ' .. table.concat(SECRETS, " and ", 1, 4) .. '"}', "HTTP/1.1 400 Bad"))
  end, { kind = "invalid", outcome = "refused", on = {} }),
  row("invalid gzip", packed("gzip", '{"id":"1"}'), { on = {} }),
  row("truncated gzip", packed("gzip", gzip .. gzip_more)),
  row("a gzip bomb", packed("gzip", gzip, gzip_more), TOO_LARGE),
  row("a gzip bomb in gzip", packed("gzip, gzip", gzip, gzip_more), { on = {} }),
  row("a Brotli bomb", packed("br", bits.brotli(64)), { kind = "too_large", heavy = true, needs = "brotli" }),
  row("a Zstandard bomb", packed("zstd", zstd, zstd_more),
    { kind = "too_large", heavy = true, needs = "zstd" }),
}
