--- One update over a kept connection, compared with a plain libcurl program that sends the same bytes.

local core = require "patchbay.core"
local patchbay = require "patchbay"
local server = require "spec.support.server"
local system = require "spec.support.system"
local example = require "bench.example"
local measure = require "bench.measure"

local TURN, TURNS = 1500, 15

local PATH = "/v1.0/voice/routes/update"

-- $PORT responds from nginx's configuration; $PORT2 shows the last request that it got.
local nginx = server.nginx {
  http = "keepalive_requests 1000000000; keepalive_timeout 600s;",
  conf = ([[
    server {
      listen 127.0.0.1:$PORT;
      default_type application/json;
      location / { return 200 '%s'; }
    }
    server {
      listen 127.0.0.1:$PORT2;
      default_type application/json;
      location / { content_by_lua_block {
        ngx.req.read_body()
        ngx.shared.counts:set("last", ngx.req.raw_header() .. (ngx.req.get_body_data() or ""))
        ngx.print('%s')
      } }
      location /last { content_by_lua_block { ngx.print(ngx.shared.counts:get "last") } }
    }]]):format(example.answer, example.answer),
}

local function routes_at(port)
  return patchbay.telegent({ token = "token", base_url = nginx:url("", port) }).voice_routes
end

local function update(routes)
  local route = routes[example.key]
  route.TrunkIp1 = "20.87.87.87"
  route.TrunkEnabled2 = false
  assert(route:update())
end

local BODY = '{"CallRouteId":"' .. example.key .. '","TrunkIp1":"20.87.87.87","TrunkEnabled2":false}'

local function bare(port, count, headers)
  local program = assert(os.getenv "BARE", "BARE names the bare program")
  local words = { program, nginx:url(PATH, port), BODY, count }
  for _, header in ipairs(headers) do words[#words + 1] = header end
  for i, word in ipairs(words) do words[i] = system.quote(word) end
  local pipe = assert(io.popen(table.concat(words, " "), "r"))
  local microseconds = tonumber(pipe:read "*l")
  pipe:close()
  if not microseconds then error "the bare program failed" end
  return microseconds
end

-- The lines of the last request to the second port, sorted by name.
local function last_request()
  local pool = core.http.pool()
  local transfer = pool:start("GET", nginx:url("/last", 2))
  while not pool:wait(transfer, 1) do end -- luacheck: ignore 542
  local lines = {}
  for line in transfer:body():gmatch "[^\r\n]+" do lines[#lines + 1] = line end
  table.sort(lines)
  return lines
end

local function main()
  update(routes_at(2))
  local ours = last_request()
  local headers = {}
  for _, line in ipairs(ours) do
    local name = line:match "^([%w-]+): "
    -- libcurl adds the rest itself.
    if name and name ~= "Host" and name ~= "Content-Length" and name ~= "Accept-Encoding" then
      headers[#headers + 1] = line
    end
  end
  bare(2, 1, headers)
  assert(table.concat(last_request(), "\n") == table.concat(ours, "\n"),
    "the bare program does not send the same bytes")

  local routes = routes_at(1)
  for _ = 1, 200 do update(routes) end
  local best, best_bare = math.huge, math.huge
  for _ = 1, TURNS do
    collectgarbage()
    local begun = os.clock()
    for _ = 1, TURN do update(routes) end
    best = math.min(best, (os.clock() - begun) / TURN * 1e6)
    best_bare = math.min(best_bare, bare(1, TURN, headers))
  end
  measure.row("an update over a kept connection / bare libcurl", best / best_bare, 1.3)
  measure.row("  the same, microseconds of CPU: bare libcurl", best_bare, nil, "%.1f")
  measure.row("  the same, microseconds of CPU: patchbay", best, nil, "%.1f")

  -- Everything but the transfer: the work of Lua and the core for an update.
  local answer = { status = 200, headers = {}, body = example.answer }
  local alone = patchbay.telegent { token = "token", transport = function() return answer end }
  local seconds = measure.seconds { function() update(alone.voice_routes) end }
  measure.row("  microseconds without the transfer", seconds[1] * 1e6, 6, "%.1f")
end

local ok, err = xpcall(main, debug.traceback)
server.stop_all()
if not ok then error(err, 0) end
