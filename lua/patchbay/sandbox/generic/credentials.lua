-- The credentials of a described vendor's account: those that the script gives, else made up ones that keep
-- to the description's rules.

local check = require "patchbay.sandbox.check"
local rules = require "patchbay.sandbox.generic.rules"
local sample = require "patchbay.sandbox.sample"

local credentials = {}

-- The names of the credentials and options that an account has: those that calls authenticate with, and those
-- that stand in paths.
local function needed(description)
  local auth, names = description.auth or {}, {}
  for _, name in ipairs(auth.needs or {}) do names[name] = true end
  for _, keyword in ipairs { "user", "password" } do
    if type(auth[keyword]) == "string" then names[auth[keyword]] = true end
  end
  for _, resource in pairs(description.resources) do
    for _, parent in ipairs(resource.within or {}) do
      if parent.option then names[parent.option] = true end
    end
  end
  return names
end

-- A readable value, where the rules allow one.
local function made_up(described, random)
  local rule, readable = rules.rule(described), "sandbox-" .. described[1]
  if rule.example == nil and check.value(rule, readable) == nil then return readable end
  return sample.value(rule, random)
end

-- The values by name, and the variables of the environment by theirs. `given`: those of the script.
function credentials.of(description, given, random)
  local values, environment, wanted = {}, {}, needed(description)
  for _, list in ipairs { description.credentials or {}, description.options or {} } do
    for _, described in ipairs(list) do
      local name = described[1]
      local value = given[name]
      if value == nil and wanted[name] then value = made_up(described, random) end
      values[name] = value
      if described.env and value ~= nil then environment[described.env] = tostring(value) end
    end
  end
  return values, environment
end

return credentials
