--- The types of a vendor's clients for editors, in the annotations of lua-language-server:
-- https://luals.github.io/wiki/annotations/

local check = require "patchbay.util.check"
local text = require "patchbay.util.text"
local wording = require "patchbay.describe.wording"

local types = {}

-- A name as it is written after @field.
local function member(name)
  return name:find "^[A-Za-z_][A-Za-z0-9_]*$" and name or "[" .. text.quote(name) .. "]"
end

-- A part of the name of a class.
local function class_part(name) return (name:gsub("[^A-Za-z0-9_]", "_")) end

local function values(list)
  local shown = {}
  for i, value in ipairs(list) do shown[i] = wording.value(value) end
  return table.concat(shown, "|")
end

local annotation

local function of_union(field, name, classes)
  local parts, seen = {}, {}
  for i, branch in ipairs(field.oneOf or field.anyOf) do
    -- Unions may lie in unions again and again.
    local part = (branch.oneOf or branch.anyOf) and "any" or annotation(branch, name .. "_" .. i, classes)
    if not seen[part] then parts[#parts + 1] = part end
    seen[part] = true
  end
  return table.concat(parts, "|")
end

-- The annotation of a field's value. Objects become classes, which are added to `classes`; `name` is the name
-- of this field's class. Objects that share their properties share the class.
function annotation(field, name, classes)
  local written = field.annotation
  if written then return written end
  if field.enum then
    written = values(field.enum)
  elseif field.const ~= nil then
    written = wording.value(field.const)
  elseif field.oneOf or field.anyOf then
    written = of_union(field, name, classes)
  elseif field.properties then
    if not classes.names[field.properties] then
      classes.names[field.properties] = name
      classes[#classes + 1] = { name = name, fields = field.properties }
    end
    written = classes.names[field.properties]
  elseif field.type == "object" then
    local of = type(field.additionalProperties) == "table" and field.additionalProperties.type
    of = of == "object" and "table" or of == "array" and "any[]" or of or "any"
    written = ("table<string, %s>"):format(of)
  elseif field.type == "array" then
    local items = field.items and annotation(field.items, name, classes) or "any"
    written = (items:find "|" and "(" .. items .. ")" or items) .. "[]"
  else
    written = field.type or "any"
  end
  return field.nullable and written ~= "any" and written .. "|patchbay.Null" or written
end

--- The annotation of an option, which lies in no class.
function types.of_option(option) return annotation(option, "", { names = {} }) end

--- Text in one line, after an annotation.
function types.behind(words) return words ~= "" and " " .. words:gsub("%s+", " ") or "" end

-- Adds a class made from fields. `more`: `parent`, `resource`; `needed(field)`: whether the field is always
-- present; `objects`: the prefix of the names of nested classes; `names`: properties -> the class that has
-- them. Returns the nested classes, which the caller adds.
local function add_class(lines, name, fields, more)
  local classes, needed = { names = more.names }, more.needed
  lines[#lines + 1] = ""
  lines[#lines + 1] = ("---@class (exact) %s%s"):format(name, more.parent and " : " .. more.parent or "")
  for _, field in ipairs(fields) do
    local written = annotation(field, (more.objects or name) .. "." .. class_part(field[1]), classes)
    local optional = needed and needed(field) and "" or "?"
    lines[#lines + 1] = ("---@field %s%s %s%s"):format(member(field[1]), optional, written,
      types.behind(wording.text(field, more.resource)))
  end
  return classes
end

local function add_nested(lines, classes)
  for _, class in ipairs(classes) do
    add_nested(lines, add_class(lines, class.name, class.fields, { names = classes.names }))
  end
end

-- The objects of a record are always present, so that their fields can be assigned.
local function is_object(field) return field.properties ~= nil end

-- The fields that a script may give: all but the read-only ones.
local function given(fields, creating)
  local list = {}
  for _, field in ipairs(fields) do
    local own = field
    if creating and field.on_create then
      own = setmetatable({ field[1] }, { __index = field })
      for word, value in pairs(field.on_create) do own[word] = value end
      if field.on_create.enum == false then own.enum = false end
    end
    if not field.readOnly then list[#list + 1] = own end
  end
  return list
end

-- The calls of a collection in words, where the reference does not give them.
local CALLS = {
  get = "Reads one: a record, or nil and an error.",
  at = "The record of a key that is the name of a call; nothing is read.",
  list = "Iterates over the records, page by page; raises an error unless all could be read.",
  create = "Creates one: a record, or nil and an error.",
  update = "Changes fields of one without reading it first: a record, or nil and an error.",
  delete = "Deletes one: true, or nil and an error.",
  one = "The only record.",
  within = "The collection with values for parameters of its paths.",
}

-- Those that send nothing, whatever calls a vendor has.
local OFFLINE = { at = true, one = true, within = true }

-- The type of the collection's keys; nil where it has none.
local function key_type(resource)
  for _, field in ipairs(resource.fields) do
    if field[1] == resource.key then return field.type end
  end
end

-- The methods of a collection: a name, the parameters, and the types of the results each.
local function signatures_of(resource, class, key)
  local list = resource.operations.list
  local query = list and list.parameters and class .. ".Query" or "table"
  local record, err = class .. ".Record", "patchbay.Error|patchbay.Receipt"
  local all = {
    { "get", { "key " .. (key or "nil"), "options? patchbay.CallOptions" }, record .. "?", err },
    { "at", { "key " .. (key or "nil") }, record },
    { "list", { "query? " .. query }, "fun(): " .. record },
    { "create", { "fields " .. class .. ".New", "options? patchbay.CallOptions" }, record .. "?", err },
    { "update", { "key " .. (key or "nil"), "fields " .. class .. ".Fields",
      "options? patchbay.UpdateOptions" }, record .. "?", err },
    { "delete", { "key " .. (key or "nil"), "options? patchbay.CallOptions" }, "true?", "patchbay.Error" },
  }
  if not key then all = { { "one", {}, record } } end
  if resource.within then all[#all + 1] = { "within", { "values " .. class .. ".Within" }, class } end
  return all
end

-- Remarks on whether the vendor has a call.
local function add_availability(lines, operation)
  local remark
  if not operation then
    remark = "This vendor has no such call."
  elseif operation.refused then
    remark = "It is refused: " .. operation.refused
  elseif operation.undocumented then
    remark = 'This vendor does not document it; it needs `undocumented = "allow"`.'
  end
  if not remark then return end
  lines[#lines + 1] = "---"
  lines[#lines + 1] = "---" .. remark
end

local function add_collection(lines, words, api, name, names)
  local resource, class = api.resources[name], ("patchbay.%s.%s"):format(api.name, name)
  local key, list = key_type(resource), resource.operations.list
  if list and list.parameters then add_class(lines, class .. ".Query", list.parameters, { names = names }) end
  if resource.within then add_class(lines, class .. ".Within", resource.within, { names = names }) end
  lines[#lines + 1] = ""
  lines[#lines + 1] = "---" .. wording.sentences {
    resource.description or wording.capital((name:gsub("_", " "))) }
  lines[#lines + 1] = ("---@class %s"):format(class)
  if key then
    lines[#lines + 1] = ("---@field [%s] %s.Record A record without known fields"):format(key, class)
  end
  lines[#lines + 1] = ("local %s = {}"):format(name)
  for _, signature in ipairs(signatures_of(resource, class, key)) do
    local call, parameters = signature[1], signature[2]
    lines[#lines + 1] = ""
    lines[#lines + 1] = "---" .. (words and words(call) or CALLS[call])
    if not OFFLINE[call] then add_availability(lines, resource.operations[call]) end
    local arguments = {}
    for i, parameter in ipairs(parameters) do
      arguments[i] = parameter:match "^%w+"
      lines[#lines + 1] = "---@param " .. parameter
    end
    for i = 3, #signature do lines[#lines + 1] = "---@return " .. signature[i] end
    lines[#lines + 1] = ("function %s:%s(%s) end"):format(name, call, table.concat(arguments, ", "))
  end
end

local function add_resource(lines, words, api, name)
  local names, resource, class = {}, api.resources[name], ("patchbay.%s.%s"):format(api.name, name)
  local nested = add_class(lines, class .. ".Record", resource.fields,
    { parent = "patchbay.Record", resource = resource, needed = is_object, objects = class,
      names = names })
  lines[#lines + 1] = ("---@overload fun(fields: %s.Fields): %s.Record"):format(class, class)
  add_nested(lines, nested)
  add_class(lines, class .. ".Fields", given(resource.fields),
    { resource = resource, objects = class, names = names })
  local required = {}
  for _, field in ipairs(resource.operations.create and resource.operations.create.required or {}) do
    required[field] = true
  end
  add_class(lines, class .. ".New", given(resource.fields, true),
    { resource = resource, objects = class, names = names,
      needed = function(field) return required[field[1]] end })
  add_collection(lines, words, api, name, names)
end

--- The text of a file with the types of the vendor `api`. `origin`: a sentence about where it comes from.
-- `more.words(call)`: the text about a call of a collection; by default a short one. `more.constructor`:
-- whether it declares the type of the constructor that patchbay.vendor gives.
function types.vendor(api, origin, more)
  local words = more.words
  local lines = { "---@meta _", "", "-- " .. origin }
  local class = "patchbay." .. api.name
  local own = {}
  for _, list in ipairs { api.credentials, api.options or {} } do
    for _, option in ipairs(list) do own[#own + 1] = option end
  end
  add_nested(lines, add_class(lines, class .. ".Options", own,
    { parent = "patchbay.Options", names = {} }))
  for _, name in ipairs(check.names(api.resources)) do add_resource(lines, words, api, name) end
  lines[#lines + 1] = ""
  lines[#lines + 1] = "---One account at " .. (api.title or api.name) .. "."
  lines[#lines + 1] = ("---@class %s.Client : patchbay.Client"):format(class)
  for _, name in ipairs(check.names(api.resources)) do
    lines[#lines + 1] = ("---@field %s %s.%s%s"):format(name, class, name,
      types.behind(api.resources[name].description or ""))
  end
  for _, name in ipairs(check.names(api.lookups or {})) do
    lines[#lines + 1] = ("---@field %s fun(self): string[]?, patchbay.Error%s"):format(name,
      types.behind(api.lookups[name].description or ""))
  end
  if more.constructor then
    lines[#lines + 1] = ""
    lines[#lines + 1] = "---Write `---@type " .. class
      .. ".Constructor` above the line that calls patchbay.vendor."
    lines[#lines + 1] = ("---@alias %s.Constructor fun(options?: %s.Options): %s.Client"):format(class, class,
      class)
  end
  return table.concat(lines, "\n") .. "\n"
end

return types
