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

values["vendors with receipts"] = function()
  return titles(function(api) return api.envelope and api.envelope.request_id end)
end

-- Fields whose values the vendor must have verified, such as "Acme's `caller`".
values["fields with verification"] = function()
  local owners = {}
  for _, api in ipairs(apis()) do
    local names = {}
    for _, resource in pairs(api.resources) do
      for _, field in ipairs(resource.fields) do
        if field.verified then names[#names + 1] = "`" .. field[1] .. "`" end
      end
    end
    table.sort(names)
    if #names > 0 then owners[#owners + 1] = api.title .. "'s " .. table.concat(names, ", ") end
  end
  assert(#owners > 0)
  return table.concat(owners, "; ")
end

-- The rates of the vendors that have one, such as 'Acme `"60/min"`'.
values["vendors with rates"] = function()
  local list = {}
  for _, api in ipairs(apis()) do
    if api.rate then list[#list + 1] = ("%s `%q`"):format(api.title, api.rate) end
  end
  assert(#list > 0)
  return table.concat(list, ", ")
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
