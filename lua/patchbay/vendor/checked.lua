--- The checked copy of a description: all its faults at once, or a copy that everything else can rely on.

local core = require "patchbay.core"
local faults = require "patchbay.vendor.faults"
local field_rules = require "patchbay.vendor.field_rules"
local language = require "patchbay.vendor.language"
local operations = require "patchbay.vendor.operations"
local reader = require "patchbay.vendor.reader"
local references = require "patchbay.vendor.references"
local keys = require "patchbay.record.key"
local resource_types = require "patchbay.record.resource"

local checked = {}

-- Keywords of JSON Schema and OpenAPI for which there is another way.
local UNSUPPORTED = {
  ["$ref"] = "use the same Lua table in both places", ["$defs"] = "use Lua variables",
  definitions = "use Lua variables",
  ["not"] = "write what is valid", ["if"] = "write oneOf", ["then"] = "write oneOf", ["else"] = "write oneOf",
  patternProperties = "write additionalProperties", additionalItems = "write items",
  prefixItems = "write items", dependencies = "leave it to the vendor", contains = "leave it to the vendor",
  propertyNames = "write additionalProperties", unevaluatedProperties = "write additionalProperties",
  dependentRequired = "leave it to the vendor",
}

-- Keyword -> the titles of the tables that have it.
local places

local function find_places(rules, seen)
  rules = rules.refers_to or rules
  if seen[rules] then return end
  seen[rules] = true
  for _, property in ipairs(rules.properties or {}) do
    local name = property[1]
    if type(name) == "string" and rules.title then
      places[name] = places[name] or {}
      if not places[name][rules.title] then
        places[name][rules.title] = true
        table.insert(places[name], rules.title)
      end
    end
    find_places(property, seen)
  end
  for _, branch in ipairs(rules.oneOf or {}) do find_places(branch, seen) end
  if rules.items then find_places(rules.items, seen) end
  if type(rules.additionalProperties) == "table" then find_places(rules.additionalProperties, seen) end
end

-- Titles named at most in a sentence.
local MOST_PLACES = 3

-- A sentence about the keyword `name`, which its table does not have; nil: none is known.
local function place_of(name)
  if UNSUPPORTED[name] then return "it is not supported; " .. UNSUPPORTED[name] end
  if not places then
    places = {}
    find_places(language, {})
  end
  local found = places[name]
  if not found then return nil end
  return ("it is a keyword of %s"):format(table.concat(found, ", ", 1, math.min(#found, MOST_PLACES)))
end

local function check_fields(found, api)
  local seen = {}
  local function check_list(list, path)
    if list then field_rules.check_all(found, list, path, seen) end
  end
  check_list(api.credentials, "credentials")
  check_list(api.options, "options")
  operations.check_form(found, api, "")
  for _, name in ipairs(faults.names(api.resources or {})) do
    local resource, path = api.resources[name], faults.at("resources", name)
    check_list(resource.fields, faults.at(path, "fields"))
    check_list(resource.within, faults.at(path, "within"))
    local list = resource.operations and resource.operations.list
    check_list(list and list.parameters, faults.at(path, "operations.list.parameters"))
    operations.check(found, api, resource, path)
  end
end

-- Stands for a client: compiling shows limits of the core, such as that of the depth.
local CONTEXT = { allows = function() return false end, allowed = {}, unreliable = {} }

local function compile_options(list)
  for _, option in ipairs(list or {}) do core.schema.compile { type = "object", properties = { option } } end
end

local function compile_resource(api, name)
  local made = resource_types.compile(api, name, {}, CONTEXT)
  local described = api.resources[name].operations
  if described.update then resource_types.watch(made, described.update) end
  compile_options(described.list and described.list.parameters)
  for _, parameter in ipairs(api.resources[name].within or {}) do
    compile_options { keys.path_rules(parameter) }
  end
end

local function try(found, path, work, ...)
  local ok, message = pcall(work, ...)
  if ok then return end
  message = tostring(message)
  found:add(path, "%s", message:match "description: (.*)$" or message:gsub("^[^ ]*:%d+: ", ""))
end

local function compile_all(found, api)
  try(found, "credentials", compile_options, api.credentials)
  try(found, "options", compile_options, api.options)
  for _, name in ipairs(faults.names(api.resources)) do
    try(found, faults.at("resources", name), compile_resource, api, name)
  end
end

-- Statuses after which a login's token is renewed where the description does not say it.
local RENEW_ON = { 401 }

-- Fills in the members that a description may omit and other code reads.
local function complete(api)
  local auth = api.auth
  api.title, api.errors = api.title or api.name, api.errors or {}
  if auth.scheme == "basic" then auth.needs = auth.needs or { auth.user, auth.password } end
  if auth.scheme == "login" then auth.renew_on = auth.renew_on or RENEW_ON end
  return api
end

--- A copy of `description` in which everything is valid; or nil and the text of the error that names every
-- fault. Tables that are shared in the description are shared in the copy.
function checked.copy(description)
  local found = faults.new()
  if type(description) ~= "table" then
    return nil, "patchbay.vendor: expected a table that describes a vendor, got " .. faults.got(description)
      .. '; write patchbay.vendor { name = "acme", base_url = "https://…", … }'
  end
  local reading = reader.new(found, place_of)
  found.incomplete = reading.incomplete
  local api = reading:read(description, language, "", 1)
  if api then
    check_fields(found, api)
    references.check(found, api)
    if #found.list == 0 then operations.check_root(found, api) end
    if #found.list == 0 then compile_all(found, complete(api)) end
  end
  local text = found:text(api and api.name)
  if text then return nil, text end
  return api
end

return checked
