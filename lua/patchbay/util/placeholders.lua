--- The names in braces in the path, the query and the headers of a described operation.

local placeholders = {}

local function add(list, text, ...)
  for name in text:gmatch "{([^}]*)}" do list[#list + 1] = { name, ... } end
end

-- Those of the values of a keyword, sorted by their names.
local function add_values(list, operation, keyword)
  local names = {}
  for name in pairs(operation[keyword] or {}) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do add(list, operation[keyword][name], keyword, name) end
end

--- The names in braces in an operation: a list of { name, "path", "query" or "headers", the name of the query
-- parameter or header }.
function placeholders.of(operation)
  local list = {}
  add(list, operation.path or "", "path")
  add_values(list, operation, "query")
  add_values(list, operation, "headers")
  return list
end

--- Those that stand in the query or a header of any operation of the resource, as a set.
function placeholders.beside_paths(resource)
  local set = {}
  for _, operation in pairs(resource.operations or {}) do
    for _, entry in ipairs(placeholders.of(operation)) do
      if entry[2] ~= "path" then set[entry[1]] = true end
    end
  end
  return set
end

return placeholders
