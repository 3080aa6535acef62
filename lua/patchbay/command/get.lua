--- patchbay get: one record.

local failure = require "patchbay.command.failure"
local output = require "patchbay.command.output"
local targets = require "patchbay.command.target"

-- Reads the record of a collection that has no keys.
local function read_one(context, target, key)
  if key then context.usage(("%s is one record, which has no key; leave %q out"):format(target.full, key)) end
  local record = target.proxy:one()
  local ok, err = record:fetch()
  return ok and record or nil, err
end

local function read(context, target, word)
  if not target.collection.resource.key then return read_one(context, target, word) end
  local key = targets.key(target, word)
  local ok, record, err = pcall(target.proxy.get, target.proxy, key)
  if not ok then context.refuse(record) end
  return record, err
end

return function(context, arguments)
  local target = context.target(arguments.collection)
  output.check(target, arguments)
  local record, err = read(context, target, arguments.key)
  if not record then context.fail(err) end
  output.record(context, target, record, arguments)
  return failure.DONE
end
