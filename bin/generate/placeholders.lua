-- Facts of vendors within comments, which name no vendor: "{vendors with replace}" is filled in from the
-- descriptions.

local placeholders = {}

-- The descriptions, in the order of the constructors.
local function apis()
  local list = {}
  for i, name in ipairs(require "patchbay.apis.names") do list[i] = require("patchbay.apis." .. name) end
  return list
end

local function titles(holds)
  local list = {}
  for _, api in ipairs(apis()) do
    if holds(api) then list[#list + 1] = api.title end
  end
  assert(#list > 0)
  return table.concat(list, ", ")
end

local values = {}

values["vendors with replace"] = function()
  return titles(function(api)
    for _, resource in pairs(api.resources) do
      if resource.operations.replace then return true end
    end
  end)
end

--- The text with its placeholders filled in; raises for one that is not known.
function placeholders.fill(text)
  return (text:gsub("{([%l ]+ with [%l ]+)}", function(name)
    local value = values[name]
    if not value then error("docs: no placeholder {" .. name .. "}", 0) end
    return value()
  end))
end

return placeholders
