--- The option `wait` of an update: reads until the response shows the values that were sent.

local core = require "patchbay.core"
local differing = require "patchbay.record.differing"
local errors = require "patchbay.errors"
local readback = require "patchbay.record.readback"
local text = require "patchbay.util.text"
local value_at = require "patchbay.util.value_at"

local record, json = core.record, core.json

-- Whether a field that does not show the value that was sent still shows its former one: `former`, the state
-- from before the change, or, where that is not known, the first that was read.
local function is_former(resource, field, former, first, reading)
  local before = former and value_at(former, field)
  if before == nil then before = first and value_at(first.fields, field) end
  local now = value_at(reading.fields, field)
  if before == nil or now == nil then return true end
  local name = field:match "^[^.]*"
  if name ~= field then return json.encode(before) == json.encode(now) end
  return record.same(resource.schema, name, before, now)
end

-- Whether a read may come to show any of the fields that it does not show, or not so that they can be
-- compared.
local function can_be_seen(collection, result)
  for _, field in ipairs(result.unverifiable) do
    if not collection.resource.unseen[field:match "^[^.]*"] then return true end
  end
  return false
end

--- Reads until the sent values are shown, at most `options.wait` seconds long. Returns the last reading, and
-- whether any of them can be shown at all; or nil, an error value, and the last reading where it shows a
-- value that was neither there before nor sent. `former`: the state from before the change, or nil.
return function(self, collection, plan, sent, former, options)
  local host, seconds = collection.context.host, options.wait
  local till, pause = host:clock() + seconds, 0.5
  local first
  while true do
    local reading, err = collection:read(record.key(self), options, self)
    if not reading and err.kind ~= "not_found" then
      err.outcome = "unknown" -- of the change, whatever became of reading
      err.message = err.message .. "; the change was accepted before, and is not confirmed"
      return nil, err
    end
    local result = reading and readback.compare(collection, sent, reading)
    if result and #result.differs == 0 and (#result.confirmed > 0 or not can_be_seen(collection, result)) then
      return reading, #result.confirmed > 0
    end
    first = first or reading
    local left = till - host:clock()
    if left <= 0 then
      for _, entry in ipairs(result and result.differs or {}) do
        if not is_former(collection.resource, entry.field, former, first, reading) then
          return nil, differing(collection, ("%s: accepted, but after %s s"):format(
            collection:subject_of(plan, self), text.of(seconds)), result.differs), reading
        end
      end
      return nil, errors.new {
        kind = "pending", outcome = "unknown",
        message = ("%s: accepted, but after %s s it cannot be read back; the assignments are kept; call "
          .. "confirm() or update() later"):format(collection:subject_of(plan, self), text.of(seconds)),
      }
    end
    host:sleep(math.min(pause, left))
    pause = math.min(pause * 2, 10)
  end
end
