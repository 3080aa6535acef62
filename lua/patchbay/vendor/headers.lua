--- Checks the headers that an operation always sends: none may stand in for one that a client makes itself.

local ascii = require "patchbay.util.ascii"
local faults = require "patchbay.vendor.faults"

local headers = {}

-- Of the connection (RFC 9110, section 7), and of a client's own.
local OWN = { host = true, connection = true, ["content-length"] = true, ["transfer-encoding"] = true,
  te = true, trailer = true, upgrade = true, ["accept-encoding"] = true, authorization = true, cookie = true,
  traceparent = true }

local function header_of(api)
  local header = type(api.auth) == "table" and api.auth.header
  return type(header) == "string" and ascii.lower(header) or nil
end

--- Adds the faults of the headers of `operation` of the vendor `api`, which stands at `path`, to `found`.
function headers.check(found, api, operation, path)
  local taken, own = {}, header_of(api)
  for _, name in ipairs(faults.names(operation.headers or {})) do
    local lower, at = ascii.lower(name), faults.at(faults.at(path, "headers"), name)
    if OWN[lower] or lower == own then
      found:add(at, "a client makes it itself%s; take it out", (lower == own or lower == "authorization")
        and ", out of auth" or "")
    elseif taken[lower] then
      found:add(at, "the same as %s, as letter case does not count in names of headers; take one out",
        faults.quote(taken[lower]))
    end
    taken[lower] = taken[lower] or name
    local value = operation.headers[name]
    if lower == "content-type" and not value:lower():find "^application/[^;]*%+?json%s*$" then
      found:add(at, "bodies are JSON; write \"application/json\" or another type that ends with json")
    end
  end
end

return headers
