--- Records that cannot be created in any order, because each refers to another of them.

local check = require "patchbay.util.check"

local cycles = {}

-- The references from a record to new records, by path.
local function targets_of(record)
  local list = {}
  if not (record.name and record.refs) then return list end
  for _, path in ipairs(check.names(record.refs)) do
    if record.refs[path].name then list[#list + 1] = record.refs[path] end
  end
  return list
end

--- Calls `add(path, message)` for each circle of new records among the `entries` of a declaration.
function cycles.check(entries, add)
  local state, stack = {}, {}

  local function report(target)
    local names, at = {}, #stack
    while stack[at] ~= target do at = at - 1 end
    for i = at, #stack do names[#names + 1] = stack[i].address end
    names[#names + 1] = target.address
    add(target.path, ("refers to itself: %s; create one of them without its reference first"):format(
      table.concat(names, " -> ")))
  end

  -- A loop, as chains may be longer than Lua's stack.
  local function visit(start)
    local frames = { { record = start, targets = targets_of(start), at = 0 } }
    state[start], stack[#stack + 1] = "open", start
    while #frames > 0 do
      local frame = frames[#frames]
      frame.at = frame.at + 1
      local target = frame.targets[frame.at]
      if not target then
        state[frame.record], stack[#stack], frames[#frames] = "done", nil, nil
      elseif state[target] == "open" then
        report(target)
      elseif not state[target] then
        state[target], stack[#stack + 1] = "open", target
        frames[#frames + 1] = { record = target, targets = targets_of(target), at = 0 }
      end
    end
  end

  for _, entry in ipairs(entries) do
    for _, record in ipairs(entry.records) do
      if record.name and not state[record] then visit(record) end
    end
  end
end

return cycles
