--- HTTP Basic authentication (RFC 7617): a user name and a password in Base64, as UTF-8.

local core = require "patchbay.core"
local header = require "patchbay.auth.header"

local basic = {}

local HEADER = { header = "Authorization", prefix = "Basic " }

--- The authentication with the credentials that `description` (the `auth` of a vendor) names as `user` and
-- `password`. `deps`: see auth/init.lua.
function basic.new(description, credentials, deps)
  local user, password = description.user, description.password
  local secret = credentials[password]
  local pair = credentials[user] .. ":" .. secret
  local self = header.fixed(HEADER, nil, core.text.base64(pair), deps,
    { subject = ("%s and %s were"):format(user, password),
      hint = ("check %s and %s"):format(user, password) })
  -- The core finds the pair in Base64, too.
  function self.secrets() return { secret, pair } end
  return self
end

return basic
