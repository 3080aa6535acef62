-- SIP trunks. Creating and changing are documented; the response is the whole trunk.

local check = require "patchbay.sandbox.check"
local errors = require "patchbay.sandbox.errors"
local fields = require "patchbay.sandbox.fields"
local json = require "patchbay.sandbox.json"
local schema = require "patchbay.sandbox.crazytel.schema"
local seeds = require "patchbay.sandbox.crazytel.seeds"
local store = require "patchbay.sandbox.store"
local ascii = require "patchbay.util.ascii"

local trunks = {}
trunks.__index = trunks

local ORDER = { "id", "username" }
for _, rule in ipairs(schema.trunk.refuse.update.fields) do ORDER[#ORDER + 1] = rule.name end

local MOBILE = "614"

-- is_verified(number): whether the account may show it as caller or sender. `own`: the first records, instead
-- of those of seeds.lua.
function trunks.new(context, is_verified, own)
  local self = setmetatable({ context = context, kept = store.new(), is_verified = is_verified }, trunks)
  for index, seed in ipairs(own or seeds.trunks()) do
    self:add(seed.id and ascii.lower(seed.id) or seeds.TRUNK_ID:format(index), seed)
  end
  return self
end

function trunks:add(id, values)
  local trunk = fields.complete(schema.trunk.refuse.create, values)
  trunk.id = id
  trunk.username = values.username or "CT" .. self.context.random:pick("0123456789", 6)
  return self.kept:add(id, trunk)
end

function trunks:show(trunk)
  local shown = store.copy(trunk)
  if not self.context.options.echo_password then shown.password = nil end
  return json.ordered(ORDER, shown)
end

-- The trunk of a path, or nil and the problem.
function trunks:find(call)
  local id = call.parameters.trunk_id
  local field, why, kind = check.value(schema.trunk_id, id)
  if field then return nil, errors.field(422, field, why, kind, "path") end
  local trunk = self.kept:get(ascii.lower(id))
  if not trunk then return nil, { status = 404, message = "SIP trunk not found" } end
  return trunk
end

local function refused(message) return { status = 400, message = message } end

-- The problem with a number that the account may not show, or nil.
function trunks:number_problem(body)
  local caller, sender = body.caller_id_number, body.sms_sender
  if caller ~= nil and not self.is_verified(caller) then
    return refused "caller_id_number is not verified for this account"
  end
  if sender == nil or sender == json.null then return nil end
  if sender:sub(1, #MOBILE) ~= MOBILE then return refused("sms_sender must start with " .. MOBILE) end
  if not self.is_verified(sender) then return refused "sms_sender is not verified for this account" end
end

-- The fields to set, or nil and the problem. A wrong form is reported before a forbidden value.
function trunks:checked(body, operation)
  local options = self.context.options
  local values = {}
  for name, value in pairs(body) do values[name] = value end
  if options.read_only == "ignore" then
    for _, name in ipairs(schema.TRUNK_READ_ONLY) do values[name] = nil end
  end
  local field, why, kind = check.body(schema.trunk[options.nulls][operation], values)
  if field then return nil, errors.field(kind == "read_only" and 400 or 422, field, why, kind) end
  local problem = self:number_problem(values)
  if problem then return nil, problem end
  return values
end

function trunks:create(_, body)
  local values, problem = self:checked(body, "create")
  if not values then return nil, problem end
  local id = self.context.random:uuid()
  return self:show(self:add(id, values)), nil, self.context.options.create_status
end

function trunks:update(call, body)
  local trunk, problem = self:find(call)
  if not trunk then return nil, problem end
  local values
  values, problem = self:checked(body, "update")
  if not values then return nil, problem end
  return self:show(self.kept:add(trunk.id, fields.changed(trunk, values)))
end

function trunks:read(call)
  local trunk, problem = self:find(call)
  if not trunk then return nil, problem end
  return self:show(trunk)
end

function trunks:list()
  local list = json.array {}
  for _, trunk in self.kept:each() do list[#list + 1] = self:show(trunk) end
  return list
end

function trunks:delete(call)
  local trunk, problem = self:find(call)
  if not trunk then return nil, problem end
  self.kept:remove(trunk.id)
  local status = self.context.options.delete_status
  return status == 204 and "" or { message = "SIP trunk deleted" }, nil, status
end

return trunks
