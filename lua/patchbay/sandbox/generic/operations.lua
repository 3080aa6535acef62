-- The operations of a described vendor, for router.lua. Beside that file's members each has
--   rules, form, wrap   how its body is read; see bodies.lua
--   envelope            the members around its response, or nil
--   list                the description of the list that it is
--   resource            the description of the resource
--   headers             those that it needs: name in small letters -> its text, or false for any
--   media_type          that of its body where it is not application/json

local ascii = require "patchbay.util.ascii"
local rules = require "patchbay.sandbox.generic.rules"

local operations = {}

-- Parts that answer beside the collections: no name of a resource is like them.
operations.TOKENS, operations.LOOKUP = "the tokens", "a lookup"

local HAS_BODY = { POST = true, PUT = true, PATCH = true }

-- The nearest of a keyword: of the operation, the resource, the vendor.
local function nearest(keyword, ...)
  for index = 1, select("#", ...) do
    local value = (select(index, ...))[keyword]
    if value ~= nil then return value end
  end
end

-- The query of a path that has one.
local function with_query(operation)
  local path, text = operation.path:match "^([^?]*)%??(.*)$"
  local query = {}
  for name, value in pairs(operation.query or {}) do query[name] = value end
  for name, value in text:gmatch "([^&=]+)=([^&]*)" do query[name] = value end
  return path, next(query) and query or nil
end

-- The headers of an operation, by their names in small letters; false for one with a value of a script's.
local function headers_of(operation)
  local headers = {}
  for name, value in pairs(operation.headers or {}) do
    headers[ascii.lower(name)] = not value:find "{" and value
  end
  return headers
end

local function add(list, description, name, resource, run, operation)
  local path, query = with_query(operation)
  local has_body = operation.key_in == "body" or run ~= "delete" and HAS_BODY[operation.method]
  list[#list + 1] = {
    operation.method, path, not operation.refused and name or nil, run, query = query,
    rules = has_body and rules.body(resource, run) or nil,
    form = nearest("body", operation, resource, description) == "form",
    wrap = nearest("wrap", operation, resource, description),
    envelope = nearest("envelope", operation, resource, description),
    list = run == "list" and operation or nil, resource = resource, name = name,
    headers = headers_of(operation), body = "optional",
  }
  local media_type = list[#list].headers["content-type"]
  list[#list].headers["content-type"] = nil
  list[#list].media_type = media_type and ascii.lower(media_type):match "^[^;%s]*" or nil
end

local function of_resource(list, description, name, resource)
  for run, operation in pairs(resource.operations) do
    -- A refused one may say neither method nor path.
    if operation.method and operation.path then add(list, description, name, resource, run, operation) end
  end
end

-- All operations. The order decides where two paths fit a call: a path with fewer names comes first.
function operations.of(description)
  local list = {}
  for name, resource in pairs(description.resources) do of_resource(list, description, name, resource) end
  for name, lookup in pairs(description.lookups or {}) do
    list[#list + 1] = { lookup.method, lookup.path, operations.LOOKUP, name }
  end
  local auth = description.auth or {}
  for run, call in pairs { login = auth.login, refresh = auth.refresh } do
    list[#list + 1] = { call.method, call.path, operations.TOKENS, run, open = true }
  end
  local function weight(operation)
    local _, names = operation[2]:gsub("{", "")
    return ("%03d %s %s %s"):format(names, operation[2], operation[1], operation[4])
  end
  table.sort(list, function(a, b) return weight(a) < weight(b) end)
  return list
end

return operations
