--- patchbay get: one record.

local output = require "patchbay.command.output"
local targets = require "patchbay.command.target"

return function(context, arguments)
  local target = context.target(arguments.collection)
  local resource = target.collection.resource
  local record, err
  if not resource.key then
    if arguments.key then context.usage(target.full .. " is one record, which has no key; leave the key out") end
    record = target.proxy:one()
    local ok, problem = record:fetch()
    if not ok then record, err = nil, problem end
  else
    if not arguments.key then context.usage("which record? Give its " .. resource.key .. " as the key") end
    local ok, got, problem = pcall(target.proxy.get, target.proxy, targets.key(target, arguments.key))
    if not ok then context.usage((tostring(got):gsub("^[^%s:]+%.lua:%d+: ", ""))) end
    record, err = got, problem
  end
  if not record then context.fail(err) end
  output.record(context, target, record, arguments)
  return 0
end
