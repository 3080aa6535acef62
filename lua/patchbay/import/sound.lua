--- Leaves out of an imported description the resources that no client could be made with, so that one
-- resource that the importer has misjudged does not cost all the others.

local checked = require "patchbay.vendor.checked"

-- The description with one resource alone.
local function alone(description, name)
  local copy = {}
  for word, value in pairs(description) do copy[word] = value end
  copy.resources = { [name] = description.resources[name] }
  return copy
end

-- The first fault in the text of a description's error, without its path.
local function first_fault(text)
  return (text:match "\n%s*(.-)\n" or text:match "\n%s*(.*)$" or text)
end

--- Takes each resource that is invalid by itself out of `description`; its operations become unusable in
-- `report`, with the fault. Nothing is changed where the description is valid, or where it would be left
-- without resources: patchbay.vendor names all faults then. Returns the description.
return function(description, report)
  if checked.copy(description) then return description end
  local faults, left = {}, false
  for name in pairs(description.resources) do
    local api, text = checked.copy(alone(description, name))
    if api then left = true else faults[name] = first_fault(text) end
  end
  if not left then return description end
  for name in pairs(faults) do description.resources[name] = nil end
  for _, entry in ipairs(report.operations) do
    if faults[entry.resource] then
      entry.usable, entry.reason, entry.fields, entry.refused_fields = false,
        "the description of its resource would be invalid: " .. faults[entry.resource], 0, {}
    end
  end
  report:count()
  return description
end
