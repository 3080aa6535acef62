--- Error values of kind "differs".

local errors = require "patchbay.errors"
local rendering = require "patchbay.util.lazy" "patchbay.record.rendering"

-- The number of fields of which a message says: TrunkIp1 is "1.1.1.1", not "2.2.2.2".
local NAMED = 3

local function shown_differences(differs)
  local parts = {}
  for i, entry in ipairs(differs) do
    if i > NAMED then
      parts[i] = ("and %d more"):format(#differs - NAMED)
      break
    end
    parts[i] = rendering.difference(entry)
  end
  return table.concat(parts, ", ")
end

--- The error value of a response that shows other values than were sent. `start`: the first words of the
-- message; `status` and `body`: of the response, secrets masked, or nil.
return function(collection, start, differs, attempts, status, body)
  local first = differs[1].field
  local readable = collection:plan "get"
  return errors.new {
    kind = "differs", outcome = "unknown", differs = differs, field = first, attempts = attempts,
    status = status, body = body,
    message = ("%s: the response shows another value than was sent: %s; %sif the vendor's responses "
      .. 'cannot be relied on there, make the client with unreliable = { "%s.%s" }'):format(start,
      shown_differences(differs), readable and "confirm() reads it back; " or "", collection.name, first),
  }
end
