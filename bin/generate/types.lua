-- types/*.lua: the type definitions for lua-language-server.

local call_options = require "patchbay.exchange.call_options"
local check = require "patchbay.util.check"
local errors = require "patchbay.errors"
local options = require "patchbay.client.options"
local tables = require "bin.generate.tables"
local wording = require "patchbay.describe.wording"

local types = {}

-- A name as it is written after @field.
local function member(name) return name:find "^[%a_][%w_]*$" and name or ('["%s"]'):format(name) end

-- The annotation of a field's value. Objects become classes, which are added to `classes`; `name` is the name
-- of this field's class.
local function annotation(field, name, classes)
  local text = field.annotation
  if text then return text end
  if field.enum then
    text = '"' .. table.concat(field.enum, '"|"') .. '"'
  elseif field.properties then
    classes[#classes + 1] = { name = name, fields = field.properties }
    text = name
  elseif field.type == "object" then
    local of = type(field.additionalProperties) == "table" and field.additionalProperties.type
    text = ("table<string, %s>"):format(of or "any")
  elseif field.type == "array" then
    local items = field.items and annotation(field.items, name, classes) or "any"
    text = (items:find "|" and "(" .. items .. ")" or items) .. "[]"
  else
    text = field.type or "any"
  end
  return field.nullable and text ~= "any" and text .. "|patchbay.Null" or text
end

-- Text in one line, after an annotation.
local function behind(text) return text ~= "" and " " .. text:gsub("%s+", " ") or "" end

-- Adds a class made from fields. `more`: `parent`, `resource`; `needed(field)`: whether the field is always
-- present; `objects`: the prefix of the names of nested classes. Returns the nested classes, which the caller
-- adds.
local function add_class(lines, name, fields, more)
  local classes, needed = {}, more.needed
  lines[#lines + 1] = ""
  lines[#lines + 1] = ("---@class (exact) %s%s"):format(name, more.parent and " : " .. more.parent or "")
  for _, field in ipairs(fields) do
    local text = annotation(field, (more.objects or name) .. "." .. field[1], classes)
    local optional = needed and needed(field) and "" or "?"
    lines[#lines + 1] = ("---@field %s%s %s%s"):format(member(field[1]), optional, text,
      behind(wording.text(field, more.resource)))
  end
  return classes
end

local function add_nested(lines, classes)
  for _, class in ipairs(classes) do
    add_nested(lines, add_class(lines, class.name, class.fields, {}))
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

local doc = {
  get = "Collections/collection:get", list = "Collections/collection:list",
  create = "Collections/collection:create", update = "Collections/collection:update",
  delete = "Collections/collection:delete",
}

local function add_collection(lines, reference, api, name)
  local resource, class = api.resources[name], ("patchbay.%s.%s"):format(api.name, name)
  local key = "string"
  for _, field in ipairs(resource.fields) do
    if field[1] == resource.key then key = field.type end
  end
  local list = resource.operations.list
  local query = list and list.parameters and class .. ".Query"
  if query then add_class(lines, query, list.parameters, {}) end
  local signatures = {
    { "get", { "key " .. key, "options? patchbay.CallOptions" }, class .. ".Record?",
      "patchbay.Error|patchbay.Receipt" },
    { "list", { "query? " .. (query or "table") }, "fun(): " .. class .. ".Record" },
    { "create", { "fields " .. class .. ".New", "options? patchbay.CallOptions" }, class .. ".Record?",
      "patchbay.Error|patchbay.Receipt" },
    { "update", { "key " .. key, "fields " .. class .. ".Fields", "options? patchbay.UpdateOptions" },
      class .. ".Record?", "patchbay.Error|patchbay.Receipt" },
    { "delete", { "key " .. key, "options? patchbay.CallOptions" }, "true?", "patchbay.Error" },
  }
  lines[#lines + 1] = ""
  lines[#lines + 1] = "---" .. resource.description .. "."
  lines[#lines + 1] = ("---@class %s"):format(class)
  lines[#lines + 1] = ("---@field [%s] %s.Record A record without known fields"):format(key, class)
  lines[#lines + 1] = ("local %s = {}"):format(name)
  for _, signature in ipairs(signatures) do
    local call, parameters = signature[1], signature[2]
    local operation = resource.operations[call]
    lines[#lines + 1] = ""
    lines[#lines + 1] = "---" .. tables.text(reference, doc[call])
    if not operation then
      lines[#lines + 1] = "---"
      lines[#lines + 1] = "---This vendor has no such call."
    elseif operation.undocumented then
      lines[#lines + 1] = "---"
      lines[#lines + 1] = '---This vendor does not document it; it needs `undocumented = "allow"`.'
    end
    local names = {}
    for i, parameter in ipairs(parameters) do
      names[i] = parameter:match "^%w+"
      lines[#lines + 1] = "---@param " .. parameter
    end
    for i = 3, #signature do lines[#lines + 1] = "---@return " .. signature[i] end
    lines[#lines + 1] = ("function %s:%s(%s) end"):format(name, call, table.concat(names, ", "))
  end
end

local function add_resource(lines, reference, api, name)
  local resource, class = api.resources[name], ("patchbay.%s.%s"):format(api.name, name)
  local nested = add_class(lines, class .. ".Record", resource.fields,
    { parent = "patchbay.Record", resource = resource, needed = is_object, objects = class })
  lines[#lines + 1] = ("---@overload fun(fields: %s.Fields): %s.Record"):format(class, class)
  add_nested(lines, nested)
  add_class(lines, class .. ".Fields", given(resource.fields), { resource = resource, objects = class })
  local required = {}
  for _, field in ipairs(resource.operations.create and resource.operations.create.required or {}) do
    required[field] = true
  end
  add_class(lines, class .. ".New", given(resource.fields, true),
    { resource = resource, objects = class, needed = function(field) return required[field[1]] end })
  add_collection(lines, reference, api, name)
end

--- types/patchbay/<vendor>.lua.
function types.vendor(api, reference)
  local lines = { "---@meta _", "",
    ("-- Generated by `make docs` from lua/patchbay/apis/%s.lua; edit that file."):format(api.name) }
  local class = "patchbay." .. api.name
  local own = {}
  for _, list in ipairs { api.credentials, api.options or {} } do
    for _, option in ipairs(list) do own[#own + 1] = option end
  end
  add_nested(lines, add_class(lines, class .. ".Options", own, { parent = "patchbay.Options" }))
  for _, name in ipairs(check.names(api.resources)) do add_resource(lines, reference, api, name) end
  lines[#lines + 1] = ""
  lines[#lines + 1] = "---One account at " .. api.title .. "."
  lines[#lines + 1] = ("---@class %s.Client : patchbay.Client"):format(class)
  for _, name in ipairs(check.names(api.resources)) do
    lines[#lines + 1] = ("---@field %s %s.%s %s"):format(name, class, name, api.resources[name].description)
  end
  for _, name in ipairs(check.names(api.lookups or {})) do
    lines[#lines + 1] = ("---@field %s fun(self): string[]?, patchbay.Error %s"):format(name,
      api.lookups[name].description)
  end
  return table.concat(lines, "\n") .. "\n"
end

local expand = {}

function expand.kinds(lines)
  for _, kind in ipairs(check.names(errors.kinds)) do
    lines[#lines + 1] = ('---| "%s" # %s'):format(kind, wording.capital(errors.kinds[kind]))
  end
end

function expand.common(lines)
  for _, option in ipairs(options.common) do
    lines[#lines + 1] = ("---@field %s? %s%s"):format(option[1], annotation(option, "", {}),
      behind(wording.text(option)))
  end
end

function expand.options(lines, reference, _, set)
  for _, name in ipairs(check.names(call_options[set])) do
    local kind = name == "nested" and '"object"|"leaves"' or name == "retries" and "integer"
      or call_options.types[name]
    local unit = kind == "number" and "Seconds. " or ""
    lines[#lines + 1] = ("---@field %s? %s %s%s"):format(name, kind, unit,
      tables.text(reference, "Records/" .. name))
  end
end

function expand.vendors(lines, _, apis)
  for i, api in ipairs(apis) do
    if i > 1 then lines[#lines + 1] = "" end
    lines[#lines + 1] = ("---Creates a client: one account at %s. Raises if an option is wrong."):format(
      api.title)
    lines[#lines + 1] = ("---@param options? patchbay.%s.Options"):format(api.name)
    lines[#lines + 1] = ("---@return patchbay.%s.Client"):format(api.name)
    lines[#lines + 1] = ("function patchbay.%s(options) end"):format(api.name)
  end
end

function expand.functions(lines)
  for _, name in ipairs(check.names(require("patchbay.record").methods)) do
    lines[#lines + 1] = ("patchbay.%s = record.%s"):format(name, name)
  end
end

--- types/patchbay.lua: the text of `surface`, with its placeholders expanded from the program and
-- `reference`. `apis`: list of the vendors' descriptions.
function types.common(surface, reference, apis)
  local lines, head = {}, true
  for line in surface:gmatch "([^\n]*)\n" do
    local word, argument = line:match "^%-%-%-@(%l+) ?(%l*)$"
    local before, name = line:match "^(.-)@doc (.+)$"
    if line:find "^%-%- " then -- a comment about the file itself
      if head then lines[#lines + 1] = "-- Generated by `make docs`; edit bin/generate/surface.meta.lua." end
      head = false
    elseif name then
      lines[#lines + 1] = before .. tables.text(reference, name)
    elseif word and expand[word] then
      expand[word](lines, reference, apis, argument)
    else
      lines[#lines + 1] = line
    end
  end
  return table.concat(lines, "\n") .. "\n"
end

return types
