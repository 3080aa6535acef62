--- The paths of a document by resource: the path of one record, which ends with a parameter, and that of all
-- of them, which is the one before; or a path without its own record, of which there is one for each parent.

local groups = {}

local function new_group(operation)
  local template = operation.template
  return { path = operation.path, paths = { operation.path }, parameters = template.names,
    anonymous = template.anonymous, key = nil, operations = {} }
end

local function add(list, index, id, operation)
  local group = index[id]
  if not group then
    group = new_group(operation)
    index[id], list[#list + 1] = group, group
  end
  return group
end

local function put(group, operation, of_all)
  operation.of_all = of_all
  group.operations[#group.operations + 1] = operation
end

--- The groups of the document's operations, in its order: { path =, paths =, parameters = names, anonymous =
-- the path without them, key = the parameter that names a record or nil, operations = a list }. An operation
-- on the path of all records has `of_all`.
function groups.of(document)
  local list, index, of_all = {}, {}, {}
  for _, operation in ipairs(document.operations) do
    local template = operation.template
    if template.item then
      local group = add(list, index, template.anonymous, operation)
      -- Two paths that differ in the names of parameters alone are one path: the first one names the key.
      group.key = group.key or template.item
      of_all[template.all] = of_all[template.all] or group
      put(group, operation)
    end
  end
  for _, operation in ipairs(document.operations) do
    if not operation.template.item then
      local anonymous = operation.anonymous
      local group = of_all[anonymous]
      if group and (operation.method == "GET" or operation.method == "POST") then
        if group.paths[#group.paths] ~= operation.path then group.paths[#group.paths + 1] = operation.path end
        put(group, operation, true)
      else
        put(add(list, index, anonymous .. " one", operation), operation)
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
      first.key, first.path = group.key, group.path
      first.parameters, first.anonymous = group.parameters, group.anonymous
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

return groups
