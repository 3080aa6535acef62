--- See few_ports.sh. Six connections to one address take nearly all ports, so that the one to the other
-- address most likely has a port of theirs.

local core = require "patchbay.core"

local ROUNDS, CONNECTIONS = 20, 6

local function finish(pool, transfer)
  while not pool:wait(transfer, 0.5) do end -- luacheck: ignore 542
  return transfer
end

local function get(pool, address) return pool:start("GET", "http://" .. address .. ":8088/", nil, nil, 20) end

local till = core.system.clock() + 20
repeat
  core.system.sleep(0.02)
  local pool = core.http.pool { proxy = "" }
until not finish(pool, get(pool, "127.0.0.1")):error() or core.system.clock() > till

local foreign = 0
for _ = 1, ROUNDS do
  local pool, transfers = core.http.pool { proxy = "" }, {}
  for i = 1, CONNECTIONS do transfers[i] = get(pool, "127.0.0.1") end
  for i = 1, CONNECTIONS do finish(pool, transfers[i]) end
  assert(finish(pool, get(pool, "127.0.0.2")):body() == "own")
  core.system.sleep(0.1)
  if finish(pool, get(pool, "127.0.0.2")):body() ~= "own" then foreign = foreign + 1 end
  getmetatable(pool).__gc(pool)
end
print(foreign .. " of " .. ROUNDS)
