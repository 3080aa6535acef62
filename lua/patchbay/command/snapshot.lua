--- patchbay snapshot: saves the records of collections, as the vendors show them.

local accounts = require "patchbay.desired.accounts"
local check = require "patchbay.util.check"
local failure = require "patchbay.command.failure"
local patchbay = require "patchbay"
local snapshot_file = require "patchbay.drift.snapshot_file"
local snapshot_reading = require "patchbay.drift.reading"
local reachable = require "patchbay.record.reachable"

-- The accounts that have credentials.
local function all_accounts(context)
  local names = {}
  for _, name in ipairs(context.accounts:names()) do
    if context.accounts:has_credentials(name) then names[#names + 1] = name end
  end
  if not names[1] then context.fail "there is no account to read: no credentials are given" end
  return names
end

local function mistake(context, name, problem)
  context.usage(('"%s": %s'):format(name, problem))
end

-- The clients, and the names of the collections; nil where all are meant.
local function find(context, words)
  if not words[1] then return context.accounts:clients(all_accounts(context)), nil end
  local clients, names = {}, {}
  for _, word in ipairs(words) do
    local account = word:match "^([^.%[]*)"
    clients[account] = clients[account] or context.accounts:client(account)
    if word == account then
      local one = { [account] = clients[account] }
      for _, name in ipairs(snapshot_reading.all(one, reachable.context)) do
        if accounts.find(clients, name) then names[#names + 1] = name end
      end
    else
      local entry, problem = accounts.find(clients, word)
      if not entry then mistake(context, word, problem) end
      names[#names + 1] = word
    end
  end
  return clients, names
end

return function(context, arguments)
  local path = arguments.file
  local problem = check.filled(path) or snapshot_file.problem_of_replacing(path)
  if problem then context.usage(("%s: %s; give another name"):format(path, problem)) end
  local clients, names = find(context, arguments.collections or {})
  local taken = patchbay.snapshot(clients, { collections = names, secrets = arguments.secrets })
  local ok, err = taken:save(path)
  if not ok then context.fail(err) end
  context.out(tostring(taken) .. "\n")
  if taken.complete then return failure.DONE end
  context.flush()
  context.fail(("%s is not complete: see above; it says so itself"):format(path))
end
