--- The credentials of a client: where they come from, and mistakes in them. No problem quotes one.

local core = require "patchbay.core"
local ascii = require "patchbay.util.ascii"
local is_callable = require("patchbay.util.check").is_callable

local credentials = {}

-- A text file may begin with it.
local BYTE_ORDER_MARK = "^\239\187\191"

-- The problem with a value that a person has copied or read from a file; nil if there is none.
local function problem_of_text(value)
  if value:find(BYTE_ORDER_MARK) then
    return "it begins with U+FEFF, the byte order mark of a text file; leave that out"
  elseif value:find "[\r\n]%s*$" then
    return 'it ends with a line end; read the file with file:read "*l", or cut it off'
  elseif value:find "^%s" or value:find "%s$" then
    return "there is white space around it; leave that out"
  end
  local invisible = core.text.invisible(value)
  if invisible then
    return ("it contains U+%04X, a character that cannot be seen; leave that out"):format(invisible)
  elseif value:find "[%z\1-\31\127]" then
    return "control characters (such as a line end) cannot stand in a header"
  elseif value == "***" then
    return "*** is what Patchbay shows instead of a secret; give the secret itself"
  end
end

-- The same for one that goes into the header of `auth`, the description's.
local function problem_in_header(value, auth)
  local prefix = (auth.prefix or ""):match "^%S+"
  local first = value:match "^([A-Za-z]+)%s"
  local word = first and ascii.lower(first)
  if first and (prefix and word == ascii.lower(prefix) or word == "bearer" or word == "basic") then
    return ('write it without "%s"%s'):format(first, prefix and ", which Patchbay adds" or "")
  elseif ascii.lower(value):find(ascii.lower(auth.header) .. ":", 1, true) == 1
    or value:find "^[Aa]uthorization:" then
    return "write the value alone, without the header's name"
  elseif value:find "^\".*\"$" or value:find "^'.*'$" then
    return "there are quotes around it; leave these out"
  elseif value:find "%s" then
    return "there is a blank in it, which cannot be"
  elseif value:find "[\128-\255]" then
    return "it has characters beyond ASCII, which no header can carry"
  end
end

-- Whether the credential goes into a header as it is. That of a login goes into its body.
local function is_in_header(api, name)
  if name == "token" then return true end
  return api.auth.scheme == "header"
end

--- The problem with the credentials of a client, or nil. `found`: option -> value; `given`: the options.
function credentials.problem(api, found, given)
  for _, credential in ipairs(api.credentials) do
    local name = credential[1]
    local value = found[name]
    if type(value) == "string" then
      local problem = problem_of_text(value) or is_in_header(api, name) and problem_in_header(value, api.auth)
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
  if any and (given.token or api.auth.needs == nil) then return found end
  local brought = type(transport) == "table" and type(transport.credentials) == "table"
    and transport.credentials[api.name]
  if brought and not any then
    for name, value in pairs(brought) do found[name] = value end
    return found
  end
  for _, credential in ipairs(api.credentials) do
    local name = credential[1]
    if found[name] == nil and not (any and name == "token") then
      local value = credential.env and os.getenv(credential.env)
      if value and value ~= "" then found[name] = value end
    end
  end
  return found
end

-- The problem with stored tokens that stand in for the credential `missing`, or nil.
local function problem_of_tokens(description, stored, missing)
  if not stored then return "missing " .. missing end
  local login = description.login
  if is_callable(stored) or type(stored[login.token]) == "string"
    or type(stored[login.refresh]) == "string" then
    return nil
  end
  return ("option tokens: neither %s nor %s is in it, and there is no %s to log in with"):format(login.token,
    login.refresh, missing)
end

--- The first of the credentials that the description needs and that are not given, or nil.
function credentials.missing(description, found)
  for _, name in ipairs(description.needs) do
    if not found[name] then return name end
  end
end

--- The problem of credentials that are not complete, or nil. `found`: option -> value; `tokens`: the option,
-- or nil.
function credentials.incomplete(description, found, tokens)
  local missing = credentials.missing(description, found)
  if not missing or description.scheme == "login" and found.token then return nil end
  if description.scheme == "login" then return problem_of_tokens(description, tokens, missing) end
  return "missing " .. missing
end

return credentials
