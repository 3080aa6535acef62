-- Finds the operation of a call. Operations are a list of
--   { method, path, part, run, when =, body =, open = }
-- `path` may hold "{name}" for one segment; `part` and `run` name the object and its method that answer
-- (without them: the vendor's, but not simulated); when(options) tells whether the operation exists; body =
-- "optional": the call may have none; `open`: needs no authentication. Other members are the vendor's own.

local router = {}
router.__index = router

local function pattern_of(path)
  local names = {}
  local pattern = path:gsub("[%-%.%+]", "%%%0"):gsub("{([%w_]+)}", function(name)
    names[#names + 1] = name
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

-- The operation of a list for this method, or nil; `others` collects the methods of the others.
local function choose(list, method, options, others)
  for _, operation in ipairs(list) do
    if not operation.when or operation.when(options) then
      if operation[1] == method then return operation end
      others[#others + 1] = operation[1]
    end
  end
end

-- The operation and the values of the path's names, or nil and the problem.
function router:find(method, path, options)
  local others = {}
  local operation = choose(self.exact[path] or {}, method, options, others)
  if operation then return operation, {} end
  -- A literal path is not also the value of a name.
  for _, template in ipairs(#others == 0 and self.templates or {}) do
    local found = { path:match(template.pattern) }
    operation = found[1] and choose(template.operations, method, options, others)
    if operation then
      local values = {}
      for index, name in ipairs(template.names) do values[name] = found[index] end
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
