--- The payload of an update, and the call that it goes out with.

local core = require "patchbay.core"
local incomplete = require "patchbay.record.incomplete"
local lazy = require "patchbay.util.lazy"

local diff = lazy "patchbay.record.diff"
local only_changed = lazy "patchbay.record.only_changed"
local whole_payload = lazy "patchbay.record.whole_payload"

local record = core.record

local payloads = {}

--- The payload of an update, whether it holds leaves alone, and the key; nil without assignments; nil and an
-- error value when it cannot be sent. Raises at `level` when a list was changed in place into an invalid
-- one.
function payloads.of(self, collection, plan, options, level)
  local leaves = plan.leaves
  if options.nested then leaves = options.nested == "leaves" end
  local body, key, last = record.payload(self, plan.key_in_body, false, leaves, false, true)
  if body then
    if last and not leaves and collection.resource.compound then
      local unknown, why = incomplete.below(self, record.state(self) or {}), nil
      if not unknown then
        unknown, why = incomplete.unsure(self)
      end
      if unknown then return nil, incomplete.in_part(self, collection, plan, unknown, why) end
    end
    if plan.resent then
      local err = incomplete.lacking(self, collection, plan, plan.resent)
      if err then return nil, err end
    end
    local merged = plan.whole and (leaves and record.payload(self, plan.key_in_body, false, false, false)
      or not leaves and body)
    if merged then
      local err = whole_payload.problem(plan, collection:subject_of(plan, self), merged)
      if err then return nil, err end
    end
    return body, leaves, key
  end
  local problem = key
  if problem == "nothing" then return nil end
  if problem == "incomplete" then
    return nil, incomplete.in_part(self, collection, plan, (last:gsub("^[^.]*%.", "")))
  end
  error(last, level + 1)
end

--- The same with the option `changed_only`: without the assignments that change nothing, which come fourth,
-- and fifth the payload for people, nil where it is made of all assignments.
function payloads.of_changed(self, collection, plan, options, level)
  local problem = diff.problem(self) -- raised here, as the levels below it are unknown
  if problem then error(problem, level + 1) end
  local unchanged, shown = only_changed.unchanged(self), nil
  local body, leaves, key = only_changed.without(self, unchanged, function()
    local text, second, third = payloads.of(self, collection, plan, options, 0)
    if text and unchanged[1] then shown = record.payload(self, plan.key_in_body, false, second, true) end
    return text, second, third
  end)
  return body, leaves, key, unchanged, shown
end

--- The call of the next update, to be shown; or nil, and an error value where it cannot be sent. `options`:
-- those of record:request().
function payloads.call(self, collection, plan, options, level)
  local body, leaves, key, shown, _
  if options.changed_only then
    body, leaves, key, _, shown = payloads.of_changed(self, collection, plan, options, level + 1)
  else
    body, leaves, key = payloads.of(self, collection, plan, options, level + 1)
  end
  if not body then return nil, leaves end
  local call = collection:call(plan, key, options, self, body, leaves)
  if shown then call.shown_payload = shown end
  return call
end

return payloads
