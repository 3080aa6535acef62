--- patchbay list: the records of a collection, page by page.

local failure = require "patchbay.command.failure"
local output = require "patchbay.command.output"
local typed = require "patchbay.desired.typed"
local check = require "patchbay.util.check"

-- The query parameters of --query, by name, in the types of the description.
local function query_of(target, given)
  local list = target.collection.resource.description.operations.list
  local known, names = {}, {}
  for i, parameter in ipairs(list and list.parameters or {}) do
    known[parameter[1]], names[i] = parameter, parameter[1]
  end
  local query = {}
  for _, word in ipairs(given or {}) do
    local name, value = word:match "^([^=]*)=(.*)$"
    if not name then failure.usage(("--query %q: expected NAME=VALUE"):format(word)) end
    if query[name] ~= nil then failure.usage(("--query: %s is given twice"):format(name)) end
    if not known[name] then
      failure.usage(("--query: the list of %s has no parameter %q%s"):format(target.full, name,
        names[1] and check.suggestion(name, names) or "; it has none"))
    end
    query[name] = typed.from_text(known[name], value)
  end
  return query
end

local function limit_of(given)
  if not given then return math.huge end
  local limit = given:find "^%d+$" and tonumber(given)
  if not limit or limit < 1 then
    failure.usage(("--limit %s: expected a number of records, such as --limit 10"):format(given))
  end
  return limit
end

return function(context, arguments)
  local renderer
  -- Records that have come are shown while the next page is awaited.
  context.on_request(function() renderer:flush() end)
  local target = context.target(arguments.collection)
  local query, limit = query_of(target, arguments.query), limit_of(arguments.limit)
  renderer = output.records(context, target, arguments)
  local ok, next_record, list = pcall(target.proxy.list, target.proxy, query)
  if not ok then context.refuse(next_record) end
  local complete, problem = pcall(function()
    local count = 0
    for record in next_record, list do
      renderer:add(record)
      count = count + 1
      if count >= limit then return end
    end
  end)
  if not complete then
    if not failure.is(problem) then renderer:flush() end
    error(problem, 0)
  end
  renderer:finish()
  return failure.DONE
end
