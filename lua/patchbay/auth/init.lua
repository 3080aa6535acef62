--- Authentication, by the schemes that the descriptions of vendors name:
--
--   scheme = "header"  a fixed credential in a header (auth/header.lua)
--   scheme = "login"   a token obtained with a call (auth/login.lua)
--
-- An authentication offers
--   headers(url)               the headers of a request (the same table as long as they do not change),
--                              or nil and an error value
--   is_good(url, headers)      whether `headers` are still valid for the URL
--   renew(url, status, used)   whether a call with the headers `used` that was refused with `status` may be
--                              sent once more, with others
--   secrets()                  a list of what must never be shown
--   hint                       the remedy when it is refused all the same; may be nil
-- Secrets live in closures: no table that a script can reach holds them.

local auth = {}

-- HTTP allows some of these in a header's value; in a credential they are a mistake.
local function check_header_value(name, value)
  if value:find "[%z\1-\31\127]" then
    return nil, name .. ": control characters (such as a line end) cannot stand in a header"
  end
  return true
end

--- The authentication of one client. `credentials`: option name -> value. `deps`:
--   name, base_url      of the vendor, of the client
--   settings            the client's options
--   login_base          root of the login server
--   now()               Unix seconds
--   once(key, work)     does the work once for all callers with the same key at the same time
--   secret_options      option name -> true
--   login(url, call, body, waited)   returns the response's text, or nil and an error value; `waited`:
--                       seconds for which others logged in
--   shared              what other processes of this machine share for the account, or nil: get(name),
--                       put(name, text, seconds) and alone(name, work)
-- Returns nil and the problem when credentials are missing or cannot be used.
function auth.new(description, credentials, deps)
  for name, value in pairs(credentials) do
    if deps.secret_options[name] and type(value) == "string" then
      local ok, problem = check_header_value(name, value)
      if not ok then return nil, problem end
    end
  end
  return require("patchbay.auth." .. description.scheme).new(description, credentials, deps)
end

return auth
