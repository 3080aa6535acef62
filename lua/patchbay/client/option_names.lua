--- The names of collections, fields and calls in the values of a client's options.

local core = require "patchbay.core"
local check = require "patchbay.util.check"

local option_names = {}

-- The call probably meant by `name`. When the collection is right, only its calls are compared.
local function meant_call(api, name, known)
  local collection, call = name:match "^([^.]*)%.(.*)$"
  local resource = api.resources[collection or ""]
  if not resource then return core.text.suggest(name, known) end
  local meant = core.text.suggest(call, check.names(resource.operations))
  return meant and collection .. "." .. meant
end

-- The problem with a name in the option `paths`, or nil.
local function paths_problem(api, paths)
  if not paths then return nil end
  local calls = {}
  for name, resource in pairs(api.resources) do
    for operation_name, operation in pairs(resource.operations) do
      calls[name .. "." .. operation_name] = { path = operation.path, within = resource.within or {} }
    end
  end
  for _, name in ipairs(check.names(paths)) do
    if not calls[name] then
      local known = check.names(calls)
      return ("there is no call %q%s"):format(name,
        check.suggestion(meant_call(api, name, known) or "", known))
    end
    if not calls[name].path then return ("the call %q is refused, and has no path"):format(name) end
    -- Without it every key would have the same URL.
    if calls[name].path:find("{key}", 1, true) and not paths[name]:find("{key}", 1, true) then
      return ("%s: %q does not say where the key goes; write {key} there"):format(name, paths[name])
    end
    for _, parent in ipairs(calls[name].within) do
      if not paths[name]:find("{" .. parent[1] .. "}", 1, true) then
        return ("%s: %q does not say where the %s goes; write {%s} there"):format(name, paths[name],
          parent[1], parent[1])
      end
    end
  end
end

-- The problem of a list of names "collection.field" or "collection.call", or nil.
local function names_problem(api, list)
  if type(list) ~= "table" then return nil end
  local collections = check.names(api.resources)
  local count = 0
  for _ in pairs(list) do count = count + 1 end
  for i = 1, count do
    local name = list[i]
    if type(name) ~= "string" then
      return "expected a list of names, got " .. (name == nil and "a table without positions"
        or check.got(name) .. " in it")
    end
    local collection = name:match "^([^.]+)%.[^.]"
    if not collection then
      return ('%q: expected the name of a collection before it, such as "%s.%s"'):format(name, collections[1],
        name)
    elseif not api.resources[collection] then
      return ("%q: there is no collection %q%s"):format(name, collection,
        check.suggestion(collection, collections))
    end
  end
end

-- The problem with the name of a field that no description knows, so that nothing would come of naming it; or
-- nil. `known`: the names that the client's option `undocumented` lets through.
local function unknown_field_problem(api, name, known)
  local path, properties = name:match "^[^.]+", api.resources[name:match "^[^.]+"].fields
  for part in name:gmatch "%.([^.]+)" do
    path = path .. "." .. part
    local names, found = {}, nil
    for i, field in ipairs(properties) do
      names[i] = field[1]
      if field[1] == part then found = field end
    end
    if not found and not known[path] then
      return ("%q: there is no field %q%s"):format(name, path, check.suggestion(part, names))
    end
    properties = found and found.properties
    if not properties then
      if path == name or not found or found.type == nil or found.type == "object" then return nil end
      return ("%q: what is in %q cannot be named; write %q"):format(name, path, path)
    end
  end
end

local function unreliable_problem(api, given)
  if type(given.unreliable) ~= "table" or given.undocumented == "allow" then return nil end
  local known = {}
  for _, name in ipairs(type(given.undocumented) == "table" and given.undocumented or {}) do
    known[name] = true
  end
  for _, name in ipairs(given.unreliable) do
    local problem = unknown_field_problem(api, name, known)
    if problem then return problem end
  end
end

--- The problem of the names in the options `paths`, `undocumented` and `unreliable` of `given`, and the
-- option that has it; or nil.
function option_names.problem(api, given)
  local problem = paths_problem(api, given.paths)
  if problem then return problem, "paths" end
  for _, option in ipairs { "undocumented", "unreliable" } do
    problem = names_problem(api, given[option])
    if problem then return problem, option end
  end
  return unreliable_problem(api, given), "unreliable"
end

return option_names
