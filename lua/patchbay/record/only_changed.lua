--- Updates that send only the fields that differ (`changed_only`): leave out the assignments that change
-- nothing.

local core = require "patchbay.core"
local diff = require "patchbay.record.diff"

local record = core.record

local only_changed = {}

--- The assignments that change nothing, see diff.assignments.
function only_changed.unchanged(self)
  local list = {}
  for _, entry in ipairs(diff.assignments(self)) do
    if entry.changed == false then list[#list + 1] = entry end
  end
  return list
end

local function restored(self, aside, ok, ...)
  record.restore(self, aside)
  if not ok then error((...), 0) end
  return ...
end

--- Calls `work(...)` as if the assignments in `list` had not been made, and returns its results. It must not
-- yield.
function only_changed.without(self, list, work, ...)
  return restored(self, record.set_aside(self, list), pcall(work, ...))
end

--- Takes back those assignments of `list` that still change nothing: they are known by now.
function only_changed.forget(self, list)
  local were = {}
  for _, entry in ipairs(list) do were[entry.field] = true end
  for _, entry in ipairs(diff.assignments(self)) do
    if entry.changed == false and were[entry.field] then entry.node[entry.name] = nil end
  end
end

return only_changed
