--- The names of the secret members in a client's requests and responses.

local holds_secret = require "patchbay.util.holds_secret"
local redact = require "patchbay.exchange.redact"

-- Adds the names of the secret fields of an object with these `rules`, and of the objects in it, to `names`.
-- `seen`: the rules that have been gone through, as parts may be shared.
local function add_secret(names, rules, seen)
  if type(rules) ~= "table" or seen[rules] then return end
  seen[rules] = true
  for _, field in ipairs(rules.fields or rules.properties or {}) do
    if holds_secret(field) then
      names[#names + 1] = field[1]
      for _, name in ipairs(field.also or {}) do names[#names + 1] = name end
    end
    add_secret(names, field, seen)
  end
  add_secret(names, rules.items, seen)
  add_secret(names, rules.additionalProperties, seen)
  for _, branch in ipairs(rules.oneOf or rules.anyOf or {}) do add_secret(names, branch, seen) end
end

--- The set (see redact.names) of the names of members that are secret anywhere in this vendor's JSON, or in a
-- login body whose names an option gives.
return function(api, settings)
  local names = {}
  for _, described in pairs(api.resources) do add_secret(names, described, {}) end
  for _, name in ipairs(api.auth.secret_names or {}) do names[#names + 1] = name end
  local login = api.auth.login or {}
  local renamed = settings[login.names_option or ""] or {}
  for _, credential in ipairs(api.credentials) do
    local name = renamed[credential[1]]
    if credential.secret and name then names[#names + 1] = name end
  end
  return redact.names(names)
end
