--- The cost of sharing an account through a store costs a call, and how many calls one store carries; needs
-- redis-server and valgrind. bench/README.md has the numbers of a run.

local programs = require "bench.programs"
local redis = require "spec.support.redis"
local system = require "spec.support.system"

if not redis.program() then
  print "shared: there is no redis-server"
  return
end

local server = redis.start()

-- Instructions of one update over a transport that answers at once.
local JOB = [[
  local shared, count = arg[1], tonumber(arg[2])
  local patchbay = require "patchbay"
  local client = patchbay.telegent { token = "t", account_key = "DID-1", account_secret = "s", retries = 0,
    rate = 1e6, shared = shared ~= "" and shared or nil,
    transport = function(request) return { status = 200, body = request.body } end }
  for i = 1, count do
    client.voice_routes:update("CRID-" .. i % 10, { RouteName = "x" })
  end
]]

local script = os.tmpname()
system.write(script, JOB)

local FEW, MANY = 200, 1200

local function instructions(shared)
  local few = programs.instructions { programs.lua, script, shared, FEW }
  return (programs.instructions { programs.lua, script, shared, MANY } - few) / (MANY - FEW)
end

local alone, shared = instructions "", instructions(server.url)
print(("an update that shares rate, order and tokens / one alone, instructions: %.2f (%.0f / %.0f)"):format(
  shared / alone, shared, alone))

-- How many slots a second a store hands out: clients that do nothing else, each with a connection of its own.
local function carried(clients)
  server:command "FLUSHALL"
  server:command "CONFIG RESETSTAT"
  local load = ([[
    local addresses = require "patchbay.shared.address"
    local scripts = require "patchbay.shared.scripts"
    local stores = require "patchbay.shared.store"
    local clock = require("patchbay.core").system.clock
    local hosts = require "patchbay.hosts"
    local list = {}
    for i = 1, %d do
      local store = assert(stores.new(addresses.parse(%q), "bench", "so"))
      list[i] = require("patchbay.shared.pace").new(store, scripts.prefix "bench", hosts.time, 1e5, 60, 1)
      list[i]:finished((list[i]:wait(math.huge)))
    end
    local begun, count = clock(), 0
    repeat
      for _, pace in ipairs(list) do
        pace:finished((pace:wait(math.huge)))
        count = count + 1
      end
    until clock() - begun > 3
    print(count / (clock() - begun))
  ]]):format(clients, server.url)
  system.write(script, load)
  local rate = tonumber(system.output(programs.lua .. " " .. script))
  local stats = server:command "INFO commandstats"
  local calls, spent = stats:match "cmdstat_evalsha:calls=(%d+),usec=(%d+)"
  local memory = server:command "INFO memory":match "used_memory_dataset:(%d+)"
  print(("%3d clients: %.0f slots a second from one process, %.1f µs of the store for a script, so %.0f "
    .. "slots a second at most; %s kB of "
    .. "data"):format(clients, rate, spent / calls, 1e6 / (2 * spent / calls),
    math.floor(memory / 1024)))
end

for _, clients in ipairs { 3, 30, 300 } do carried(clients) end

os.remove(script)
redis.stop_all()
