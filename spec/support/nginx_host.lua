--- Patchbay in nginx, for specs: a client of a vendor (vendor.lua) in every worker, and the spec's locations,
-- which use it.
--
--   local host = nginx_host.start { vendor = v, locations = { ["/update"] = "ngx.say(tostring(update()))" } }
--   host:get "/update"            -- the body and the status of the response
--   host:get_all("/update", 100)  -- the bodies of 100 requests at the same time
--   host:stop()

local core = require "patchbay.core"
local server = require "spec.support.server"
local system = require "spec.support.system"
local wait = require "spec.support.wait"

local support = {}

-- nginx's Lua is LuaJIT, so it can only load the build for LuaJIT, and no instrumented one.
function support.available()
  return rawget(_G, "jit") ~= nil and not os.getenv "ASAN_OPTIONS"
end

--- The name of what a file of specs counts as skipped where it is not available.
support.NEEDS = "within nginx: needs LuaJIT, and a build that is not instrumented #slow"

local PATHS = [[
  lua_package_path '$ROOT/lua/?.lua;$ROOT/lua/?/init.lua;;;$MORE';
  lua_package_cpath '$BUILD/?.so;;';
  lua_shared_dict patchbay 1m;
  lua_socket_log_errors off;
]]

-- The globals of the locations.
local INIT = [[
  init_by_lua_block {
    patchbay = require "patchbay"
    function new_client(more)
      local given = { base_url = "$VENDOR", account_key = "DID-1", account_secret = "very-secret" }
      for name, value in pairs(more or {}) do given[name] = value end
      return patchbay.telegent(given)
    end
    client = new_client { $CLIENT }
    function update(key, name, options)
      local route = client.voice_routes["CRID-" .. (key or 1)]
      route.RouteName = name or "x"
      return route:update(options)
    end
    $INIT
  }
]]

local Host = {}
Host.__index = Host

local function fill(text, values)
  return (text:gsub("%$(%u+)", function(name) return values[name] end))
end

--- Starts nginx. `vendor` or `base_url`; `client`: its options as Lua text; `init`, `init_worker`: Lua code
-- of these phases; `locations`: { [path] = content_by_lua }; `conf`: further lines of the server; `http`,
-- `main`, `listen`, `workers`: as in server.nginx; `threads`: 32, or false for none; `path`: the last folder
-- to search for modules.
function support.start(options)
  local locations = { options.conf or "" }
  for path, code in pairs(options.locations or {}) do
    locations[#locations + 1] = ("location = %s { content_by_lua_block {\n%s\n} }"):format(path, code)
  end
  local values = { ROOT = system.line "pwd", BUILD = os.getenv "PB_BUILD" or "build/luajit",
    MORE = options.path or "", VENDOR = options.base_url or options.vendor.server:url "",
    CLIENT = options.client or "", INIT = options.init or "" }
  values.MORE = fill(values.MORE, values)
  if values.BUILD:sub(1, 1) ~= "/" then values.BUILD = values.ROOT .. "/" .. values.BUILD end
  local main = options.main or ""
  local threads = options.threads == nil and 32 or options.threads
  local http = options.http or ""
  if threads and not http:find "vm_pool_size" then
    -- Newer Lua modules make only 10 without it.
    http = http .. (" lua_worker_thread_vm_pool_size %d;"):format(math.max(threads, 10))
  end
  if threads then main = main .. ("thread_pool default threads=%d;\n"):format(threads) end
  local self = { nginx = server.nginx {
    main = main, workers = options.workers, listen = options.listen, init_worker = options.init_worker,
    http = fill(PATHS, values) .. fill(INIT, values) .. http,
    conf = table.concat(locations, "\n"),
  } }
  self.pool = core.http.pool { timeout = wait.BOUND, max_connections = 200, http_version = "1.1" }
  self.lines = core.http.headers {}
  return setmetatable(self, Host)
end

--- Starts a request; finish(transfer) waits for it.
function Host:begin(path, timeout)
  return self.pool:start("GET", self.nginx:url(path), self.lines, nil, timeout or wait.BOUND)
end

function Host:finish(transfer)
  while not self.pool:wait(transfer, 1) do end -- luacheck: ignore 542
  local status, body = transfer:result(true)
  return status and body:gsub("\n$", "") or nil, status or body, transfer
end

--- Waits for `condition()` while the started requests continue.
function Host:wait_for(condition)
  wait.until_true(condition, function() return "a condition; nginx's log: " .. self.nginx:log() end,
    function() self.pool:next(0.005) end)
end

--- The body of the response without its line end, and the status; or nil and the error's kind.
function Host:get(path, timeout) return self:finish(self:begin(path, timeout)) end

--- The bodies of `count` requests that are sent at the same time, and how often each occurred.
function Host:get_all(path, count)
  local transfers, bodies = {}, {}
  for i = 1, count do transfers[i] = self:begin(path) end
  for i = 1, count do
    local body = tostring(self:finish(transfers[i]))
    bodies[body] = (bodies[body] or 0) + 1
  end
  return bodies
end

--- nginx's error log. Waits for `pattern`, because lines may be logged after the response.
function Host:log(pattern)
  if not pattern then return self.nginx:log() end
  return wait.until_true(function()
    local log = self.nginx:log()
    return log:find(pattern) and log
  end, function() return pattern .. " in nginx's log: " .. self.nginx:log() end)
end

function Host:stop() self.nginx:stop() end

return support
