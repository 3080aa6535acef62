--- Authentication, by the schemes that the descriptions of vendors name:
--
--   scheme = "header"  a fixed credential in a header (auth/header.lua)
--   scheme = "login"   a token obtained with a call (auth/login.lua)
--
-- An authentication offers
--   headers(url)                the headers of a request (always the same table while they are the same),
--                               or nil and an error value
--   is_good(url, headers)       whether headers(url) would return these at once
--   renew(url, status, used, renewed, explain)   a call with the headers `used` failed with `status`.
--                               `renewed`: these headers came from an earlier renew() of the same call;
--                               `explain()`: returns the error value. Returns whether the call may be
--                               retried with new headers
--   accepted(url, used, renewed)     a call was accepted; needed only while `watching` is set
--   watching                    whether an acceptance would change anything
--   secrets()                   list of what must never be shown
--   hint                        the remedy when it is refused all the same; may be nil
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
--   now(), clock()      Unix seconds; seconds of a clock that is never set
--   once(key, work)     does the work once for all callers that ask for the same key at the same time
--   secret_options      option name -> true
--   login(url, call, body, waited)   -> the response's text, and its Date; or nil and an error value.
--                       `waited`: seconds that passed while another worker logged in
--   told(tokens)        passes new tokens to the hook on_tokens
--   words(response)     the vendor's words in a decoded response, quoted and masked, or nil
--   shared              shared by the workers of this machine that use the account, or nil: get(name),
--                       put(name, text, seconds) and alone(name, work)
-- Returns nil and the problem when credentials are missing or cannot be used.
function auth.new(description, credentials, deps)
  for name, value in pairs(credentials) do
    if deps.secret_options[name] and type(value) == "string" then
      local good, why = check_header_value(name, value)
      if not good then return nil, why end
    end
  end
  return require("patchbay.auth." .. description.scheme).new(description, credentials, deps)
end

return auth
