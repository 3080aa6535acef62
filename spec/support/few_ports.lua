--- See few_ports.sh. Six connections to one address use nearly all ports, so the connection to the other
-- address most likely shares a port with them.

local core = require "patchbay.core"

local ROUNDS, CONNECTIONS = 20, 6

local function finish(pool, transfer)
  while not pool:wait(transfer, 0.5) do end -- luacheck: ignore 542
  return transfer
end

local function get(pool, address, path)
  return pool:start("GET", "http://" .. address .. ":8088/" .. (path or ""), nil, nil, 20)
end

-- The body of a response. Retries, because the server may not listen yet, and a port that was just used needs
-- a second to be free again.
local function reach(pool, address, path)
  local till = core.system.clock() + 30
  while true do
    local status, body, why = finish(pool, get(pool, address, path)):result()
    if status then return body end
    assert(core.system.clock() < till, why)
    core.system.sleep(0.02)
  end
end

reach(core.http.pool { proxy = "" }, "127.0.0.1")

local foreign, reports = 0, core.http.pool { proxy = "", connection_max_age = 1000 }
for _ = 1, ROUNDS do
  local pool, transfers = core.http.pool { proxy = "" }, {}
  for i = 1, CONNECTIONS do transfers[i] = get(pool, "127.0.0.1") end
  for i = 1, CONNECTIONS do finish(pool, transfers[i]) end -- some may find no port
  assert(reach(pool, "127.0.0.2", "more") == "own")
  assert(finish(reports, reports:start("GET", "http://127.0.0.1:8089/", nil, nil, 20)):body() == "left")
  if reach(pool, "127.0.0.2") ~= "own" then foreign = foreign + 1 end
  debug.getmetatable(pool).__gc(pool)
end
print(foreign .. " of " .. ROUNDS)
