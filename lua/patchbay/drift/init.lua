--- Snapshots of the vendors' records, their comparison, and drift: the changes, and whether we made them.

local comparison = require "patchbay.drift.comparison"
local snapshot = require "patchbay.drift.snapshot"
local lazy = require "patchbay.util.lazy"

local since = lazy "patchbay.drift.since"

local drift = {}

--- patchbay.snapshot(clients, options), and patchbay.snapshot.load(file); see snapshot.lua.
drift.snapshot = setmetatable({ load = snapshot.load }, { __call = function(_, clients, options)
  local taken, err = snapshot.take(clients, options) -- not a tail call: levels count this
  return taken, err
end })

--- patchbay.compare(before, after, options); see comparison.lua.
function drift.compare(before, after, options)
  local compared, err = comparison.compare(before, after, options)
  return compared, err
end

--- patchbay.drift(clients, desired, options); see since.lua.
function drift.drift(clients, desired, options)
  local found, err = since.drift(clients, desired, options)
  return found, err
end

return drift
