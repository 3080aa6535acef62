-- Run by bin/test-rock outside of the checkout, with the paths that LuaRocks gives:
--
--   lua installed.lua TREE MODULES      every module named in the file MODULES is the tree's own
--   lua installed.lua TREE MODULES URL  and it updates resources of the vendors simulated at URL
--
-- Without a URL the vendors are simulated within the script.

local tree, modules, base_url = arg[1], arg[2], arg[3]

local function find(name)
  for template in (package.path .. ";" .. package.cpath):gmatch "[^;]+" do
    local path = template:gsub("%?", (name:gsub("%.", "/")))
    local file = io.open(path)
    if file then
      file:close()
      return path
    end
  end
  error(name .. " is not installed")
end

for name in io.lines(modules) do
  local path = find(name)
  assert(path:sub(1, #tree + 1) == tree .. "/", name .. " was found outside the tree: " .. path)
end

local patchbay = require "patchbay"

local function account(vendor)
  return patchbay[vendor] { base_url = base_url, transport = not base_url and patchbay.sandbox() or nil }
end

local route = account("telegent").voice_routes["CRID-509de94f-79cc-429b-a317-2102654dabbb"]
route.TrunkIp1 = "20.87.87.87"
route.Trunk2Priortiy = 2 ^ 4
assert(route:request().body:find('"Trunk2Priortiy":16}', 1, true), route:request().body)
assert(route:update())
assert(route:confirm().confirmed[1] == "TrunkIp1")

local trunk = account("crazytel").sip_trunks["00000000-0000-0000-0000-000000000001"]
trunk.enabled = false
assert(trunk:update())
assert(trunk.enabled == false)

local provisioned = account("convirza").provisioned_routes[12345]
provisioned.provisioned_route_name = "Rerouted"
assert(provisioned:update())

print "three vendors' resources updated"
