--- patchbay drift: shows the changes since the last apply, or since a snapshot, and whether we made them.

local check = require "patchbay.util.check"
local desired_files = require "patchbay.desired.load"
local differences = require "patchbay.command.differences"
local faults = require "patchbay.desired.faults"
local files = require "patchbay.command.files"
local patchbay = require "patchbay"
local snapshots = require "patchbay.drift.snapshot"
local wording = require "patchbay.command.wording"

-- The names of the accounts in a desired state, or in a snapshot.
local function accounts_of(context, path, since)
  local set = {}
  if since then
    for name in pairs(snapshots.internals(since).accounts) do set[name] = true end
  end
  if not path then return check.names(set) end
  files.start(context, path, 1)
  local raw, problems = desired_files.file(path)
  if not raw then context.fail(wording.of(tostring(faults.error(problems, path)))) end
  local named = {}
  for name in pairs(raw) do
    local account = type(name) == "string" and name:match "^([^.%[]+)%."
    if account then named[account] = true end
  end
  return check.names(named)
end

-- The clients of the accounts that there are: for others the library has the error.
local function clients_of(context, names, where)
  local known, some = {}, {}
  for _, name in ipairs(context.accounts:names()) do known[name] = true end
  for _, name in ipairs(names) do
    if known[name] then some[#some + 1] = name end
  end
  if some[1] then return context.accounts:clients(some) end
  local first = names[1]
  context.fail(first and ("%s: there is no account %q%s"):format(where, first, check.suggestion(first,
    context.accounts:names())) or where .. ": it names no collections")
end

return function(context, arguments)
  local path, since = arguments.file, nil
  if not path and not arguments.since then
    context.usage "drift: expected a desired-state file, or --since SNAPSHOT"
  end
  if arguments.since then
    if arguments.state then context.usage "--state is for drift without --since; leave one of them out" end
    since = differences.snapshot(context, arguments.since)
  end
  local clients = clients_of(context, accounts_of(context, path, since), path or arguments.since)
  local logs = arguments.changes_log
  local found, err = patchbay.drift(clients, path, { since = since, state = arguments.state,
    changes_log = logs and logs[1] and logs or nil, ours = not arguments.not_ours })
  if not found then context.fail(wording.of(tostring(err))) end
  return differences.show(context, arguments, found)
end
