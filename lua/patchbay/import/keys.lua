--- The names of a record in paths and bodies: the key, and the parameters of `within`.

local names = require "patchbay.import.names"
local outline = require "patchbay.import.outline"
local path = require "patchbay.import.path"

local keys = {}

local KINDS = { "update", "replace", "get", "delete", "list", "create" }

-- The parameter in the path of that name, in the operations of a resource.
local function parameter_of(found, name)
  for _, kind in ipairs(KINDS) do
    local operation = found[kind] and found[kind].operation
    for _, parameter in ipairs(operation and operation.parameters or {}) do
      if parameter["in"] == "path" and parameter.name == name then return parameter end
    end
  end
end

--- The schema of the key's parameter, and its text for people.
function keys.parameter(found, group)
  local parameter = group.key and parameter_of(found, group.key)
  if parameter then return parameter.schema or parameter, parameter.description end
end

-- Whether a response shows a member of that name, perhaps within an object in it.
local function shows(references, shown, name)
  if names.meet({ name }, shown) then return true end
  for _, member in ipairs(shown.names) do
    local inner = outline.of(references, shown.schemas[member])
    if inner and names.meet({ name }, inner) then return true end
  end
  return false
end

--- The field that the overlay has for the key of all records, where the parameter `key` of the path has its
-- name, or where responses show it and not the parameter; nil otherwise. `list`: the outlines of the
-- responses; `sent`: the fields of requests.
function keys.of_all(self, found, list, sent, key)
  local general = self.overlay.key
  if not general or not key then return nil end
  if general == key then
    self.overlay:use "key"
    return general
  end
  for _, name in ipairs(sent) do
    if name == key then return nil end
  end
  local references = self.document.references
  local entries = found.list and found.list.entries and outline.of(references, found.list.entries)
  local is_shown = false
  local all = keys.with_first(list, entries or false)
  for i = entries and 1 or 2, #list + 1 do
    local shown = all[i]
    if shows(references, shown, key) then return nil end
    is_shown = is_shown or shows(references, shown, general)
  end
  if not is_shown then return nil end
  self.overlay:use "key"
  return general
end

--- Names the key: the overlay's field, or the path's parameter. A request that has a field of that name would
-- set it, so the two are kept apart until the overlay says that they are the same.
function keys.settle(self, group, found, sent, key)
  local said = group.entry.key
  if said ~= nil then
    for _, kind in ipairs { "update", "replace" } do
      for _, required in ipairs(found[kind] and found[kind].made.required or {}) do
        if required == said then found[kind].made.key_in = "body" end
      end
    end
    return said
  end
  for _, name in ipairs(key and sent or {}) do
    if name == key then
      self.report:warn(group.paths[1], ("the path and the body both have %s; the key is named %s_in_path, "
        .. "until the overlay says key = %q"):format(key, key, key))
      return key .. "_in_path"
    end
  end
  return key
end

--- Properties without that of the name `name`: `list` itself where there is none.
function keys.without(list, name)
  local has = false
  for i = 1, #list do has = has or list[i][1] == name end
  if not has then return list end
  local new = {}
  for _, property in ipairs(list) do
    if property[1] ~= name then new[#new + 1] = property end
  end
  return new
end

--- Names without `name`; nil where none is left.
function keys.names_without(list, name)
  local new = {}
  for _, other in ipairs(list or {}) do
    if other ~= name then new[#new + 1] = other end
  end
  return new[1] and new or nil
end

--- How the body of a create takes the field `name`: "required", "optional", or nil.
function keys.taken(create, name)
  local rules = create and not create.refused and create.rules
  for _, property in ipairs(rules and rules.properties or {}) do
    if property[1] == name and not property.readOnly then
      for _, required in ipairs(create.made.required or {}) do
        if required == name then return "required" end
      end
      return "optional"
    end
  end
end

--- Whether a script may give the key to a create, and whether it has to: where its path has the key, or its
-- body takes it (see keys.taken).
function keys.given(create, taken)
  local in_path = create.made.path ~= nil and create.made.path:find("{key}", 1, true) ~= nil
  return in_path or taken ~= nil, in_path or taken == "required"
end

--- The names with one more in front.
function keys.with_first(list, name)
  local new = { name }
  for _, other in ipairs(list or {}) do new[#new + 1] = other end
  return new
end

--- The parameters beside the key, as `within` has them; nil: none. `list`: see path.names.
function keys.within(self, group, found, list)
  local within = {}
  for i, named in ipairs(list) do
    local parameter = named.parameter or parameter_of(found, named.original) or {}
    local rules = path.rules(self.schemas, parameter.schema or parameter.name and parameter)
    rules[1], rules.description = named[1], self.short(parameter.description)
    local words = self.overlay:within_of(group.entry, named.original)
    for word, value in pairs(words) do rules[word] = value end
    within[i] = rules
  end
  return within[1] and within or nil
end

return keys
