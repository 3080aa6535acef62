--- A vendor that checks its requests: nginx with its Lua module simulates Telegent's login and voice routes
-- for support/whole_calls.lua. Routes "CRID-OK-n" get a response at once, "CRID-TWICE-n" are unavailable at
-- the first attempt. It counts the updates, and the requests that are not exactly as expected.

local server = require "spec.support.server"
local system = require "spec.support.system"

local steady_vendor = {}

local LUA = [[
  ngx.req.read_body()
  local counts, path, body = ngx.shared.counts, ngx.var.uri, ngx.req.get_body_data() or ""
  local function wrong(what)
    counts:incr("wrong", 1, 0)
    counts:set("example", what)
  end
  ngx.header.content_type = "application/json"
  if path == "/books" then
    return ngx.print(counts:get "updates" or 0, " ", counts:get "wrong" or 0, " ", counts:get "example" or "")
  end
  if path:find "oauth2" then
    return ngx.print '{"token":"a-token","successful":true,"tokenExpiry":"05/02/2035 06:36:13 PM"}'
  end
  if ngx.var.http_authorization ~= "Bearer a-token" then
    wrong(ngx.var.http_authorization or "no token")
    return ngx.exit(401)
  end
  if ngx.var.arg_CallRouteID then
    local key = ngx.var.arg_CallRouteID
    return ngx.print('{"CallRouteId":"', key, '","RouteName":"name of ', key, '","TrunkEnabled2":false}')
  end
  -- libcurl (at least up to 7.88) sends a read without its query if it has no memory for the query. The
  -- client has to notice that the response is about another route.
  if ngx.req.get_method() == "GET" and path == "/v1.0/voice/routes" then
    return ngx.print '{"CallRouteId":"CRID-OF-ANOTHER","RouteName":"of another"}'
  end
  if path == "/v1.0/account/voice/routes" then
    return ngx.print('{"TotalRoutes":3,"Results":[{"CallRouteId":"CRID-1"},{"CallRouteId":"CRID-2"},',
      '{"CallRouteId":"CRID-3"}]}')
  end
  local key, expected = "CRID-NEW", '{"RouteName":"new","RouteType":"URL","VoiceUrl":"https://example.com/"}'
  if path == "/v1.0/voice/routes/update" then
    key = body:match '^{"CallRouteId":"([^"]*)"' or "none"
    expected = ('{"CallRouteId":"%s","RouteName":"name of %s","TrunkEnabled2":false}'):format(key, key)
    counts:incr("updates", 1, 0)
  end
  if body ~= expected then wrong(ngx.req.raw_header() .. body) end
  if key:find "TWICE" and counts:incr(key, 1, 0) == 1 then
    ngx.status = 503
    return ngx.print '{"StatusCode":503,"Message":null}'
  end
  ngx.print('{"CallRouteId":"', key, '"}')
]]

--- Starts the vendor: an object of support/server.lua with the method `books()`.
function steady_vendor.start()
  local vendor = server.nginx { lua = LUA, server = "keepalive_requests 1000000;" }

  --- The number of updates, the number of wrong requests, and the last wrong request.
  function vendor:books()
    local books = system.output("curl -sS --max-time 5 " .. system.quote(self:url "/books"))
    local updates, wrong, example = books:match "^(%d+) (%d+) (.*)$"
    return tonumber(updates), tonumber(wrong), example
  end

  return vendor
end

return steady_vendor
