--- Creates a record at the vendor.

local core = require "patchbay.core"
local call_error = require "patchbay.exchange.call_error"
local differing = require "patchbay.record.differing"
local keys = require "patchbay.record.key"
local lazy = require "patchbay.util.lazy"
local readback = require "patchbay.record.readback"
local last_change = require "patchbay.record.last_change"

local logged = lazy "patchbay.record.logged"
local whole_payload = lazy "patchbay.record.whole_payload"

local create = {}

--- A copy of a draft without the key, which the path of its call has; and the key.
function create.without_key(self, draft)
  local values, rest = core.record.plain(draft, false), core.record.new(self.resource.create_type, nil, self)
  local key = values[self.resource.key]
  values[self.resource.key] = nil
  core.record.assign(rest, values)
  return rest, key
end

--- Creates the record of which `draft` has the fields, by the `plan` of a collection. `given_key`: the key in
-- the path; nil where the vendor assigns one. `options`: checked. Returns the new record and the receipt, or
-- nil and an error value.
function create.send(self, plan, draft, given_key, options)
  local body = core.record.payload(draft, false, false, false, false) or "{}"
  local broken = plan.whole and whole_payload.problem(plan, self:subject(plan.label, given_key), body)
  if broken then return nil, broken end
  local call = self:call(plan, given_key, options, draft, body, false)
  if self.context.dry_run then
    local shown, veto = self.context.announce(call)
    if not shown then return nil, veto end
    -- Like a created record, but without a key where only the vendor assigns one.
    local new = core.record.new(self.resource.record_type, given_key, self)
    core.record.adopt(new, core.record.plain(draft, false), nil)
    return new
  end
  local log, unlogged
  if self.context.changes_log then
    log, unlogged = logged.create(self, draft)
    if not log then return nil, unlogged end
  end
  local reading, receipt_or_err, attempts = self.context.perform(call)
  if not reading then
    if log then log:failed(receipt_or_err) end
    return nil, receipt_or_err
  end
  local key = keys.of(self.resource, reading.fields)
  if key == nil then key = given_key end
  if key == nil then
    local err = call_error.new(self.context, call, { kind = "protocol", outcome = "unknown",
      attempts = attempts, status = reading.status,
      body = call_error.kept_body(self.context, call, reading.body),
      message = "the response does not say under which " .. self.resource.key .. " it was created" })
    if log then log:failed(err) end
    return nil, err
  end
  if log then log:created(key, receipt_or_err) end
  local new, sent = core.record.new(self.resource.record_type, key, self), core.record.plain(draft, false)
  local shown = plan.operation.answer ~= "acknowledgement" and reading or nil
  local result = shown and readback.compare(self, sent, shown, self.resource.create_schema)
  core.record.adopt(new, sent, shown)
  if not result or #result.differs == 0 then return new, receipt_or_err end
  last_change.remember(new, false, sent)
  for _, entry in ipairs(result.differs) do
    -- Fields that only creating takes cannot be assigned any more.
    local name = entry.field:match "^[^.]*"
    core.record.assign(new, { [name] = sent[name] })
  end
  local differs = differing(self, self:subject(plan.label, key), result.differs, attempts,
    reading.status, call_error.kept_body(self.context, call, reading.body))
  differs.record = new
  return nil, differs
end

return create
