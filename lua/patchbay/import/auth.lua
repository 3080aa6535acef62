--- Authentication out of a document's security schemes: a bearer token, HTTP Basic, or a key in a header.
-- The token of OAuth 2.0 and OpenID Connect is a bearer token (RFC 6750), which a script gets elsewhere.

local members = require "patchbay.import.members"

local auth = {}

local TOKENS = { oauth2 = true, openidconnect = true }

local HEADER = "^[!#$%%&'*+.^_`|~0-9A-Za-z-]+$"

-- The meaning of a scheme for a description: its kind, or nil and the problem.
local function kind_of(scheme)
  if not members.is_object(scheme) then return nil, "it is no object" end
  local kind, name = scheme.type, type(scheme.scheme) == "string" and scheme.scheme:lower() or nil
  if kind == "http" and (name == "bearer" or name == "basic") then return name end
  if type(kind) == "string" and TOKENS[kind:lower()] then return "bearer" end
  if kind == "apiKey" and scheme["in"] == "header" and type(scheme.name) == "string"
    and scheme.name:find(HEADER) and #scheme.name <= 100 then
    return "header " .. scheme.name:lower()
  elseif kind == "apiKey" then
    return nil, ("its key is sent in a %s"):format(tostring(scheme["in"]):sub(1, 20))
  end
  return nil, ("it is %s%s"):format(tostring(kind):sub(1, 20), name and " " .. name:sub(1, 20) or "")
end

-- The kind for a scheme of the document, or nil and the problem.
local function kind_named(document, name)
  local scheme, problem = document.references:follow(members.is_object(document.schemes)
    and document.schemes[name])
  if not scheme then return nil, problem or "the document does not describe it" end
  return kind_of(scheme)
end

-- The kinds that satisfy a list of requirements, each by itself: a set; true for none at all.
local function kinds_in(document, requirements)
  local kinds, order, problems = {}, {}, {}
  for _, requirement in ipairs(members.is_list(requirements) and requirements or {}) do
    if members.is_object(requirement) then
      if requirement[1] == nil then
        kinds.none = true
      elseif requirement[2] == nil then
        local kind, problem = kind_named(document, requirement[1])
        if kind and not kinds[kind] then order[#order + 1] = { kind, requirement[1] } end
        if kind then kinds[kind] = true else problems[#problems + 1] = requirement[1] .. ": " .. problem end
      else
        problems[#problems + 1] = "several schemes at once"
      end
    end
  end
  return kinds, order, problems
end

-- The schemes of the document in its order, where it has no requirement for all operations.
local function every_scheme(document)
  local order, problems, seen = {}, {}, {}
  for _, name in members.each(document.schemes) do
    local kind, problem = kind_named(document, name)
    if kind and not seen[kind] then order[#order + 1] = { kind, name } end
    if kind then seen[kind] = true else problems[#problems + 1] = name .. ": " .. problem end
  end
  return order, problems
end

local function described(kind, scheme, prefix)
  if kind == "basic" then
    return { scheme = "basic", user = "user", password = "password" }, {
      { "user", type = "string", minLength = 1, env = prefix .. "_USER" },
      { "password", type = "string", minLength = 1, env = prefix .. "_PASSWORD", secret = true } }
  end
  local name = kind == "bearer" and "token" or "api_key"
  return { scheme = "header", header = kind == "bearer" and "Authorization" or scheme.name,
    prefix = kind == "bearer" and "Bearer " or nil, needs = { name } },
    { { name, type = "string", minLength = 1, env = prefix .. "_" .. name:upper(), secret = true } }
end

--- The keywords `auth` and `credentials` for the vendor `name`, the kind that operations have to accept, and
-- the scheme's name where its token has to be got elsewhere; or nil, nil and the problem.
function auth.of(document, name)
  local _, order, problems = kinds_in(document, document.security)
  if not order[1] and not members.is_list(document.security) then order, problems = every_scheme(document) end
  local first = order[1]
  if not first then
    return nil, nil, problems[1] and "none of its security schemes can be used: " .. table.concat(problems,
      "; ", 1,
      math.min(#problems, 3)) or "it has no security scheme"
  end
  local scheme = document.references:follow(document.schemes[first[2]])
  local made, credentials = described(first[1], scheme, name:upper())
  return made, credentials, first[1], scheme.type ~= "http" and scheme.type ~= "apiKey" and first[2] or nil
end

--- The reason why an operation cannot be used with the kind of authentication `kind`; nil: it can.
function auth.problem_of(document, operation, kind)
  if operation.security == nil or not kind then return nil end
  local kinds, _, problems = kinds_in(document, operation.security)
  if kinds[kind] or kinds.none or not members.is_list(operation.security) then return nil end
  if operation.security[1] == nil then return nil end
  return "it needs another authentication than the other operations" .. (problems[1] and ": " .. problems[1]
    or "")
end

return auth
