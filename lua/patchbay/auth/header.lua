--- A credential that stays the same, in a header.

local refusals = require "patchbay.auth.refusals"

local header = {}

--- The headers of a request that carries `credential` as `description` (the `auth` of a vendor) says.
function header.with(description, credential)
  return {
    [description.header] = (description.prefix or "") .. credential,
    ["Content-Type"] = "application/json",
    Accept = "application/json",
  }
end

-- Refusals in a row of a credential that has worked, until it is held: a 401 may be about one record.
local MOST_PROVEN = 10

--- The authentication with `credential`, which was given as the option `name`. `deps`: see auth/init.lua.
-- `words`: instead of those for one option, `hint` and `subject`, such as "the key was".
function header.fixed(description, name, credential, deps, words)
  local headers = header.with(description, credential)
  local count = refusals.new(MOST_PROVEN)
  local subject = words and words.subject or name .. " was"
  local self = {
    watching = true,
    is_good = function() return true end,
    secrets = function() return { credential } end,
    hint = words and words.hint
      or ("check %s: it may be wrong, have expired, or be for something else"):format(name),
  }

  function self.headers()
    local seconds = count.held_until and count:held(deps.clock())
    if seconds then return nil, count:not_sent(deps.name, subject, seconds) end
    return headers
  end

  function self.ready() return not count.held_until and headers or nil end

  function self.renew(_, status, _, _, explain)
    if status == 401 then
      count:refused(deps.clock(), explain)
      self.watching = true
    end
    return false
  end

  function self.accepted()
    count:accepted()
    self.watching = false
  end

  return self
end

function header.new(description, credentials, deps)
  local name = description.needs[1]
  return header.fixed(description, name, credentials[name], deps)
end

return header
