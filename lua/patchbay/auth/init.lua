--- Authentication, in the ways that the descriptions of vendors name:
--
--   scheme = "header"  a fixed credential in a header (auth/header.lua)
--   scheme = "login"   a token obtained with a call (auth/login.lua)
--
-- An authentication offers
--   headers(url)               the headers of a request (always the same table while they are the same),
--                              or nil and an error value
--   is_good(url, headers)      whether these are still what headers(url) gives at once
--   renew(url, status, used)   whether a call refused with `status`, made with the headers `used`, may
--                              be tried once more
--   secrets()                  list of what must never be shown
--   hint                       what to do when it was refused all the same; may be nil
-- Secrets live in closures: no table that a script can reach holds them.

local auth = {}

-- What HTTP allows in a field value, less what would only be a mistake in a credential.
local function check_header_value(name, value)
  if value:find "[%c\127]" then
    return nil, name .. ": control characters (such as a line end) cannot stand in a header"
  end
  return true
end

--- The authentication of one client. `credentials`: option name -> value. `context`:
--   name, base_url      of the vendor, of the client
--   settings            the client's options
--   now()               Unix seconds
--   once(key, work)     does the work once for all that ask for the same key at the same time
--   secret_options      option name -> true
--   login(url, call, body, waited)   -> the answer's text, or nil and an error value; `waited`: seconds for
--                       which others were at it
--   shared              what others of this machine that use the account have in common with us, or nil:
--                       get(name), put(name, text, seconds) and alone(name, work)
-- Returns nil and what is wrong when credentials are missing or cannot be used.
function auth.new(description, credentials, context)
  for name, value in pairs(credentials) do
    if context.secret_options[name] and type(value) == "string" then
      local good, why = check_header_value(name, value)
      if not good then return nil, why end
    end
  end
  return require("patchbay.auth." .. description.scheme).new(description, credentials, context)
end

return auth
