--- Bodies that are unions of objects. A record has the fields of all branches; which of them are valid
-- together is said of the payload as a whole (`payload` of an operation).

local copy = require("patchbay.import.rules").copy
local fields = require "patchbay.import.fields"
local unions = require "patchbay.import.unions"

local whole_bodies = {}

-- The branches that are no unions themselves; nil where one of them is no object with named members.
local function leaves_of(made, list)
  for _, branch in ipairs(made.oneOf or made.anyOf) do
    if branch.oneOf or branch.anyOf then
      if not leaves_of(branch, list) then return nil end
    elseif branch.type ~= "object" or not branch.properties then
      return nil
    else
      list[#list + 1] = branch
    end
  end
  return list
end

-- The rules that a member has in the branches that have it, each once: in the order of their first branch, a
-- list of { name =, variants = }, and the entries by name.
local function collect(leaves)
  local list, by_name = {}, {}
  for _, branch in ipairs(leaves) do
    for _, property in ipairs(branch.properties) do
      local entry = by_name[property[1]]
      if not entry then
        entry = { name = property[1], variants = {} }
        list[#list + 1], by_name[entry.name] = entry, entry
      end
      local is_new = true
      for _, variant in ipairs(entry.variants) do
        is_new = is_new and not fields.same(variant, property)
      end
      if is_new then entry.variants[#entry.variants + 1] = property end
    end
  end
  return list, by_name
end

-- The field that has all variants of a member.
local function field_of(self, entry)
  local first, usable, writable = entry.variants[1], {}, false
  if not entry.variants[2] then return first end
  for _, variant in ipairs(entry.variants) do
    if not variant.refused then usable[#usable + 1] = variant end
    writable = writable or not variant.readOnly and not variant.refused
  end
  if not usable[1] then return first end
  local made = copy(unions.any(self, usable))
  made[1], made.description = entry.name, first.description
  made.readOnly = not writable or nil
  return made
end

-- The members that every branch requires.
local function required_of(leaves)
  local counts, names = {}, {}
  for _, branch in ipairs(leaves) do
    for _, name in ipairs(branch.required or {}) do
      counts[name] = (counts[name] or 0) + 1
      if counts[name] == #leaves then names[#names + 1] = name end
    end
  end
  return names[1] and names or nil
end

-- The union, in which rules stand where branches differ in them: the field has the others.
local function payload_of(made, by_name)
  local union = made.oneOf and "oneOf" or made.anyOf and "anyOf"
  if union then
    local changed = { [union] = {}, discriminator = made.discriminator }
    for i, branch in ipairs(made[union]) do changed[union][i] = payload_of(branch, by_name) end
    return changed
  end
  local changed = copy(made)
  changed.properties, changed.description = {}, nil
  for i, property in ipairs(made.properties) do
    local differs = by_name[property[1]].variants[2] ~= nil
    changed.properties[i] = differs and property
      or { property[1], readOnly = property.readOnly, refused = property.refused }
  end
  return changed
end

--- The rules of a body that is the union `made`: those of an object with the members of all branches, and
-- those of the payload; or nil and the problem.
function whole_bodies.of(self, made)
  local leaves = leaves_of(made, {})
  if not leaves then
    return nil, "its body is a union, and one of its branches is no object with named fields"
  end
  local list, by_name = collect(leaves)
  local together = { type = "object", properties = {}, required = required_of(leaves) }
  for i, entry in ipairs(list) do together.properties[i] = field_of(self, entry) end
  return together, payload_of(made, by_name)
end

--- `payload` without the member `name`; nil for nil.
function whole_bodies.without(payload, name)
  if not payload then return nil end
  local changed = copy(payload)
  local union = payload.oneOf and "oneOf" or payload.anyOf and "anyOf"
  if union then
    changed[union] = {}
    for i, branch in ipairs(payload[union]) do changed[union][i] = whole_bodies.without(branch, name) end
    return changed
  end
  changed.properties, changed.required = {}, nil
  for _, property in ipairs(payload.properties) do
    if property[1] ~= name then changed.properties[#changed.properties + 1] = property end
  end
  for _, other in ipairs(payload.required or {}) do
    if other ~= name then
      changed.required = changed.required or {}
      changed.required[#changed.required + 1] = other
    end
  end
  return changed
end

return whole_bodies
