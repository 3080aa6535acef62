--- The credentials of a client: where they come from, and mistakes in them. No problem quotes one.

local credential_text = require "patchbay.auth.credential_text"
local is_callable = require("patchbay.util.check").is_callable

local credentials = {}

-- Whether the credential goes into a header as it is. That of a login goes into its body.
local function is_in_header(api, name)
  if api.auth.scheme == "login" then return name == "token" end
  return api.auth.scheme == "header" and name == api.auth.needs[1]
end

-- The problem with a user name of Basic authentication, or nil: a colon ends it (RFC 7617, section 2).
local function problem_of_user(value, name, auth)
  if auth.scheme == "basic" and name == auth.user and value:find(":", 1, true) then
    return "a user name of HTTP Basic authentication cannot have a colon in it; give the user name alone, "
      .. "and the password as " .. auth.password
  end
end

--- The names of the credentials that `auth`, the description's, cannot do without.
function credentials.needed(auth)
  if auth.scheme == "basic" then return { auth.user, auth.password } end
  return auth.needs
end

--- The header that carries the credential or token of `auth`, and the text before it.
function credentials.header(auth)
  if auth.scheme == "basic" then return "Authorization", "Basic " end
  return auth.header, auth.prefix or ""
end

--- The problem with the credentials of a client, or nil. `found`: option -> value; `given`: the options.
function credentials.problem(api, found, given)
  for _, credential in ipairs(api.credentials) do
    local name = credential[1]
    local value = found[name]
    if type(value) == "string" then
      local problem
      if is_in_header(api, name) then
        problem = credential_text.problem_of_token(value, api.auth)
      else
        problem = credential_text.problem(value) or problem_of_user(value, name, api.auth)
      end
      if problem then
        local from = given[name] == nil and os.getenv(credential.env or "") == value
        return ("%s%s: %s"):format(name, from and " (" .. credential.env .. ")" or "", problem)
      end
    end
  end
end

--- The credentials of a client (option -> value): given, or else from the environment, or else the
-- transport's. A given token needs no others.
function credentials.find(api, given, transport)
  local found, any = {}, false
  for _, credential in ipairs(api.credentials) do
    found[credential[1]] = given[credential[1]]
    any = any or given[credential[1]] ~= nil
  end
  local token = api.auth.scheme == "login" and given.token
  if any and (token or credentials.needed(api.auth) == nil) then return found end
  local brought = type(transport) == "table" and type(transport.credentials) == "table"
    and transport.credentials[api.name]
  if brought and not any then
    for name, value in pairs(brought) do found[name] = value end
    return found
  end
  for _, credential in ipairs(api.credentials) do
    local name = credential[1]
    local is_token = api.auth.scheme == "login" and name == "token"
    if found[name] == nil and credential.env and not (any and is_token) then
      local value = os.getenv(credential.env)
      if value ~= "" then found[name] = value end
    end
  end
  return found
end

-- The problem with stored tokens, which stand in for the credential `missing` (nil: they need not), or nil.
local function problem_of_tokens(description, stored, missing)
  if not stored then return missing and "missing " .. missing end
  local login = description.login
  local problem = not is_callable(stored) and credential_text.problem_of_stored(stored, description)
  if problem then return "option tokens: " .. problem end
  if not missing then return nil end
  if is_callable(stored) or type(stored[login.token]) == "string"
    or type(stored[login.refresh]) == "string" then
    return nil
  end
  local lacking = login.refresh and ("neither %s nor %s is in it"):format(login.token, login.refresh)
    or ("%s is not in it"):format(login.token)
  return ("option tokens: %s, and there is no %s to log in with"):format(lacking, missing)
end

--- The first of the credentials that the description needs and that are not given, or nil.
function credentials.missing(description, found)
  for _, name in ipairs(credentials.needed(description)) do
    if not found[name] then return name end
  end
end

--- The problem of credentials that are not complete, or nil. `found`: option -> value; `tokens`: the option,
-- or nil.
function credentials.incomplete(description, found, tokens)
  local missing = credentials.missing(description, found)
  if description.scheme == "login" then
    return problem_of_tokens(description, tokens, not found.token and missing or nil)
  end
  return missing and "missing " .. missing or nil
end

return credentials
