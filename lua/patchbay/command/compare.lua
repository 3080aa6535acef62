--- patchbay compare: shows the differences between two snapshots.

local differences = require "patchbay.command.differences"
local patchbay = require "patchbay"
local snapshots = require "patchbay.drift.snapshot"

-- Vendors of the user's own are described in files that accounts name. Returns a table that keeps the
-- descriptions in use.
local function describe_accounts(context, snapshot)
  local kept = {}
  for name, account in pairs(snapshots.internals(snapshot).accounts) do
    if rawget(patchbay, account.vendor) == nil then
      local ok, constructor = pcall(context.accounts.constructor, context.accounts, name)
      if ok then kept[#kept + 1] = constructor end
    end
  end
  return kept
end

return function(context, arguments)
  local before = differences.snapshot(context, arguments.before)
  local after = differences.snapshot(context, arguments.after)
  local kept = describe_accounts(context, before)
  local found, err = patchbay.compare(before, after)
  if not found then context.fail(err) end
  return differences.show(context, arguments, found), kept
end
