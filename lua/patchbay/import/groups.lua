--- The paths of a document by resource: the path of one record, which ends with a parameter, and that of all
-- of them, which is the one before; or a path without its own record, of which there is one for each parent.

local naming = require "patchbay.import.naming"

local groups = {}

-- The parameters in a path, in order.
local function parameters_in(path)
  local names = {}
  for name in path:gmatch "{([^}]*)}" do names[#names + 1] = name end
  return names
end

-- The last segment with a parameter in it and nothing but an ending or brackets around it: its name, and the
-- anonymous path of all records. nil for other paths.
local function item_of(path)
  local parent, last, slash = path:match "^(.*)/([^/]+)(/?)$"
  if not parent then return nil end
  local before, name, after = last:match "^([^{}]*){([^{}]+)}([^{}]*)$"
  if not name then return nil end
  if before == "" and (after == "" or after:find "^%.%a+$") then
    return name, naming.anonymous(parent .. after)
  elseif before:find "^[%w_]+%($" and after == ")" or before:find "^[%w_]+%('$" and after == "')" then
    return name, naming.anonymous(parent .. "/" .. before:match "^[%w_]+" .. slash)
  end
end

-- The name and the path of item_of for an operation; several operations in turn have one path.
local function items()
  local names, alls = {}, {}
  return function(path)
    local name = names[path]
    if name == nil then
      local all
      name, all = item_of(path)
      names[path], alls[path] = name or false, all
    end
    return name, alls[path]
  end
end

local function new_group(path)
  return { path = path, paths = { path }, parameters = parameters_in(path), operations = {} }
end

local function add(list, index, id, path)
  if not index[id] then
    index[id] = new_group(path)
    list[#list + 1] = index[id]
  end
  return index[id]
end

local function put(group, operation, of_all)
  operation.of_all = of_all
  group.operations[#group.operations + 1] = operation
end

--- The groups of the document's operations, in its order: { path =, paths =, parameters = names, key = the
-- parameter that names a record or nil, operations = a list }. An operation on the path of all records has
-- `of_all`.
function groups.of(document)
  local list, index, of_all, item = {}, {}, {}, items()
  for _, operation in ipairs(document.operations) do
    local name, all = item(operation.path)
    if name then
      local group = add(list, index, operation.anonymous, operation.path)
      -- Two paths that differ in the names of parameters alone are one path: the first one names the key.
      group.key = group.key or name
      of_all[all] = of_all[all] or group
      put(group, operation)
    end
  end
  for _, operation in ipairs(document.operations) do
    local anonymous = operation.anonymous
    local group = of_all[anonymous]
    if not item(operation.path) then
      if group and (operation.method == "GET" or operation.method == "POST") then
        if group.paths[#group.paths] ~= operation.path then group.paths[#group.paths + 1] = operation.path end
        put(group, operation, true)
      else
        put(add(list, index, anonymous .. " one", operation.path), operation)
      end
    end
  end
  return list
end

--- Puts groups with the same name of an overlay together: the one with a key, or else the first, takes in the
-- others.
function groups.merged(list, wanted)
  local by_name, kept = {}, {}
  for _, group in ipairs(list) do
    local name = wanted(group)
    local first = name and by_name[name]
    if first and group.key and not first.key then
      first.key, first.path, first.parameters = group.key, group.path, group.parameters
      table.insert(first.paths, 1, group.path)
    end
    if first then
      for _, operation in ipairs(group.operations) do first.operations[#first.operations + 1] = operation end
      for _, path in ipairs(group.paths) do first.paths[#first.paths + 1] = path end
    else
      if name then by_name[name] = group end
      group.wanted, kept[#kept + 1] = name, group
    end
  end
  return kept
end

groups.parameters_in = parameters_in

return groups
