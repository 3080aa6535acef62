--- Bodies that are unions of objects. A record has the fields of all branches; which of them are valid
-- together is said of the payload as a whole (`payload` of an operation).

local copy = require("patchbay.import.rules").copy
local fields = require "patchbay.import.fields"
local keys = require "patchbay.import.keys"
local unions = require "patchbay.import.unions"

local whole_bodies = {}

-- Adds the branches that are no unions themselves to the list, each once. Whether all are objects with named
-- members. `seen`: the branches that have been looked at, as rules stand in several places.
local function add_leaves(list, made, seen)
  if seen[made] then return true end
  seen[made] = true
  local branches = made.oneOf or made.anyOf
  if not branches then
    list[#list + 1] = made
    return made.type == "object" and made.properties ~= nil
  end
  for _, branch in ipairs(branches) do
    if not add_leaves(list, branch, seen) then return false end
  end
  return true
end

-- The rules that a member has in the branches that have it, each once: in the order of their first branch, a
-- list of { name =, variants = }, and the entries by name.
local function collect(leaves)
  local list, by_name, compared = {}, {}, {}
  for _, branch in ipairs(leaves) do
    for _, property in ipairs(branch.properties) do
      local entry = by_name[property[1]]
      if not entry then
        entry = { name = property[1], variants = {} }
        list[#list + 1], by_name[entry.name] = entry, entry
      end
      local is_new = true
      for _, variant in ipairs(entry.variants) do
        is_new = is_new and not fields.same(variant, property, compared)
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

-- The members that every branch requires. `told_by`: the member that shows which branch it is, or nil; no
-- body is valid without it, though the document may leave that to its discriminator.
local function required_of(leaves, told_by)
  local counts, names = {}, {}
  if told_by then counts[told_by], names[1] = #leaves, told_by end
  for _, branch in ipairs(leaves) do
    for _, name in ipairs(branch.required or {}) do
      counts[name] = (counts[name] or 0) + 1
      if counts[name] == #leaves and name ~= told_by then names[#names + 1] = name end
    end
  end
  return names[1] and names or nil
end

-- A copy of the union `made` with `change(branch)` in the place of each branch that is none itself.
-- `changed`: the copies that have been made.
local function with_branches(made, change, changed)
  if changed[made] then return changed[made] end
  local union = made.oneOf and "oneOf" or made.anyOf and "anyOf"
  local new = union and { [union] = {}, discriminator = made.discriminator } or change(made)
  changed[made] = new
  for i, branch in ipairs(union and made[union] or {}) do
    new[union][i] = with_branches(branch, change, changed)
  end
  return new
end

-- Words of an overlay's field that say nothing of which values are valid.
local SILENT = { description = true, secret = true, echo = true, also = true, unreliable = true,
  unordered = true, verified = true, writeOnly = true }

-- The set of the members of which an overlay says which values are valid: then the field has all rules. The
-- values of an enumeration show which branch it is, and stay. `amendments`: the overlay's words by the paths
-- of fields, or nil.
local function amended_of(by_name, amendments)
  local set = {}
  for path, words in pairs(type(amendments) == "table" and amendments or {}) do
    local entry, counts = by_name[tostring(path):match "^[^.]*"] or by_name[path], false
    for word in pairs(type(words) == "table" and words or {}) do counts = counts or not SILENT[word] end
    for _, variant in ipairs(counts and entry and entry.variants or {}) do
      if not variant.enum and variant.const == nil then set[entry.name] = true end
    end
  end
  return set
end

-- The union, in which rules stand where branches differ in them: the field has the others.
local function payload_of(made, by_name, amended)
  return with_branches(made, function(branch)
    local changed = copy(branch)
    changed.properties, changed.description = {}, nil
    for i, property in ipairs(branch.properties) do
      local differs = by_name[property[1]].variants[2] ~= nil and not amended[property[1]]
      changed.properties[i] = differs and property
        or { property[1], readOnly = property.readOnly, refused = property.refused }
    end
    return changed
  end, {})
end

--- The rules of a body that is the union `made`: those of an object with the members of all branches, and
-- those of the payload; or nil and the problem. `amendments`: what an overlay says of fields, or nil.
function whole_bodies.of(self, made, amendments)
  local leaves = {}
  if not add_leaves(leaves, made, {}) then
    return nil, "its body is a union, and one of its branches is no object with named fields"
  end
  local list, by_name = collect(leaves)
  local together = { type = "object", properties = {}, required = nil }
  together.required = required_of(leaves, made.discriminator and made.discriminator.propertyName)
  for i, entry in ipairs(list) do together.properties[i] = field_of(self, entry) end
  return together, payload_of(made, by_name, amended_of(by_name, amendments))
end

--- `payload` without the member `name`; nil for nil.
function whole_bodies.without(payload, name)
  return payload and with_branches(payload, function(branch)
    local changed = copy(branch)
    changed.properties = keys.without(branch.properties, name)
    changed.required = keys.names_without(branch.required, name)
    return changed
  end, {})
end

return whole_bodies
