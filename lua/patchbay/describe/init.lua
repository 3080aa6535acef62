--- patchbay.describe: describes a vendor, a collection or a field in a REPL.

local core = require "patchbay.core"
local check = require "patchbay.util.check"
local collection = require "patchbay.record.collection"
local text = require "patchbay.describe.text"
local wording = require "patchbay.describe.wording"

local describe = {}

local Description = {}
Description.__index = Description
Description.__name = "patchbay.description"
function Description.__tostring(self) return self.text end

local function description(name, words) return setmetatable({ name = name, text = words }, Description) end

-- Raises at `level` for an unknown name, with a suggestion.
local function unknown(where, name, known, level)
  error(("describe: %s has no %q%s"):format(where, name, check.suggestion(name, known, #known)), level + 1)
end

local function field_named(fields, name)
  local names = {}
  for i, field in ipairs(fields) do
    if field[1] == name then return field end
    names[i] = field[1]
  end
  return nil, names
end

-- The description of a collection's field; its path is in `names` from the third on.
local function of_field(api, resource_name, names, level)
  local resource = api.resources[resource_name]
  local fields, path, field = resource.fields, api.name .. "." .. resource_name, nil
  for i = 3, #names do
    local known
    if not fields then
      error(("describe: %s has no fields in it; describe %q"):format(path, path), level + 1)
    end
    field, known = field_named(fields, names[i])
    if not field then unknown(path, names[i], known, level + 1) end
    path, fields = path .. "." .. names[i], wording.inner(field)
  end
  return description(path, text.field(path, field, #names == 3 and resource or nil))
end

-- The names in "vendor.collection.Field[1].field", without indices.
local function split(path)
  local names = {}
  for name in (path:gsub("%b[]", "") .. "."):gmatch "([^.]*)%." do names[#names + 1] = name end
  return names
end

local function of_path(path, vendors, level)
  local names = split(path)
  local found
  for _, vendor in ipairs(vendors) do found = found or vendor == names[1] end
  if not found then unknown("Patchbay", names[1], vendors, level + 1) end
  local api = require("patchbay.apis." .. names[1])
  if #names == 1 then return description(path, text.vendor(api)) end
  if not api.resources[names[2]] then
    unknown(api.name, names[2], check.names(api.resources), level + 1)
  end
  if #names == 2 then return description(path, text.resource(api, names[2])) end
  local found_field = of_field(api, names[2], names, level + 1)
  return found_field
end

--- Describes `what`: a path such as "vendor", "vendor.collection" or "vendor.collection.Field.field", or a
-- client, a collection or a record. `vendors`: the known names. Returns a value whose tostring, and whose
-- field `text`, is the description; its field `name` is the path. Raises at `level` for an unknown name.
function describe.find(what, vendors, level)
  local path = what
  if type(what) == "table" then
    local is, owner = core.record.is(what)
    owner = owner or collection.internals(what)
    if is and not owner then
      error("describe: a part of a record; describe the record itself", level + 1)
    end
    local metatable = getmetatable(what)
    path = owner and owner.context.name .. "." .. owner.name
      or type(metatable) == "table" and metatable.__name == "patchbay.client" and metatable.vendor
  end
  if type(path) ~= "string" then
    error(("describe: expected a name such as %q, or a client, a collection or a record; got a %s"):format(
      vendors[1], type(what)), level + 1)
  end
  local found = of_path(path, vendors, level + 1)
  return found
end

return describe
