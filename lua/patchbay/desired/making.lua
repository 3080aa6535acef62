--- Makes the changes of a plan, one by one: sends each, and records it in the state and the undo plan.
--
-- A work is a table with `target_of(change)`, `context_of(change)`, `verdicts` (change -> see reread.lua),
-- `keys` (of created records), `state` and `keeps_state`, `undo` (opened for appending; nil for none) and
-- `undo_name`, and `results`.

local bulk_context = require "patchbay.exchange.bulk_context"

local core = require "patchbay.core"
local errors = require "patchbay.errors"
local names = require "patchbay.desired.names"
local plan_file = require "patchbay.desired.plan_file"
local send = require "patchbay.desired.send"
local targets = require "patchbay.desired.targets"

local Work = {}
Work.__index = Work

-- ---- keys of created records ----

--- Remembers the key of a record that was created, or found.
function Work:set_key(change, target, key)
  self.keys[names.qualified(target.full, change.name)] = key
end

--- Whether a change is only shown, as its client is in dry_run.
function Work:is_dry(change) return self.context_of(change).dry_run and true or false end

-- Whether the state remembers the result of a change.
function Work:keeps(change) return self.keeps_state and not self:is_dry(change) end

--- Puts the keys in the places of references to records that this plan creates. Returns true, or nil and the
-- error value.
function Work:resolve(change, fields)
  for _, field in ipairs(fields) do
    if field.ref and field.to == nil then
      local other = targets.referred(change, field)
      local key = other and self.keys[names.qualified(targets.name(other), other.name)]
      if key == nil then
        return nil, send.failure(change, "incomplete", ("%s refers to %s, which has not been created"):format(
          field.field, other and other.address or field.ref))
      end
      field.to = key
    end
  end
  return true
end

-- Whether a change of a dry run refers to a record that the dry run has not created. It has no key then, and
-- the request cannot be made, not even for showing it.
function Work:awaits_dry_create(change, fields)
  if not self:is_dry(change) then return false end
  for _, field in ipairs(fields) do
    local other = field.ref and field.to == nil and targets.referred(change, field)
    local name = other and self:is_dry(other) and names.qualified(targets.name(other), other.name)
    if name and self.keys[name] == nil then return true end
  end
  return false
end

-- Counts such a change among those that would be sent.
function Work:shown(change)
  local item = bulk_context.item()
  if item then item:would_send(self.context_of(change)) end
  return true
end

-- ---- the state and the undo plan ----

-- Calls a function that writes, and raises its problem. The run ends then: it must not make changes that
-- it cannot record.
function Work:write(write, ...)
  local ok, problem = pcall(write, ...)
  if ok then return end
  self.stopped, self.broken = true, true
  error(problem, 0)
end

-- The same for a change that was made already.
function Work:write_done(write, ...)
  local ok, problem = pcall(self.write, self, write, ...)
  if ok then return end
  if errors.is(problem) then
    problem.outcome, problem.message = "unknown", "the change has been made; " .. problem.message
  end
  error(problem, 0)
end

-- Records the values that were sent in the state.
function Work:remember(change, fields)
  if not self:keeps(change) then return end
  local values = {}
  for _, field in ipairs(fields) do
    if field.to ~= nil then values[field.field] = field.to end
  end
  self:write_done(self.state.remember, self.state, change.address, values)
end

local function append_created(self, line)
  local ok, problem = self.undo:append(line)
  if ok then return end
  error(errors.new { kind = "invalid", outcome = "unknown",
    message = ("%s: the undo plan cannot be written (%s); the apply cannot go on"):format(self.undo_name,
      problem) }, 0)
end

-- Records that a record has been created under `key`.
function Work:created(change, target, key)
  self:set_key(change, target, key)
  if self:is_dry(change) then return end
  if self.keeps_state then
    self:write_done(self.state.created, self.state, target.full, change.name, key)
  end
  if self.undo then
    self:write_done(append_created, self, plan_file.created_line(target.full, change.name, key))
  end
end

-- ---- one change ----

local bodies = {}

function bodies.update(self, change, target, verdict)
  local fields = verdict and verdict.fields or change.fields
  local key = change.key
  if verdict and verdict.key ~= nil then key = verdict.key end
  if self:awaits_dry_create(change, fields) then return self:shown(change) end
  local ok, err = self:resolve(change, fields)
  if not ok then return nil, err end
  local sent, record = send.update(change, target, key, fields, verdict and verdict.reading or change.reading)
  if not sent then
    -- The vendor has taken it, and shows something else: the next plan says so.
    if record.kind == "differs" then self:remember(change, fields) end
    return nil, record
  end
  if self:is_dry(change) then return true end
  self.results:changed(change, key, fields, record:pending(), "update")
  self:remember(change, fields)
  return true
end

function bodies.create(self, change, target, verdict)
  if verdict and verdict.adopted then
    self:created(change, target, verdict.key)
    return bodies.update(self, change, target, verdict)
  end
  if self:awaits_dry_create(change, change.fields) then return self:shown(change) end
  local ok, err = self:resolve(change, change.fields)
  if not ok then return nil, err end
  if self:keeps(change) then self:write(self.state.creating, self.state, target.full, change.name) end
  local created, record = send.create(change, target, change.fields)
  if self:is_dry(change) then return created, record end
  if created then
    local key = core.record.key(record)
    self.results:changed(change, key, change.fields, false)
    self:created(change, target, key)
    self:remember(change, change.fields)
    return true
  end
  err = record
  if err.record then -- it was created, and the response shows another value
    self:created(change, target, core.record.key(err.record))
    self:remember(change, change.fields)
  elseif err.outcome ~= "unknown" and self:keeps(change) then
    self:write(self.state.not_created, self.state, target.full, change.name)
  end
  return nil, err
end

function bodies.delete(self, change, target, verdict)
  local key = verdict and verdict.key
  if key == nil then key = change.key end
  if key == nil and change.name then key = self.keys[names.qualified(target.full, change.name)] end
  if key == nil then return true end -- it was never created
  local ok, err = send.delete(target, key)
  if not ok then return nil, err end
  if self:is_dry(change) then return true end
  self.results:changed(change, key, change.fields, false)
  if self.keeps_state then
    self:write_done(self.state.forget, self.state, change.address)
    if change.created then self:write_done(self.state.not_created, self.state, target.full, change.name) end
  end
  return true
end

--- Makes one change: true, or nil and an error value.
function Work:make(change)
  local verdict, target = self.verdicts[change], self.target_of(change)
  if verdict and verdict.err then return nil, verdict.err end
  if verdict and verdict.done then
    if change.action == "create" then self:created(change, target, verdict.key) end
    return true
  end
  if self:keeps(change) then self:write(self.state.hold, self.state) end
  return bodies[change.action](self, change, target, verdict)
end

return Work
