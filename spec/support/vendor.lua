--- A vendor for bulk runs: nginx with its Lua module, which simulates Telegent's login and update of voice
-- routes, fails on request, and records its requests.
--
--   local vendor = require "spec.support.vendor"
--   local v = vendor.start { token_uses = 500, fault = [[ if n % 10 == 0 then return drop "before" end ]] }
--   local client = v:client { retries = 8 }
--   v:books()  -- { requests =, logins =, applied = { [key] = times }, values = { [key] = name }, … }
--   v:stop()

local patchbay = require "patchbay"
local server = require "spec.support.server"

local vendor = {}

-- One process, so that a table is enough for the records. `fault` gets the number of the request, and returns
-- true if it has responded.
local HTTP = [[
  init_by_lua_block {
    books = { requests = 0, connections = 0, logins = 0, refused = 0, most = 0, arrivals = {},
      applied = {}, values = {} }
    token, oldest, uses, at_work = 0, 1, 0, 0 -- tokens are numbers; those below the oldest have expired
  }
]]

local CONF = [[
  lingering_close off;
  keepalive_requests 1000000;
  location = /books { content_by_lua_block {
    local parts = {}
    local function text(value)
      if type(value) == "number" then return ("%.6f"):format(value) end
      if type(value) == "string" then return '"' .. value .. '"' end
      local list = {}
      if value[1] then
        for i = 1, #value do list[i] = text(value[i]) end
        return "[" .. table.concat(list, ",") .. "]"
      end
      for k, v in pairs(value) do list[#list + 1] = '"' .. k .. '":' .. text(v) end
      return "{" .. table.concat(list, ",") .. "}"
    end
    ngx.say(text(books))
  } }
  location = /expire { content_by_lua_block { oldest = token + 1 ngx.say "{}" } }
  location / { content_by_lua_block {
    ngx.update_time()
    local now = ngx.now()
    books.requests = books.requests + 1
    if ngx.var.connection_requests == "1" then books.connections = books.connections + 1 end
    books.arrivals[books.requests] = now
    local n = books.requests
    ngx.req.read_body()
    local body = ngx.req.get_body_data() or ""
    if ngx.var.uri:find "oauth2" then
      token, uses, books.logins = token + 1, 0, books.logins + 1
      ngx.sleep(LOGIN)
      return ngx.say('{"successful":true,"token":"token-', token, '"}')
    end
    local key, name = body:match '"CallRouteId":"([^"]*)"', body:match '"RouteName":"([^"]*)"'
    local given = tonumber((ngx.var.http_authorization or ""):match "^Bearer token%-(%d+)$") or 0
    -- A request that comes late with a former token uses nothing of the present one.
    if given == token then uses = uses + 1 end
    if uses > TOKEN_USES then oldest = token + 1 end
    if given < oldest then
      books.refused = books.refused + 1
      ngx.status = 401
      return ngx.say '{"Message":"the token has expired"}'
    end
    local function refuse(status, retry_after)
      ngx.header["Retry-After"] = retry_after
      ngx.status = status
      ngx.say '{"Message":"not now"}'
      return true
    end
    local function apply()
      books.applied[key] = (books.applied[key] or 0) + 1
      books.values[key] = name
    end
    local function drop(when)
      if when ~= "before" then apply() end
      if when == "middle" then
        ngx.header.content_length = 100
        ngx.print '{"CallRouteId":'
        ngx.flush(true)
        ngx.exit(ngx.ERROR)
      end
      ngx.exit(444)
      return true
    end
    local function fault() FAULT end
    if fault() then return end
    at_work = at_work + 1
    books.most = math.max(books.most, at_work)
    for _ = 1, 100000 do
      if books.most >= GATHER then break end
      ngx.sleep(0.001)
    end
    if WORK > 0 then ngx.sleep(WORK) end
    at_work = at_work - 1
    apply()
    ngx.say('{"CallRouteId":"', key, '","RouteName":"', name, '"}')
  } }
]]

local Vendor = {}
Vendor.__index = Vendor

--- Starts a vendor. `fault`: Lua code, see above, with `n`, `now`, `key`, `refuse(status, retry_after)` and
-- `drop "before"`, `"middle"` (of the response) or `"after"` (the request was accepted); `token_uses`: the
-- number of calls that a token is valid for; `work`, `login`: seconds that an update and a login take;
-- `gather`: the number of updates that must be in flight at once before the first gets its response (which it
-- gets after some two minutes in any case).
function vendor.start(options)
  options = options or {}
  local values = { FAULT = options.fault or "", WORK = options.work or 0, LOGIN = options.login or 0.005,
    GATHER = options.gather or 0, TOKEN_USES = options.token_uses or 1e12 }
  local conf = CONF:gsub("%u[%u_]+", function(name) return values[name] and tostring(values[name]) end)
  return setmetatable({ server = server.nginx { http = HTTP, conf = conf } }, Vendor)
end

function Vendor:client(options)
  local given = { base_url = self.server:url "", account_key = "DID-1", account_secret = "s" }
  for name, value in pairs(options or {}) do given[name] = value end
  return patchbay.telegent(given)
end

local function get(self, path)
  return assert(patchbay.telegent { base_url = self.server:url "", token = "t" }:call("GET", path))
end

--- The vendor's records: `requests` (logins included), their `arrivals` (seconds) and `connections`,
-- `logins`, `refused` (because of their token), `most` (handled at the same time), and by key how often an
-- update was `applied` and the last name (`values`).
function Vendor:books() return get(self, "/books") end

--- Lets the token expire.
function Vendor:expire() get(self, "/expire") end

--- The largest number of requests within any `window` seconds.
function Vendor:most_within(window, books)
  local arrivals = (books or self:books()).arrivals
  local most, first = 0, 1
  for last = 1, #arrivals do
    while arrivals[last] - arrivals[first] >= window do first = first + 1 end
    most = math.max(most, last - first + 1)
  end
  return most
end

function Vendor:stop() self.server:stop() end

return vendor
