--- Authentication by a fixed credential in a header.

local header = {}

--- The headers of a request with `credential`. `description`: the `auth` of a vendor.
function header.with(description, credential)
  return {
    [description.header] = (description.prefix or "") .. credential,
    ["Content-Type"] = "application/json",
    Accept = "application/json",
  }
end

--- The authentication with `credential`, which the option `name` gave.
function header.fixed(description, name, credential)
  local headers = header.with(description, credential)
  return {
    headers = function() return headers end,
    is_good = function() return true end,
    renew = function() return false end,
    secrets = function() return { credential } end,
    hint = ("check %s: it may be wrong, have expired, or be for something else"):format(name),
  }
end

function header.new(description, credentials)
  local name = description.needs[1]
  if not credentials[name] then return nil, "missing " .. name end
  return header.fixed(description, name, credentials[name])
end

return header
