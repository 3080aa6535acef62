--- The calls that obtain tokens: the bodies that they send, and how their responses are read.

local core = require "patchbay.core"

local login_calls = {}

--- The token in a decoded response; or nil, a kind of error and the problem. `words(response)`: the vendor's
-- words in a response, quoted, or nil.
function login_calls.token_in(description, response, words)
  local login = description.login
  if type(response) ~= "table" then return nil, "protocol", "the login response is not an object" end
  local token = response[login.token]
  local successful = not login.successful or response[login.successful] ~= false
  if type(token) ~= "string" or token == "" or not successful then
    local said = words(response)
    return nil, "unauthorized", ("the login was not successful%s; check %s"):format(
      said and ": " .. said or "", table.concat(description.needs, " and "))
  end
  if token:find "[%c\127 ]" then
    return nil, "protocol", "the login response's token has characters that no header can carry"
  end
  return token
end

--- The members of a response that a script may store and give back as the option `tokens`.
function login_calls.storable(description, response)
  local tokens = {}
  for _, name in ipairs(description.stored or {}) do tokens[name] = response[name] end
  return tokens
end

-- Statuses that say nothing about the credentials.
local not_refusals = { [407] = true, [408] = true, [425] = true, [429] = true }

--- Whether the error value of a login says that the credentials were refused. Web servers do that with a
-- redirect to a page on which to log in, too.
function login_calls.is_refusal(err)
  if err.status and err.status >= 300 then return err.status <= 499 and not not_refusals[err.status] end
  return err.kind == "unauthorized" or err.kind == "rejected"
end

local function json_object(members, value_of)
  local parts = {}
  for i, member in ipairs(members) do
    parts[i] = core.json.encode(member[1]) .. ":" .. core.json.encode(value_of(member[2]))
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

-- The members of a call's body under other names, where the vendor does not document them and an option gives
-- some.
local function named(members, names)
  if not names then return members end
  local list = {}
  for i, member in ipairs(members) do list[i] = { names[member[2]] or member[1], member[2] } end
  return list
end

--- A function that makes a login call: obtain(call, endpoint, waited, refresh_token). `call`: `login` or
-- `refresh` of the description. Returns the decoded response, its Date header and the number of requests
-- sent; or nil and an error value.
function login_calls.new(description, credentials, deps)
  local settings = deps.settings
  local host = settings[description.host_option or ""] or deps.login_base
  return function(call, endpoint, waited, refresh_token)
    local names = call == description.login and settings[call.names_option or ""] or nil
    local body = json_object(named(call.body, names), function(name)
      if name == "endpoint" then return endpoint end
      if name == "refresh_token" then return refresh_token end
      return credentials[name]
    end)
    local text, err_or_date, attempts = deps.login(host .. call.path, call, body, waited)
    if not text then return nil, err_or_date end
    local response = core.json.decode(text)
    if type(response) ~= "table" then response = "" end -- it is no failure of the call, but no token either
    return response, err_or_date, attempts
  end
end

return login_calls
