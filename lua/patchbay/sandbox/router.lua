-- Finds the operation of a call. Operations are a list of
--   { method, path, part, run, when =, query =, body =, open = }
-- `path` may hold "{name}" for one segment or a part of one; `part` and `run` name the object and its method
-- that answer (without them: the vendor's, but not simulated); when(options) tells whether the operation
-- exists; `query`: parameter -> the text that it must have, or "{name}" for any; body = "optional": the call
-- may have none; `open`: needs no authentication. Other members are the vendor's own.

local http = require "patchbay.sandbox.http"

local router = {}
router.__index = router

local function pattern_of(path)
  local names = {}
  local pattern = path:gsub("[%-%.%+%*%?%(%)%[%]%^%$%%]", "%%%0"):gsub("{([^{}]+)}", function(name)
    names[#names + 1] = name:gsub("%%", "")
    return "([^/]+)"
  end)
  return "^" .. pattern .. "$", names
end

function router.new(operations)
  local self = setmetatable({ exact = {}, templates = {} }, router)
  local by_path = {}
  for _, operation in ipairs(operations) do
    local path = operation[2]
    local list = by_path[path]
    if not list then
      list = {}
      by_path[path] = list
      if path:find("{", 1, true) then
        local pattern, names = pattern_of(path)
        self.templates[#self.templates + 1] = { pattern = pattern, names = names, operations = list }
      else
        self.exact[path] = list
      end
    end
    list[#list + 1] = operation
  end
  return self
end

-- The names in a query that an operation needs, with their values; nil where the query is another one.
local function values_in(query, given)
  local values = {}
  for parameter, expected in pairs(query) do
    local value = given[parameter]
    local name = expected:match "^{([^{}]+)}$"
    if value == nil or not name and value ~= expected then return nil end
    if name then values[name] = value end
  end
  return values
end

-- The operation of a list for this method and the values in its query, or nil; `others` collects the methods
-- of the others. Of several the one with the longest query that fits.
local function choose(list, method, options, query, others)
  local found, values, most = nil, nil, -1
  for _, operation in ipairs(list) do
    if not operation.when or operation.when(options) then
      local fits = operation[1] == method and values_in(operation.query or {}, query)
      local count = 0
      for _ in pairs(fits and operation.query or {}) do count = count + 1 end
      if fits and count > most then found, values, most = operation, fits, count end
      if not fits then others[#others + 1] = operation[1] end
    end
  end
  return found, values
end

-- The operation and the values of the names in its path and its query, or nil and the problem. `query`: that
-- of the call, decoded; or nil.
function router:find(method, path, options, query)
  local others = {}
  query = query or {}
  local operation, values = choose(self.exact[path] or {}, method, options, query, others)
  if operation then return operation, values end
  -- A literal path is not also the value of a name.
  for _, template in ipairs(#others == 0 and self.templates or {}) do
    local found = { path:match(template.pattern) }
    if found[1] then operation, values = choose(template.operations, method, options, query, others) end
    if operation then
      for index, name in ipairs(template.names) do values[name] = http.decode(found[index]) end
      return operation, values
    end
  end
  if #others == 0 then
    return nil, { status = 404, message = ("Not found: there is no endpoint %s."):format(path) }
  end
  table.sort(others)
  return nil, { status = 405, headers = { allow = table.concat(others, ", ") } }
end

return router
