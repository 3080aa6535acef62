--- The operations of a group by their kinds, one of each.

local kinds = require "patchbay.import.kinds"
local operations = require "patchbay.import.operations"

local choice = {}

--- An empty table for operations by kind, in its final size.
function choice.new()
  return { get = nil, list = nil, create = nil, update = nil, replace = nil, delete = nil }
end

-- Reads an operation as `kind`.
local function read_as(self, group, operation, kind)
  local entry = operations.read(self, group, operation, kind)
  entry.partial = kind == "update" and operation.method ~= "PATCH" and self.overlay:partial_of(operation)
    or nil
  return entry
end

local function taken_problem(entry, kind)
  return ("%s is the %s of its resource already"):format(entry.operation.label, kind)
end

-- Whether a PATCH is the update in place of the operation that was found for it before, which is one because
-- of what the overlay says about all operations of its method.
local function is_better(self, operation, entry)
  return operation.method == "PATCH" and entry.operation.method ~= "PATCH"
    and not self.overlay:operation(entry.operation).partial
end

--- The operations of `group` by kind, as operations.read gives them; the others are skipped in the report.
function choice.of(self, group)
  local found = choice.new()
  for _, operation in ipairs(group.operations) do
    local kind, problem = nil, operation.problem
    if not problem then kind, problem = kinds.of(self, group, operation) end
    local before = kind and found[kind]
    if not kind then
      self.report:skip(operation, problem)
    elseif not before then
      found[kind] = read_as(self, group, operation, kind)
    elseif before.refused then
      self.report:skip(before.operation, before.refused)
      found[kind] = read_as(self, group, operation, kind)
    else
      local better = kind == "update" and is_better(self, operation, before)
        and read_as(self, group, operation, kind)
      if better and not better.refused then
        self.report:skip(before.operation, taken_problem(better, kind))
        found[kind] = better
      else
        self.report:skip(operation, taken_problem(before, kind))
      end
    end
  end
  return found
end

return choice
