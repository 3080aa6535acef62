-- Shared by voice routes and message routes: both are stored by an id and changed field by field.

local check = require "patchbay.sandbox.check"
local errors = require "patchbay.sandbox.telegent.errors"
local json = require "patchbay.sandbox.json"
local store = require "patchbay.sandbox.store"

local routes = {}

-- The named fields that a record has, in that order.
function routes.pick(record, names)
  local picked = {}
  for _, name in ipairs(names) do picked[name] = store.copy(record[name]) end
  return json.ordered(names, picked)
end

-- Only this account's own records can be named; another account's do not exist for it.
function routes.account_problem(options, account)
  if account ~= nil and account ~= options.account_id and account ~= options.account_key then
    return { status = 404 }
  end
end

-- The record of a body, or nil and the problem. The body is checked against `operation` first.
function routes.find(kept, operation, body, id_field, options)
  local field, why = check.body(operation, body)
  if field then return nil, errors.field(field, why) end
  local record = kept:get(body[id_field])
  local problem = routes.account_problem(options, body.AccountId) or not record and { status = 404 } or nil
  if problem then return nil, problem end
  return record
end

-- The record of a query, or nil and the problem.
function routes.find_by_query(kept, query, parameter)
  local field, why = check.query({ parameter }, query)
  if field then return nil, errors.field(field, why) end
  local id = query[parameter]
  if not id or id == "" then return nil, errors.field(parameter, "is required") end
  local record = kept:get(id)
  if not record then return nil, { status = 404 } end
  return record
end

-- The problem with a list's query, or nil. Its account is optional.
function routes.list_problem(query, options)
  local field, why = check.query({ "AccountId" }, query)
  if field then return errors.field(field, why) end
  return routes.account_problem(options, query.AccountId)
end

-- AccountId names the record's account; it does not move the record.
function routes.assign(record, body, id_field)
  for name, value in pairs(body) do
    if name ~= id_field and name ~= "AccountId" then record[name] = store.copy(value) end
  end
  return record
end

return routes
