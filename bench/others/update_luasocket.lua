--- The bulk run in Lua with LuaSocket: one request at a time; every response is parsed (by cjson or
-- dkjson).

local good_http, http = pcall(require, "socket.http")
local good_json, json = pcall(require, "cjson")
if not good_json then good_json, json = pcall(require, "dkjson") end
if not good_http or not good_json then os.exit(1) end
local ltn12, socket = require "ltn12", require "socket"

local url, count, _, body = ...
count = tonumber(count)

local function update()
  local parts = {}
  local _, status = http.request {
    url = url, method = "POST", source = ltn12.source.string(body), sink = ltn12.sink.table(parts),
    headers = {
      Authorization = "Bearer token", Accept = "application/json",
      ["Content-Type"] = "application/json", ["Content-Length"] = #body,
    },
  }
  assert(status == 200 and json.decode(table.concat(parts)).TrunkIp1 == "20.87.87.87")
end

for _ = 1, 100 do update() end
local cpu, wall = os.clock(), socket.gettime()
for _ = 1, count do update() end
cpu, wall = os.clock() - cpu, socket.gettime() - wall
print(("%.3f %.3f"):format(cpu / count * 1e6, wall / count * 1e6))
