--- The methods of a collection that its functions and its records use: they make its calls, and name them in
-- messages.

local core = require "patchbay.core"
local lazy = require "patchbay.util.lazy"
local call_options = require "patchbay.exchange.call_options"
local errors = require "patchbay.errors"
local plans = require "patchbay.record.plan"
local secrets = require "patchbay.record.secrets"
local url = require "patchbay.util.url"

local logged = lazy "patchbay.record.logged"

local calls = {}

local NO_OPTIONS = call_options.none

--- The name of the record `key`, or of the one without a key, in journals; nil for one that has no key yet.
function calls.address(self, key)
  if key == nil and self.resource.key then return nil end
  if not self.place and key ~= nil then return key end
  return url.address(self.place or self.name, key)
end

--- The start of messages about the call `label` of the record `key`, or nil: "vendor voice_routes.update
-- CRID-1".
function calls.subject(self, label, key)
  local subject, name = self.context.name .. " " .. label, url.address(self.place, key)
  return name and subject .. " " .. name or subject
end

--- The same about the call that makes `plan`'s operation on a record.
function calls.subject_of(self, plan, changed)
  return calls.subject(self, plan.label, core.record.key(changed))
end

--- An error value for a call of this collection.
function calls.fail(self, operation, key, fields)
  local subject = calls.subject(self, self.name .. "." .. operation, key)
  fields.message = subject .. ": " .. fields.message
  return errors.new(fields)
end

--- Raises at `level` for an operation that the description refuses.
function calls.check_refused(self, name, level)
  local operation = self.resource.description.operations[name]
  if not (operation and operation.refused) then return end
  error(("%s.%s: refused: %s; client:call(method, path, body) makes any call"):format(self.name, name,
    operation.refused), level + 1)
end

--- The plan of an operation, made at its first use; or nil and an error value of kind "unsupported".
function calls.plan(self, name)
  local plan = self.plans[name]
  if not plan then
    local operation = self.resource.description.operations[name]
    local err = plans.refusal(self, name, operation)
    if err then return nil, err end
    plan = plans.new(self, name, operation)
    self.plans[name] = plan
  end
  return plan
end

--- The call for exchange.perform that makes `plan`'s operation on `key`, with the options of the call. For a
-- change also the record, the payload as the body, and whether nested changes are sent as `leaves`. `unfit`
-- and `unfit_field` of the call: why the payload cannot be sent, see request_body.encoder.
function calls.call(_, plan, key, options, changed, body, leaves)
  -- Calls inherit from the plan: copying its members would cost each call.
  local call = setmetatable({ key = key, record = changed, body = body, leaves = leaves }, plan)
  if plan.before_key then call.url = url.fill(plan.before_key, key, plan.after_key) end
  if options ~= NO_OPTIONS then call_options.apply(call, options) end
  if body and plan.encode then
    call.payload = body
    call.body, call.unfit_field, call.unfit = plan.encode(body)
  end
  return call
end

-- Adds the record that a call is about, or nil: the vendor may echo the secrets it holds.
local function on_behalf_of(holder, call)
  if holder then call.record, call.secrets = holder, secrets.of_call end
  return call
end

--- Reads one: its reading (see reading.lua) and the receipt, or nil and an error value. `holder`: the
-- record that is read, or nil.
function calls.read(self, key, options, holder)
  local plan, unsupported = calls.plan(self, "get")
  if not plan then return nil, unsupported end
  if key == nil and self.resource.key then
    return nil, self:fail("get", nil, { kind = "incomplete", outcome = "not_sent",
      message = "it has no " .. self.resource.key .. ": under dry_run it was not created" })
  end
  local call = on_behalf_of(holder, calls.call(self, plan, key, options))
  local reading, receipt_or_err = self.context.perform(call)
  return reading, receipt_or_err
end

--- Deletes one: true, or nil and an error value. `holder` as for read.
function calls.remove(self, key, options, holder)
  local plan, unsupported = calls.plan(self, "delete")
  if not plan then return nil, unsupported end
  local body
  if plan.key_in_body then
    body = key == nil and "{}" or ("{%s%s}"):format(self.resource.encoded_key, core.json.encode(key))
  end
  local call = on_behalf_of(holder, calls.call(self, plan, key, options, nil, body))
  if self.context.dry_run then
    local shown, veto = self.context.announce(call)
    if not shown then return nil, veto end
    return true
  end
  local log, unlogged
  if self.context.changes_log then
    log, unlogged = logged.delete(self, key, holder)
    if not log then return nil, unlogged end
  end
  local done, receipt_or_err = self.context.perform(call)
  if not done then
    if log then log:failed(receipt_or_err) end
    return nil, receipt_or_err
  end
  if log then log:applied(receipt_or_err) end
  return true
end

return calls
