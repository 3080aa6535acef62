--- Authentication out of a document's security schemes: a bearer token, HTTP Basic, or a key in a header.
-- The token of OAuth 2.0 and OpenID Connect is a bearer token (RFC 6750), which a script gets elsewhere.

local members = require "patchbay.import.members"
local secrets = require "patchbay.import.secrets"

local auth = {}

-- Requirements of a document that has none.
local NOTHING = {}

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

-- The header that a kind fills.
local function header_of(kind) return kind:match "^header (.*)$" or "authorization" end

-- The kind of a requirement, which may be for several schemes at once, and the name of its scheme; or nil and
-- the problem. A request has one value of a header, so that schemes for the same header are one: that which
-- says how the value is made.
local function kind_together(document, requirement)
  local found, name
  if requirement[2] == nil then
    local kind, problem = kind_named(document, requirement[1])
    return kind, kind and requirement[1] or requirement[1] .. ": " .. problem
  end
  local problem = ("several schemes at once (%s), and a client sends one of them"):format(
    table.concat(requirement, ", ", 1, math.min(#requirement, 5)))
  for i = 1, #requirement do
    local kind = kind_named(document, requirement[i])
    if not kind then return nil, problem end
    if not found or found:find "^header " and header_of(found) == header_of(kind) then
      found, name = kind, requirement[i]
    elseif kind ~= found and kind ~= "header " .. header_of(found) then
      return nil, problem
    end
  end
  return found, name
end

-- The kinds that satisfy a list of requirements, each by itself: a set, in which `none` means none at all;
-- { kind, the scheme's name } in order; and the problems. Each list is read once.
local function kinds_in(document, requirements)
  local known = document.kinds_known
  if not known then
    known = {}
    document.kinds_known = known
  end
  -- Most lists are one scheme's name: they are one entry.
  local only = requirements[2] == nil and members.is_object(requirements[1]) and requirements[1] or nil
  local entry = only and only[1] ~= nil and only[2] == nil and only[1] or requirements
  local found = known[entry]
  if found then return found.kinds, found.order, found.problems end
  local kinds, order, problems = {}, {}, {}
  for _, requirement in ipairs(requirements) do
    if members.is_object(requirement) then
      if requirement[1] == nil then
        kinds.none = true
      else
        local kind, name = kind_together(document, requirement)
        if not kind then
          problems[#problems + 1] = name
        elseif not kinds[kind] then
          kinds[kind], order[#order + 1] = true, { kind, name }
        end
      end
    end
  end
  known[entry] = { kinds = kinds, order = order, problems = problems }
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

-- The entry that most operations accept, of several the first, and the number of these operations; those of
-- `more` come after those of `order`.
local function most_accepted(document, order, more)
  local counts, all = {}, {}
  for _, list in ipairs { order, more } do
    for _, entry in ipairs(list) do
      if not counts[entry[1]] then counts[entry[1]], all[#all + 1] = 0, entry end
    end
  end
  local as_all = 0
  local function add(requirements, number)
    local kinds = kinds_in(document, requirements)
    for kind in pairs(kinds) do
      if counts[kind] then counts[kind] = counts[kind] + number end
    end
  end
  for _, operation in ipairs(document.operations) do
    if operation.security == nil then
      as_all = as_all + 1
    elseif members.is_list(operation.security) then
      add(operation.security, 1)
    end
  end
  if members.is_list(document.security) then add(document.security, as_all) end
  local first = all[1]
  for _, entry in ipairs(all) do
    if counts[entry[1]] > counts[first[1]] then first = entry end
  end
  return first, first and counts[first[1]]
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
  local _, order, problems = kinds_in(document, members.is_list(document.security) and document.security
    or NOTHING)
  local more, more_problems = every_scheme(document)
  local first, accepted = most_accepted(document, order, more)
  if accepted == 0 and not order[1] and members.is_list(document.security) then first = nil end
  if not first then
    if not problems[1] then problems = more_problems end
    return nil, nil, problems[1] and "none of its security schemes can be used: " .. table.concat(problems,
      "; ", 1,
      math.min(#problems, 3)) or "it has no security scheme"
  end
  local scheme = document.references:follow(document.schemes[first[2]])
  local made, credentials = described(first[1], scheme, name:upper())
  return made, credentials, first[1], scheme.type ~= "http" and scheme.type ~= "apiKey" and first[2] or nil
end

--- The overlay's words for a document without authentication: those for the header with the name of a secret
-- that most operations take as a parameter, or else for a bearer token.
function auth.example(document)
  local counts, most = {}, nil
  for _, operation in ipairs(document.operations) do
    for _, parameter in ipairs(operation.parameters or {}) do
      local name = parameter["in"] == "header" and parameter.name
      local means_key = name and (secrets.is(name) or name:lower() == "authorization")
      if means_key and name:find(HEADER) and #name <= 100 then
        counts[name] = (counts[name] or 0) + 1
        if not most or counts[name] > counts[most] then most = name end
      end
    end
  end
  local prefix = (not most or most:lower() == "authorization") and ' prefix = "Bearer ",' or ""
  return ('auth = { scheme = "header", header = %q,%s needs = { "api_key" } }, credentials = { { "api_key", '
    .. 'type = "string", secret = true } }'):format(most or "Authorization", prefix)
end

--- The reason why an operation cannot be used with the kind of authentication `kind`; nil: it can.
function auth.problem_of(document, operation, kind)
  local security = operation.security
  if security == nil or not kind or not members.is_list(security) or security[1] == nil then return nil end
  local kinds, _, problems = kinds_in(document, security)
  if kinds[kind] or kinds.none then return nil end
  return ("it needs another authentication than the other operations%s; if that of the others is right for "
    .. "it, too, say auth and credentials in the overlay"):format(problems[1] and ": " .. problems[1] or "")
end

return auth
