--- The accounts of a desired state, and its collections: "acme.voice_routes",
-- "acme.calls[AccountSid=AC1]".

local check = require "patchbay.util.check"
local collections = require "patchbay.record.collection"
local parents = require "patchbay.record.parents"
local reachable = require "patchbay.record.reachable"
local text = require "patchbay.util.text"
local typed = require "patchbay.desired.typed"

local accounts = {}

local function is_client(value)
  local metatable = type(value) == "table" and getmetatable(value)
  return type(metatable) == "table" and rawget(metatable, "__name") == "patchbay.client"
end

--- The problem with a script's table of clients by the names of their accounts, or nil; and the table. One
-- client alone has its vendor's name.
function accounts.of(clients)
  if is_client(clients) then return nil, { [reachable.context(clients).name] = clients } end
  if type(clients) ~= "table" then
    return "expected a table of clients, such as { acme = client }, got " .. check.got(clients)
  end
  local problem = check.first(clients, function(name, client)
    if type(name) ~= "string" or not name:find "^[A-Za-z0-9_-]+$" then
      return ('clients: expected clients by name, such as { acme = client }, a name of letters, digits, '
        .. '"_" and "-", got %s'):format(type(name) == "string" and text.quote(name) or check.got(name))
    end
    if not is_client(client) then
      return ("clients.%s: expected a client, as a constructor of patchbay returns one, got %s"):format(name,
        check.got(client))
    end
  end)
  if problem then return problem end
  if next(clients) == nil then return "expected a table of clients, such as { acme = client }" end
  return nil, clients
end

-- An example of a name.
local function example(clients)
  local account = check.names(clients)[1]
  return ("%s.%s"):format(account, check.names(reachable.context(clients[account]).api.resources)[1])
end

-- The names that `clients` have, for suggestions.
local function known_names(clients)
  local known = {}
  for account, client in pairs(clients) do
    for name in pairs(reachable.context(client).api.resources) do known[account .. "." .. name] = true end
  end
  return check.names(known)
end

local function decode(value)
  return (value:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))
end

-- The values in `AccountSid=AC1,Other=x`, by name; or nil and the problem.
local function parse_place(place, within)
  local values = {}
  for part in (place .. ","):gmatch "([^,]*)," do
    local name, value = part:match "^([^=]+)=(.+)$"
    if not name then return nil, ("expected [%s=…], got [%s]"):format(within[1][1], place) end
    if values[name] ~= nil then return nil, name .. " is given twice" end
    local field
    for _, parent in ipairs(within) do
      if parent[1] == name then field = parent end
    end
    values[name] = field and typed.from_text(field, decode(value)) or decode(value)
  end
  return values
end

-- The remedy for a collection whose records have unknown parents.
local function missing_problem(full, missing)
  local shown, options = {}, {}
  for i, field in ipairs(missing) do
    shown[i] = field[1] .. "=…"
    options[#options + 1] = field.option
  end
  return ("its records lie within %s; write [\"%s[%s]\"]%s"):format(table.concat(shown, ", "):gsub("=…", ""),
    full, table.concat(shown, ","), #options == #missing
      and ", or make the client with " .. table.concat(options, " and ") or "")
end

--- The collection that `name` stands for: a table with `account`, `collection` (its internals, see
-- record/collection.lua), `proxy`, `collection_name`, and `full`, the whole name with its parents; or nil and
-- the problem.
function accounts.find(clients, name)
  if type(name) ~= "string" then
    return nil, ("expected the name of a collection, such as [%q], got %s"):format(example(clients),
      check.got(name))
  end
  local body, place = name:match "^([^%[]*)%[(.*)%]$"
  if not body then body = name end
  local account, resource = body:match "^([^.]*)%.(.+)$"
  if not account then
    local suggestion = check.suggestion(body, known_names(clients))
    for _, known in ipairs(known_names(clients)) do
      if known:match "%.(.*)$" == body then suggestion = ("; did you mean %q?"):format(known) end
    end
    return nil, ("expected an account and a collection, such as %q%s"):format(example(clients), suggestion)
  end
  local client = rawget(clients, account)
  if not client then
    return nil, ("no client for the account %q was given%s"):format(account,
      check.suggestion(account, check.names(clients)))
  end
  local context = reachable.context(client)
  if not context.api.resources[resource] then
    return nil, ("%s has no collection %q%s"):format(context.name, resource,
      check.suggestion(resource, check.names(context.api.resources)))
  end
  local proxy = client[resource]
  local internals = collections.internals(proxy)
  local within = internals.resource.description.within
  if place and not within then return nil, ("its records lie within nothing; write %q"):format(body) end
  if place then
    local values, problem = parse_place(place, within)
    if not values then return nil, problem end
    local all
    all, problem = parents.add(resource, within, internals.within, values)
    if not all then return nil, (problem:gsub("^[%w_]+:?[%w_]*: ", "")) end
    proxy = proxy:within(values)
    internals = collections.internals(proxy)
  end
  local missing = within and parents.missing(within, internals.within) or {}
  if missing[1] then return nil, missing_problem(body, missing) end
  return { account = account, collection = internals, proxy = proxy, collection_name = resource,
    full = account .. "." .. (place and internals.place or resource) }
end

return accounts
