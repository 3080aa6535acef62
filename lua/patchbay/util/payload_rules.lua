--- The rules that an operation has for its payload as a whole (`payload` in a description).

local copy = require "patchbay.util.copy"

local payload_rules = {}

function payload_rules.keyword(rules) return rules.oneOf and "oneOf" or rules.anyOf and "anyOf" end

-- `made`: the copies that have been made, as rules stand in several places.
local function changed(rules, known, change, made)
  if made[rules] then return made[rules] end
  local new, union = copy(rules), payload_rules.keyword(rules)
  made[rules] = new
  if union then
    new[union] = {}
    for i, branch in ipairs(rules[union]) do new[union][i] = changed(branch, known, change, made) end
    local told_by = rules.discriminator and rules.discriminator.propertyName
    if told_by and not known[told_by] then new.discriminator = nil end
    return new
  end
  local properties, required = {}, {}
  for _, property in ipairs(rules.properties and change(rules.properties) or {}) do
    if known[property[1]] then properties[#properties + 1] = property end
  end
  for _, name in ipairs(rules.required or {}) do
    if known[name] then required[#required + 1] = name end
  end
  new.properties, new.required = rules.properties and properties, required[1] and required
  return new
end

--- The rules of the operation `name` of `resource`, as its description has it, and the set of the fields that
-- they are for: without the key, which says whose change it is, unless a create has it among the fields.
-- nil where there are none. `change(properties)`: the list in the place of that of an object.
function payload_rules.of(resource, name, change)
  local operation, known = resource.operations[name], {}
  if not operation.payload then return nil end
  for _, field in ipairs(resource.fields) do known[field[1]] = true end
  local takes_key = name == "create" and not (operation.path or ""):find("{key}", 1, true)
  if resource.key and not takes_key then known[resource.key] = nil end
  return changed(operation.payload, known, change, {}), known
end

return payload_rules
