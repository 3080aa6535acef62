-- Refused credentials, clocks, and the forms of Retry-After.

local core = require "patchbay.core"
local kit = require "spec.support.conduct.kit"

local answer = kit.answer

local function good(request) return answer(200, request.body) end

-- The cost of `count` updates, one after the other, in logins and calls, and their last error.
local function costs(vendor, count, call, login, options)
  local client, transport = kit.client(vendor, call, options, login)
  local done, last = 0, nil
  for i = 1, count do
    local ok, err
    if vendor == "convirza" then ok, err = client.provisioned_routes:update(i, { call_value = 1 })
    elseif vendor == "crazytel" then
      ok, err = client.phone_numbers:update("61291230001", { description = "x" })
    else ok, err = client.voice_routes:update("CRID-" .. i, { TrunkIp1 = "192.0.2.1" }) end
    if ok then done = done + 1 else last = err end
  end
  return ("%d of %d done, %d logins, %d calls%s"):format(done, count, transport.logins, transport.calls,
    last and ("; the last error: `%s`, `%s`"):format(last.kind, last.outcome) or "")
end

local function refuse(status) return function() return answer(status, '{"message":"no"}') end end

-- The pause after a 429 with this header, at noon by this clock; the vendor's own says `date`, if given.
local function pause(value, date)
  local client, transport = kit.client("telegent", function(request, n)
    if n > 1 then return good(request) end
    local said = date and core.text.format_time(date, "http-date")
    return answer(429, "", { ["Retry-After"] = value, Date = said })
  end)
  local before = transport.time
  local ok = client.voice_routes:update(kit.ROUTE, { TrunkIp1 = "192.0.2.1" })
  local waited = math.floor(transport.time - before + 0.5)
  return ok and (waited < 2 and "waits a second at most" or ("waits %d s"):format(waited)) or "gives up"
end

-- The logins of ten updates within 90 s, when a login's response is `response(transport's time)`.
local function token(response)
  local transport
  local function login() return answer(200, (response(transport.time))) end
  local client
  client, transport = kit.client("telegent", good, nil, login)
  for i = 1, 10 do
    assert(client.voice_routes:update("CRID-" .. i, { TrunkIp1 = "192.0.2.1" }))
    transport.time = transport.time + 9
  end
  return ("%d login%s for ten calls in 90 s"):format(transport.logins, transport.logins == 1 and "" or "s")
end

local function telegent_token(expiry)
  return { token = "token-1", successful = true,
    tokenExpiry = expiry and core.text.format_time(expiry, "us-date-time") or nil }
end

return { "Refusals and clocks", {
  { "a wrong password, in a hundred calls", function() return costs("convirza", 100, good, refuse(401)) end },
  { "a locked account (423), in a hundred calls",
    function() return costs("convirza", 100, good, refuse(423)) end },
  { "a locked account (423) with `Retry-After: 600`, in a hundred calls", function()
      return costs("convirza", 100, good, function()
        return answer(423, '{"message":"locked"}', { ["Retry-After"] = "600" })
      end)
    end },
  { "a login that is not available (500), then is", function()
      return costs("convirza", 10, good, function(_, n)
        return n < 4 and answer(500, "") or answer(200, { access_token = "a-token" })
      end, { retries = 0 })
    end },
  { "a wrong key, in a hundred calls", function() return costs("crazytel", 100, refuse(401)) end },
  { "a proxy that refuses its password (407), in a hundred calls",
    function() return costs("crazytel", 100, refuse(407)) end },
  { "401 for every tenth record of a hundred", function()
      return costs("telegent", 100, function(request, n)
        local is_tenth = tonumber(request.body:match '"CRID%-(%d+)"') % 10 == 0
        return is_tenth and refuse(401)(request, n) or good(request)
      end)
    end },
  { "401 for all of a hundred records, with a token that was just obtained",
    function() return costs("telegent", 100, refuse(401)) end },
  { "a token that is withdrawn after fifty calls", function()
      return costs("telegent", 100, function(request, n)
        if n >= 50 and request.headers.Authorization == "Bearer token-1" then return answer(401, "") end
        return good(request)
      end)
    end },
  { "a stored refresh token that is refused, another one each time, and no password", function()
      local count = 0
      return costs("convirza", 100, good, refuse(401), { tokens = function()
        count = count + 1
        return { refresh_token = "refresh-" .. count }
      end, email = false, password = false })
    end },
  { "503 with `Retry-After: 5`", function()
      local client, transport = kit.client("telegent", function(request, n)
        return n == 1 and answer(503, '{"StatusCode":503}', { ["Retry-After"] = "5" }) or good(request)
      end)
      local before = transport.time
      assert(client.voice_routes:update(kit.ROUTE, { TrunkIp1 = "192.0.2.1" }))
      return ("waits %d s"):format(math.floor(transport.time - before))
    end },
  { "`Retry-After: 7`", function() return pause "7" end },
  { "`Retry-After: 7.5`", function() return pause "7.5" end },
  { "`Retry-After` as Unix time, 7 s ahead", function() return pause(tostring(kit.NOON + 7)) end },
  { "the same in milliseconds", function() return pause(("%d000"):format(kit.NOON + 7)) end },
  { "`Retry-After` as an HTTP date, 7 s ahead",
    function() return pause(core.text.format_time(kit.NOON + 7, "http-date")) end },
  { "an HTTP date 7 s ahead of the `Date` of a vendor whose clock is an hour slow", function()
      return pause(core.text.format_time(kit.NOON - 3600 + 7, "http-date"), kit.NOON - 3600)
    end },
  { "`Retry-After` as ISO 8601, 7 s ahead",
    function() return pause(core.text.format_time(kit.NOON + 7, "date-time")) end },
  { "an HTTP date that is past",
    function() return pause(core.text.format_time(kit.NOON - 60, "http-date")) end },
  { "`Retry-After: -1`", function() return pause "-1" end },
  { "`Retry-After: soon`", function() return pause "soon" end },
  { "`Retry-After: 86400`", function() return pause "86400" end },
  { "a token without an expiry", function() return token(function() return telegent_token() end) end },
  { "a token that has expired on arrival, by five minutes",
    function() return token(function(now) return telegent_token(now - 300) end) end },
  { "a token that lives for a minute",
    function() return token(function(now) return telegent_token(now + 60) end) end },
  { "a hook or log that raises", function()
      local reports = require "spec.support.reports"
      local lines = {}
      return reports.reporting(lines, function()
        return kit.route(good, nil, { on_response = function() error "disk full" end })
          .. ("; told %d time"):format(#lines)
      end)
    end },
  { "`on_request` that returns false and a reason", function()
      return kit.route(good, nil, { on_request = function() return false, "outside of office hours" end })
    end },
} }
