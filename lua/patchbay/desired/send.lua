--- Sends one change of a plan. The functions return true, or nil and an error value, as a body of a bulk run
-- does.

local core = require "patchbay.core"
local errors = require "patchbay.errors"
local paths = require "patchbay.desired.paths"

local send = {}

local function failure(change, kind, message)
  return errors.new { kind = kind, outcome = "not_sent", message = ("%s: %s"):format(change.address,
    message) }
end

send.failure = failure

--- Assigns the value at a path. Returns true, or nil and the problem.
function send.assign(record, path, value)
  if not path:find(".", 1, true) then return core.record.assign(record, { [path] = value }) end
  local node, name = record, nil
  for part in path:gmatch "[^.]+" do
    if name then node = node[name] end
    name = part
    if not core.record.is(node) then return nil, path .. ": there is no such field" end
  end
  local ok, problem = pcall(function() node[name] = value end)
  return ok or nil, problem
end

-- Whether a partial change needs the values around it: a part of an object goes out with the whole object.
local function needs_state(target, fields)
  if target.changes_by == "replace" or target.collection.resource.resent then return true end
  for _, field in ipairs(fields) do
    if field.field:find(".", 1, true) then return true end
  end
  return false
end

local function record_of(target, key)
  if key == nil then return target.proxy:one() end
  return target.proxy[key]
end

--- Updates a record. `fields`: those to send, with their values in `to`; `reading`: its response as read, or
-- nil. Returns the record besides.
function send.update(change, target, key, fields, reading)
  local record = record_of(target, key)
  if needs_state(target, fields) then
    if reading then
      core.record.load(record, reading)
    elseif target.collection:plan "get" then
      local read, err = record:fetch()
      if not read then
        err.outcome = "not_sent"
        return nil, err
      end
    end
  end
  for _, field in ipairs(fields) do
    local ok, problem = send.assign(record, field.field, field.to)
    if not ok then return nil, failure(change, "invalid", tostring(problem)) end
  end
  local sent, err
  if target.changes_by == "replace" then sent, err = record:replace() else sent, err = record:update() end
  if not sent then return nil, err end
  return true, record
end

--- Creates a record. Returns the record besides.
function send.create(change, target, fields)
  local values = {}
  for _, field in ipairs(fields) do paths.set(values, field.field, field.to) end
  local resource = target.collection.resource
  local ok, problem = core.schema.check(resource.create_schema, values, resource.name)
  if not ok then return nil, failure(change, "invalid", problem) end
  local created, err = target.proxy:create(values)
  if not created then return nil, err end
  return true, created
end

--- Deletes a record. One that does not exist any more is deleted.
function send.delete(target, key)
  local deleted, err = target.proxy:delete(key)
  if deleted or err.kind == "not_found" then return true end
  return nil, err
end

return send
