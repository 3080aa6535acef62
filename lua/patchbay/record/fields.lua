--- The fields of a description as a client, or an operation, takes them.

local check = require "patchbay.util.check"
local copy = require "patchbay.util.copy"

local fields = {}

--- The fields of `list` with their rules for `operation`: the core does not know the keyword on_<operation>.
function fields.for_operation(list, operation)
  local properties = {}
  for i, field in ipairs(list) do
    local own = field["on_" .. operation]
    if own then
      field = copy(field)
      for keyword, value in pairs(own) do
        if value == false and keyword ~= "undocumented" and keyword ~= "readOnly" then value = nil end
        field[keyword] = value
      end
    end
    properties[i] = field
  end
  return properties
end

-- Whether one of the `names` in an option is of a field in the object at `path`.
local function names_in(names, path)
  for name in pairs(names) do
    if name:sub(1, #path) == path then return true end
  end
  return false
end

-- The fields that an option names in the object at `path` and that `known`, a set, does not have: their names
-- in the object, sorted.
local function unknown_names(named, path, known)
  local others = {}
  for _, set in ipairs { named.allowed, named.is_unreliable } do
    for name in pairs(set) do
      local own = name:sub(1, #path) == path and name:sub(#path + 1)
      if own and not own:find(".", 1, true) and not known[name] and not named.is_call[name] then
        others[own] = true
      end
    end
  end
  return check.names(others)
end

-- `list` (of fields) as a client wants them: fields that it names in its options `undocumented` and
-- `unreliable` are let through, or not relied on. `path`: the text before the fields' names in the options.
local function amended(list, path, named)
  local new_list, known = {}, {}
  for i, field in ipairs(list) do
    local name, new = path .. field[1], copy(field)
    known[name] = true
    if named.allowed[name] then new.undocumented, new.nullable = nil, true end
    if named.is_unreliable[name] then new.unreliable = true end
    -- Other objects stay as they are: they may be shared by many fields.
    local inner = name .. "."
    if field.properties and (names_in(named.allowed, inner) or names_in(named.is_unreliable, inner)) then
      new.properties = amended(field.properties, inner, named)
    end
    new_list[i] = new
  end
  for _, own in ipairs(unknown_names(named, path, known)) do
    local name = path .. own
    new_list[#new_list + 1] = { own, undocumented = not named.allowed[name] or nil,
      unreliable = named.is_unreliable[name] or nil }
  end
  return new_list
end

--- The fields of the collection `name` as the client of `context` wants them. `list`: rules for them, in the
-- place of those of the description.
function fields.for_client(description, name, context, list)
  list = list or description.fields
  if next(context.allowed) == nil and next(context.unreliable) == nil then return list end
  local is_call = {}
  for operation in pairs(description.operations) do is_call[name .. "." .. operation] = true end
  return amended(list, name .. ".", { allowed = context.allowed, is_call = is_call,
    is_unreliable = context.unreliable })
end

--- The fields of `list`, with the keyword `resent` at those of `names` (a list, or nil), which go along with
-- every update; and the set of these, or nil. The key `key` has a place of its own.
function fields.with_resent(list, names, key)
  local set = {}
  for _, name in ipairs(names or {}) do
    if name ~= key then set[name] = true end
  end
  if next(set) == nil then return list end
  local new_list = {}
  for i, field in ipairs(list) do
    if set[field[1]] then
      field = copy(field)
      field.resent = true
    end
    new_list[i] = field
  end
  return new_list, set
end

return fields
