-- Checks the credentials of calls as a description's `auth` says.

local base64 = require "patchbay.sandbox.base64"
local tokens = require "patchbay.sandbox.generic.tokens"
local ascii = require "patchbay.util.ascii"
local check = require "patchbay.util.check"

local auth = {}

-- Each makes the function `refusal` and the `tokens` of auth.new.
local schemes = {}

-- The problem of a call without the expected header; nil where it has it.
local function header_check(name, expected)
  name = ascii.lower(name)
  return function(call)
    local given = call.headers[name]
    if given == expected then return nil end
    return { status = 401,
      message = given and "The credentials are not valid." or "Authentication is required." }
  end
end

function schemes.header(description, credentials)
  local credential = credentials[description.needs[1]]
  return header_check(description.header, (description.prefix or "") .. tostring(credential))
end

function schemes.basic(description, credentials)
  local pair = credentials[description.user] .. ":" .. credentials[description.password]
  return header_check("Authorization", "Basic " .. base64.encode(pair))
end

function schemes.login(description, credentials, context)
  local issued = tokens.new(context, description, credentials)
  return function(call) return issued:refusal(call) end, issued
end

-- A rule (see util/check.lua) for the name of a scheme.
auth.is_scheme = check.one_of { "header", "basic", "login" }

-- An authentication for the vendor that `description` describes: { refusal(call) -> nil, or the problem;
-- tokens = those of the scheme "login", or nil }.
function auth.new(context, description, credentials)
  local described = description.auth
  if not described then return { refusal = function() end } end
  local refusal, issued = schemes[described.scheme](described, credentials, context)
  return { refusal = refusal, tokens = issued }
end

return auth
