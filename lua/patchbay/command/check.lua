--- patchbay check: whether the credentials of accounts work. Logs in and makes the cheapest documented read.

local patchbay = require "patchbay"
local check = require "patchbay.util.check"
local collections = require "patchbay.record.collection"
local failure = require "patchbay.command.failure"
local parents = require "patchbay.record.parents"
local reachable = require "patchbay.record.reachable"

-- A call of a collection as `operations` of the description has it, if the vendor documents it.
local function documented(operation)
  return operation and not operation.refused and not operation.undocumented
end

-- Whether the path of a collection is known: its records lie within nothing, or the account names their
-- parents.
local function is_placed(resource, internals)
  return not resource.within or not parents.missing(resource.within, internals.within)[1]
end

-- Of a list, only the first page is read; a small one where the vendor lets its size be chosen.
local function list_query(operation)
  local paging, query = operation.paging, {}
  for _, parameter in ipairs(operation.parameters or {}) do
    if paging and parameter[1] == paging.size then query[paging.size] = parameter.minimum or 1 end
  end
  return query
end

-- The cheapest documented read of a client: a function that makes it and returns a true value, or raises or
-- returns nil and an error value; and its name, nil where a login is all that can be done. nil where nothing
-- is documented.
local function cheapest(client)
  local api, found = reachable.context(client).api, nil
  for _, name in ipairs(check.names(api.resources)) do
    local resource, proxy = api.resources[name], client[name]
    local operations, placed = resource.operations, is_placed(resource, collections.internals(proxy))
    if placed and not resource.key and documented(operations.get) then
      return function() return proxy:one():fetch() end, name
    elseif placed and documented(operations.list) then
      local sized = next(list_query(operations.list)) ~= nil
      if not found or sized and not found.sized then
        found = { name = name, sized = sized, read = function()
          proxy:list(list_query(operations.list))()
          return true
        end }
      end
    end
  end
  if found then return found.read, found.name end
  local lookup = check.names(api.lookups or {})[1]
  if lookup then
    return function() return client[lookup](client) end, lookup
  end
  if api.auth.scheme == "login" then
    local context = reachable.context(client)
    return function() return context.auth.headers(context.base_url .. "/") end
  end
end

-- The result of an account's check: account, vendor, ok (true, false, or nil: not checked), message, read,
-- kind.
local function examine(context, name)
  local made, client = pcall(context.accounts.client, context.accounts, name)
  if not made then
    if failure.is(client) and client.status ~= failure.FAILED then error(client, 0) end
    return { account = name, ok = false, message = tostring(client), kind = "invalid" }
  end
  local found = { account = name, vendor = reachable.context(client).name }
  local read, read_name = cheapest(client)
  found.read = read_name
  if not read then
    found.message = "the vendor documents no read, so nothing can be checked"
    return found
  end
  local returned, value, err = pcall(read)
  if returned and value then
    found.ok = true
    found.message = "the credentials work; " .. (read_name and read_name .. " was read"
      or "the login succeeded, the vendor documents no read")
    return found
  end
  local problem = returned and err or value
  if type(problem) ~= "table" or not problem.kind then error(problem, 0) end
  found.ok, found.message, found.kind = false, tostring(problem), problem.kind
  return found
end

local function names_of(context, given)
  if given[1] then
    for _, name in ipairs(given) do context.accounts:constructor(name) end
    return given
  end
  local names = {}
  for _, name in ipairs(context.accounts:names()) do
    if context.accounts:has_credentials(name) then names[#names + 1] = name end
  end
  if not names[1] then
    context.fail(("there is no account to check: no credentials are in the environment%s"):format(
      context.accounts.path and (", and %s %s"):format(context.accounts.path,
        context.accounts.exists and "names none" or "does not exist") or ""))
  end
  return names
end

local function marked(found) return found.ok and "ok" or found.ok == nil and "unknown" or "failed" end

return function(context, arguments)
  local results, failed = {}, false
  -- A token of an earlier run says nothing about the credentials.
  context.accounts.logs_in_anew = true
  for i, name in ipairs(names_of(context, arguments.account)) do
    results[i] = examine(context, name)
    failed = failed or not results[i].ok
  end
  if arguments.output == "json" then
    local list = patchbay.array()
    for i, found in ipairs(results) do
      list[i] = { account = found.account, vendor = found.vendor, state = marked(found), read = found.read,
        kind = found.kind, message = found.message }
    end
    context.out(patchbay.json.encode(list) .. "\n")
  else
    local list = {}
    for i, found in ipairs(results) do list[i] = { found.account, marked(found) .. ": " .. found.message } end
    require("patchbay.command.output.table").pairs(context, list)
  end
  return failed and failure.FAILED or failure.DONE
end
