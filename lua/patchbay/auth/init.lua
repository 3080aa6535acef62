--- Authentication, by the schemes that the descriptions of vendors name:
--
--   scheme = "header"  a fixed credential in a header (auth/header.lua)
--   scheme = "basic"   a user name and a password in a header (auth/basic.lua)
--   scheme = "login"   a token obtained with a call (auth/login.lua)
--
-- An authentication offers
--   headers(url)                the headers of a request (always the same table while they are the same),
--                               or nil and an error value
--   ready(url)                  these, where that takes no wait and no call; else nil
--   is_good(url, headers)       whether headers(url) would return these at once
--   renew(url, status, used, renewed, explain)   a call with the headers `used` failed with `status`.
--                               `renewed`: these headers came from an earlier renew() of the same call;
--                               `explain()`: returns the error value. Returns whether the call may be
--                               retried with new headers
--   accepted(url, used, renewed)     a call was accepted; needed only while `watching` is set
--   watching                    whether an acceptance would change anything
--   secrets()                   list of the texts that must never be shown
--   hint                        the remedy when it is refused all the same; may be nil
-- Secrets live in closures: no table that a script can reach holds them.

local require = require "patchbay.util.require"

local auth = {}

--- The authentication of one client, whose credentials are complete. `deps`:
--   name, base_url      of the vendor, of the client
--   settings            the client's options
--   now(), clock()      Unix seconds; seconds of a clock that is never set
--   secret_options      option name -> true
--   once(key, work)     does the work once for all callers that ask for the same key at the same time
--   login(url, call, body, waited)   -> the response's text, and its Date; or nil and an error value.
--                       `waited`: seconds that passed while another worker logged in
--   told(tokens)        passes new tokens to the hook on_tokens
--   words(response)     the vendor's words in a decoded response, quoted and masked, or nil
--   shared              the store that processes and machines of one account share, or nil: get(name), which
--                       may also return the seconds that are left and the age; put(name, text, seconds,
--                       renewable), which returns false where there is a newer text; alone(name, work);
--                       drop(name), if it has that, which removes the text that get() has returned; and
--                       `outlives`, whether it is there for later processes as well (see
--                       hosts/nginx/shared.lua, auth/token_cache.lua and shared/tokens.lua)
--   missing             the first credential that is needed and not given, or nil
function auth.new(description, credentials, deps)
  return require("patchbay.auth." .. description.scheme).new(description, credentials, deps)
end

return auth
