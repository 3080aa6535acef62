--- Runs a Lua snippet of README.md or docs/ as a reader would, but on the sandbox inside the process:
--
--   lua spec/support/snippet.lua FILE NAME
--
-- FILE holds the snippet; error messages call it NAME. `patchbay`, a client of each vendor and some records
-- are predefined, because most snippets in docs/ are parts of a script. An error is printed, as a person
-- would see it.

local patchbay = require "patchbay"

local path, name = arg[1], arg[2]

local sandbox = patchbay.sandbox { seed = 1 }

-- Clients that the snippet creates use the sandbox too, with credentials from the environment.
local getenv = os.getenv
os.getenv = function(variable) -- luacheck: ignore 122
  return sandbox.environment[variable] or getenv(variable)
end
for _, vendor in ipairs { "telegent", "convirza", "crazytel" } do
  local make = patchbay[vendor]
  patchbay[vendor] = function(options)
    local given = { transport = sandbox }
    for option, value in pairs(options or {}) do given[option] = value end
    local made = make(given)
    return made
  end
end

local CRID = "CRID-509de94f-79cc-429b-a317-2102654dabbb"
local TRUNK = "00000000-0000-0000-0000-000000000001"

local names = require "patchbay.desired.names"

local make = {
  -- The names of a desired-state file.
  null = function() return patchbay.null end,
  array = function() return patchbay.array end,
  new = function() return names.new end,
  ref = function() return names.ref end,
  patchbay = function() return patchbay end,
  sandbox = function() return sandbox end,
  telegent = function() return patchbay.telegent() end,
  convirza = function() return patchbay.convirza { undocumented = "allow" } end,
  crazytel = function() return patchbay.crazytel() end,
  route = function(env) return assert(env.telegent.voice_routes:get(CRID)) end,
  number = function(env) return assert(env.telegent.numbers:get "+18018018011") end,
  trunk = function(env) return env.crazytel.sip_trunks[TRUNK] end,
  plan = function(env)
    return assert(patchbay.plan({ telegent = env.telegent }, {
      ["telegent.voice_routes"] = { [CRID] = { TrunkIp1 = "20.87.87.87", TrunkEnabled2 = false } },
    }))
  end,
}

local env = setmetatable({}, {
  __index = function(self, variable)
    if not make[variable] then return _G[variable] end
    local value = make[variable](self)
    rawset(self, variable, value)
    return value
  end,
})

local file = assert(io.open(path))
local text = file:read "*a"
file:close()

local chunk, why
if rawget(_G, "setfenv") then
  chunk, why = loadstring(text, "=" .. name) -- luacheck: ignore 113
  if chunk then setfenv(chunk, env) end -- luacheck: ignore 113
else
  chunk, why = load(text, "=" .. name, "t", env) -- luacheck: ignore 143
end
if not chunk then
  io.stderr:write(why, "\n")
  os.exit(2)
end
local good, problem = pcall(chunk)
if not good then
  print(tostring(problem))
  os.exit(1)
end
