--- Mistakes in a credential that a person has copied or read from a file. No problem quotes one.

local core = require "patchbay.core"
local ascii = require "patchbay.util.ascii"

local credential_text = {}

-- A text file may begin with it.
local BYTE_ORDER_MARK = "^\239\187\191"

--- The problem with a credential (text), wherever it is sent; nil if there is none.
function credential_text.problem(value)
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

--- The same for a key or token, which consists of visible ASCII characters. `auth`: the description's, which
-- names the header that carries it.
function credential_text.problem_of_token(value, auth)
  local problem = credential_text.problem(value)
  if problem then return problem end
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

--- The problem with stored tokens (the option `tokens`, or what its function returned), with the member's
-- name; nil if there is none.
function credential_text.problem_of_stored(tokens, auth)
  for _, name in ipairs { auth.login.token, auth.login.refresh } do
    local value = tokens[name]
    local problem
    if type(value) == "string" then
      problem = credential_text.problem_of_token(value, auth)
    elseif value ~= nil and value ~= core.json.null then
      problem = "expected a string, got a " .. type(value)
    end
    if problem then return name .. ": " .. problem end
  end
end

return credential_text
