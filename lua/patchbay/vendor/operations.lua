--- Checks the operations of a resource: that their paths say which record is meant, and that the names in
-- them are fields.

local addresses = require "patchbay.client.addresses"
local faults = require "patchbay.vendor.faults"
local field_rules = require "patchbay.vendor.field_rules"
local headers = require "patchbay.vendor.headers"
local placeholders = require "patchbay.util.placeholders"

local operations = {}

-- The operations that are about one record, and the way in which it is named.
local ABOUT_ONE = { get = true, update = true, replace = true, delete = true }

-- Of a resource without a key, which has one record: the operations that it may have.
local WITHOUT_KEY = { get = true, update = true, replace = true }

local function names_of(fields)
  local names, by_name = {}, {}
  for i, field in ipairs(fields or {}) do names[i], by_name[field[1]] = field[1], field end
  return names, by_name
end

-- A parameter that nothing gives a value. `known`: the list of those that have one.
local function unknown_parameter(found, resource, name, parameter, known)
  if parameter == "key" and resource.key then
    return "the operation " .. name .. " is about no single record; take it out"
  elseif parameter == "key" then
    return "the resource has no key; name the field in key = …, or take it out"
  elseif parameter == resource.key and ABOUT_ONE[name] then
    return "write {key} where the key goes"
  end
  return "{…} is {key} or a name in within; " .. found:suggestion(parameter, known, "known here")
end

local function can_be_given(field)
  local own = field.on_create
  if own and own.readOnly ~= nil then return not own.readOnly end
  return not field.readOnly
end

-- A create whose path has the key: the script gives it, among the fields.
local function check_given_key(found, resource, operation, path)
  local required = false
  for _, name in ipairs(operation.required or {}) do required = required or name == resource.key end
  if not required then
    found:add(faults.at(path, "required"), "the path has {key}, which a script gives with the fields; write "
      .. "required = { %s } and, in that field, on_create = { readOnly = false }", faults.quote(resource.key))
  end
end

local function check_parameters(found, resource, name, operation, path)
  local known, list, in_path = {}, {}, {}
  local about_one, shows_key, all_known = ABOUT_ONE[name] and resource.key, false, true
  if about_one or name == "create" and resource.key then known.key, list[1] = true, "key" end
  for _, parameter in ipairs(resource.within or {}) do
    known[parameter[1]], list[#list + 1] = true, parameter[1]
  end
  for _, entry in ipairs(placeholders.of(operation)) do
    local parameter, keyword = entry[1], entry[2]
    if not known[parameter] then
      all_known = false
      local at = faults.at(path, keyword)
      if entry[3] then at = faults.at(at, entry[3]) end
      found:add(at, "nothing gives {%s} a value; %s", parameter,
        unknown_parameter(found, resource, name, parameter, list))
    end
    in_path[parameter] = in_path[parameter] or keyword == "path"
    shows_key = shows_key or parameter == "key" and keyword ~= "headers"
  end
  -- A misspelt one is not missing as well.
  if not operation.path or not all_known then return end
  local beside = placeholders.beside_paths(resource)
  for _, parameter in ipairs(resource.within or {}) do
    if not in_path[parameter[1]] and not beside[parameter[1]] then
      found:add(faults.at(path, "path"), "{%s} is missing; each parameter of within stands in every path; "
        .. "write it where the value goes", parameter[1])
    end
  end
  if name == "create" and shows_key then check_given_key(found, resource, operation, path) end
  if about_one and not shows_key and operation.key_in ~= "body" then
    found:add(faults.at(path, "path"), 'it does not say which record is meant; write {key} where the key '
      .. 'goes, in query = { … = "{key}" }%s', name == "get" and "" or ', or key_in = "body"')
  end
end

local function check_path(found, operation, path)
  if not operation.path then return end
  for part in operation.path:gmatch "[^/]+" do
    if part == "." or part == ".." then
      found:add(faults.at(path, "path"), "%s would be resolved on the way; write the path as it is sent",
        faults.quote(part))
    end
  end
end

-- The names in `list` have to be fields. `known`: the names of those.
local function check_fields(found, list, known, by_name, path)
  if not known[1] then return end
  for _, name in ipairs(list or {}) do
    if not by_name[name] then
      found:add(path, "%s is no field; each name is one of fields; %s", faults.quote(name),
        found:suggestion(name, known, "fields"))
    end
  end
end

local function check_required(found, resource, name, operation, known, by_name, path)
  local at = faults.at(path, "required")
  check_fields(found, operation.required, known, by_name, at)
  if name ~= "create" then return end
  for _, required in ipairs(operation.required or {}) do
    local field = by_name[required]
    if field and not can_be_given(field) then
      found:add(at, "%s is readOnly, and cannot be given; take it out, or write on_create = { readOnly = "
        .. "false } in the field", faults.quote(required))
    end
  end
end

-- Ways of paging: the keywords of each, and those that have to be there.
local PAGING = {
  { names = { "page", "size" }, needs = "page" }, { names = { "offset", "limit" }, needs = "offset" },
  { names = { "token", "next_token" }, needs = "token", also = "next_token" },
  { names = { "next" }, needs = "next" },
}

local function check_paging(found, operation, path)
  local paging, way = operation.paging, nil
  if not paging then return end
  path = faults.at(path, "paging")
  for _, candidate in ipairs(PAGING) do
    local used = false
    for _, name in ipairs(candidate.names) do used = used or paging[name] ~= nil end
    -- The number of entries on a page may be given whatever leads to the next one.
    local leads = paging[candidate.needs] ~= nil or candidate.also and paging[candidate.also] ~= nil
    if used and leads and way then
      found:add(path, "it has both %s and %s; a list is paged in one way; take one of them out", way.needs,
        candidate.needs)
    end
    if used and leads then way = way or candidate end
    for _, name in ipairs { candidate.needs, candidate.also } do
      if leads and paging[name] == nil then
        found:add(faults.at(path, name), "missing; paging by %s needs both %s and %s", candidate.needs,
          candidate.needs, candidate.also)
      end
    end
  end
  if not way then
    found:add(path, "nothing in it leads to the next page; write page, offset, token and next_token, or next")
  end
end

-- Two keywords of paging that stand for one query parameter.
local function check_paging_names(found, paging, path)
  local taken = {}
  for _, keyword in ipairs { "page", "size", "offset", "limit", "token" } do
    local name = paging[keyword]
    if name and taken[name] then
      found:add(faults.at(path, keyword), "%s stands in %s already; each is a query parameter of its own; "
        .. "take one out", faults.quote(name), taken[name])
    end
    if name then taken[name] = keyword end
  end
end

-- Parameters of a list: values that can stand in a query; those of paging are whole numbers.
local QUERY_TYPES = { string = true, integer = true, boolean = true, number = true }

local function check_list(found, operation, path)
  check_paging(found, operation, path)
  check_paging_names(found, operation.paging or {}, faults.at(path, "paging"))
  local counted = {}
  for _, name in ipairs { "page", "size", "offset", "limit" } do
    if operation.paging and operation.paging[name] then counted[operation.paging[name]] = name end
  end
  for _, parameter in ipairs(operation.parameters or {}) do
    local at = faults.at(faults.at(faults.at(path, "parameters"), parameter[1]), "type")
    if not QUERY_TYPES[parameter.type] then
      found:add(at, '%s; a query holds texts, numbers and booleans; write type = "string" or another',
        parameter.type and "it cannot be " .. faults.quote(parameter.type) or "missing")
    elseif counted[parameter[1]] and parameter.type ~= "integer" then
      found:add(at, 'paging counts with it as %s; write type = "integer"', counted[parameter[1]])
    end
  end
end

-- The value of a keyword that may stand at an operation, its resource and the vendor; the nearest counts.
local function nearest(keyword, ...)
  for i = 1, 3 do
    local value = select(i, ...)[keyword]
    if value ~= nil then return value end
  end
end

local function check_body(found, api, resource, operation, path)
  if not operation.wrap and not operation.body then return end
  if nearest("body", operation, resource, api) == "form" and nearest("wrap", operation, resource, api) then
    found:add(faults.at(path, operation.wrap and "wrap" or "body"),
      'a body is a form or wrapped as JSON; write body = "json", or take wrap out')
  end
end

-- The rules of a payload: of objects, whose members are fields.
local function check_payload_names(found, rules, known, by_name, path, seen)
  if seen[rules] then return end
  seen[rules] = true
  local union = rules.oneOf and "oneOf" or rules.anyOf and "anyOf"
  for i, branch in ipairs(union and rules[union] or {}) do
    check_payload_names(found, branch, known, by_name, faults.at(faults.at(path, union), i), seen)
  end
  if union then return end
  if rules.type ~= "object" and not found.incomplete[rules] then
    return found:add(faults.at(path, "type"), "a payload is an object; write type = \"object\"")
  end
  local names = names_of(rules.properties)
  check_fields(found, names, known, by_name, faults.at(path, "properties"))
end

local function check_payload(found, operation, known, by_name, path)
  if not operation.payload then return end
  local at = faults.at(path, "payload")
  field_rules.check(found, operation.payload, at, {})
  check_payload_names(found, operation.payload, known, by_name, at, {})
end

local function check_one(found, api, resource, name, operation, known, by_name, path)
  for _, keyword in ipairs { "method", "path" } do
    if operation[keyword] == nil and not operation.refused and not found.incomplete[operation] then
      found:add(faults.at(path, keyword), "missing; the operation %s needs it; write %s", name,
        keyword == "method" and 'method = "GET" or another' or 'path = "/…"')
    end
  end
  check_path(found, operation, path)
  check_parameters(found, resource, name, operation, path)
  check_required(found, resource, name, operation, known, by_name, path)
  check_payload(found, operation, known, by_name, path)
  if operation.method == "GET" and (operation.key_in or name ~= "get" and name ~= "list") then
    found:add(faults.at(path, "method"), "a GET changes nothing; write the method that the vendor documents, "
      .. 'such as "POST"')
  end
  if name == "list" then check_list(found, operation, path) end
  check_body(found, api, resource, operation, path)
  headers.check(found, api, operation, path)
end

-- Whether the operations need a key: they are about several records.
local function needs_key(described)
  for name, operation in pairs(described) do
    if not WITHOUT_KEY[name] and not operation.refused or operation.key_in then return true end
    for _, parameter in ipairs(placeholders.of(operation)) do
      if parameter[1] == "key" then return true end
    end
  end
  return false
end

-- The identity of a record is shown to people.
local function check_identity(found, resource, known, by_name, path)
  local at = faults.at(path, "identity")
  check_fields(found, resource.identity, known, by_name, at)
  for _, name in ipairs(resource.identity or {}) do
    if by_name[name] and by_name[name].secret then
      found:add(at, "%s is secret, and people know a record by what they see; take it out",
        faults.quote(name))
    end
  end
end

--- Adds the fault of a form and a wrap side by side, in the vendor or a resource that stands at `path`.
function operations.check_form(found, described, path)
  if described.body ~= "form" or not described.wrap then return end
  found:add(faults.at(path, "wrap"), 'JSON bodies are wrapped, forms are not; take it out, or write body = '
    .. '"json"')
end

--- Adds the faults of the operations of `resource` of the vendor `api`, which stands at `path`, to `found`.
function operations.check(found, api, resource, path)
  local known, by_name = names_of(resource.fields)
  if not resource.key and needs_key(resource.operations or {}) then
    return found:add(faults.at(path, "key"), "missing; its operations are about several records; name the "
      .. "field that tells them apart, or leave get, update and replace alone, without {key}, where there "
      .. "is one record")
  end
  for _, name in ipairs(faults.names(resource.operations or {})) do
    check_one(found, api, resource, name, resource.operations[name], known, by_name,
      faults.at(faults.at(path, "operations"), name))
  end
  check_identity(found, resource, known, by_name, path)
  operations.check_form(found, resource, path)
end

--- Adds the fault of a root that ends with the part that every path begins with.
function operations.check_root(found, api)
  for _, resource in pairs(api.resources) do
    for _, operation in pairs(resource.operations or {}) do
      if not operation.path then return end
    end
    if not resource.operations or next(resource.operations) == nil then return end
  end
  local root, problem = addresses.base(api, api.base_url, true)
  if not root then found:add("base_url", "%s", problem) end
end

return operations
