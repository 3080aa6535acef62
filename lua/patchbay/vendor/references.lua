--- Checks the names in a description that point to something else in it: credentials, options, fields and
-- collections; and names that two things would have. The description is a valid copy made by
-- vendor/reader.lua; a part that a fault has taken away is not reported as missing.

local ascii = require "patchbay.util.ascii"
local known_options = require "patchbay.client.known_options"
local faults = require "patchbay.vendor.faults"

local references = {}

local function set_of(list)
  local set, names = {}, {}
  for i, entry in ipairs(list or {}) do set[entry[1]], names[i] = entry, entry[1] end
  return set, names
end

-- ---- credentials and options ----

-- No message quotes a name where a credential's is expected: a person may have written the credential itself.
local function check_credential(found, name, by_name, names, path, others)
  if by_name[name] or others and others[name] then return end
  found:add(path, "no credential of this name; the name of one stands here, never its value; credentials "
    .. "are %s", table.concat(names, ", "))
end

local function check_needs(found, auth, by_name, names)
  local needed = {}
  for i, name in ipairs(auth.needs or {}) do
    check_credential(found, name, by_name, names, faults.at("auth.needs", i))
    needed[name] = true
  end
  return needed
end

-- Members of a login's body that are no credentials.
local FOR_LOGIN, FOR_REFRESH = { endpoint = true }, { endpoint = true, refresh_token = true }

local function check_body(found, auth, name, needed, by_name, names)
  local others = name == "refresh" and FOR_REFRESH or FOR_LOGIN
  for i, pair in ipairs(auth[name] and auth[name].body or {}) do
    local value, at = pair[2], ("auth.%s.body[%d]"):format(name, i)
    if value then
      check_credential(found, value, by_name, names, at, others)
      if by_name[value] and not needed[value] then
        found:add(at, "%s may be left out of a client's options, and the body needs it; write it into "
          .. "auth.needs, too", value)
      end
      if value == "endpoint" and auth.scope ~= "endpoint" then
        found:add(at, 'the token is for no single endpoint; write scope = "endpoint", or take the member out')
      end
    end
  end
end

-- Headers that every request has anyway, in lower case.
local OWN_HEADERS = { ["content-type"] = true, accept = true, host = true, ["content-length"] = true,
  ["transfer-encoding"] = true, connection = true, ["user-agent"] = true }

local function check_option(found, name, by_name, names, path, type_name)
  if not name then return end
  local option = by_name[name]
  if not option then
    found:add(path, "%s is no option; it names one of options; %s", faults.quote(name),
      found:suggestion(name, names, "options"))
  elseif option.type ~= type_name and not found.incomplete[option] then
    found:add(path, 'the option %s has to have type = "%s"', name, type_name)
  end
end

local function check_login(found, api, needed, by_name, names)
  local auth, options, option_names = api.auth, set_of(api.options)
  check_body(found, auth, "login", needed, by_name, names)
  check_body(found, auth, "refresh", needed, by_name, names)
  check_option(found, auth.host_option, options, option_names, "auth.host_option", "string")
  local login = auth.login or {}
  check_option(found, login.names_option, options, option_names, "auth.login.names_option", "object")
  if auth.refresh and auth.login and not login.refresh then
    found:add("auth.login.refresh", "missing; auth.refresh needs the member of the response that holds the "
      .. 'refresh token; write refresh = "refresh_token"')
  end
  if login.expiry_format and not login.expiry then
    found:add("auth.login.expiry", "missing; expiry_format says how it is written")
  end
end

local function check_auth(found, api)
  local auth = api.auth
  local by_name, names = set_of(api.credentials)
  if not auth or not names[1] then return end
  local needed = check_needs(found, auth, by_name, names)
  if auth.scheme == "basic" then
    check_credential(found, auth.user or "", by_name, names, "auth.user", { [""] = true })
    check_credential(found, auth.password or "", by_name, names, "auth.password", { [""] = true })
  elseif auth.scheme == "login" then
    check_login(found, api, needed, by_name, names)
  elseif auth.needs and auth.needs[2] then
    found:add("auth.needs", 'scheme = "header" sends one credential, and there are %d; leave one',
      #auth.needs)
  end
  if auth.header and OWN_HEADERS[ascii.lower(auth.header)] then
    found:add("auth.header", "%s is a header that every request has; write the one that carries the "
      .. 'credential, such as "Authorization"', auth.header)
  end
end

local function check_option_names(found, api)
  local taken, variables = {}, {}
  for _, option in ipairs(known_options.common) do taken[option[1]] = "every client has this option" end
  for _, group in ipairs { "credentials", "options" } do
    for _, option in ipairs(api[group] or {}) do
      local name = option[1]
      local at = faults.at(group, name or "?")
      if name and taken[name] then
        found:add(at, "%s; options have names of their own; write another name", taken[name])
      elseif name then
        taken[name] = group == "credentials" and "a credential has this name" or nil
      end
      if option.env and variables[option.env] then
        found:add(faults.at(at, "env"), "%s gives %s already; write another variable", option.env,
          variables[option.env])
      end
      if option.env then variables[option.env] = name end
      if group == "credentials" and option.type and option.type ~= "string" then
        found:add(faults.at(at, "type"), 'expected "string", got %s; credentials are texts',
          faults.quote(option.type))
      end
    end
  end
end

-- ---- resources ----

-- Words of Lua, which cannot stand behind the dot of client.calls.
local LUA_WORDS = {}
for word in ("and break do else elseif end false for function goto if in local nil not or repeat return then "
  .. "true until while"):gmatch "%l+" do
  LUA_WORDS[word] = "a word of Lua"
end

local function check_collection_names(found, api)
  for _, group in ipairs { "resources", "lookups" } do
    for _, name in ipairs(faults.names(api[group] or {})) do
      local why = LUA_WORDS[name] or name == "call" and "client:call(…)"
        or group == "lookups" and (api.resources or {})[name] and "a collection of this client"
      if why then found:add(faults.at(group, name), "it is %s; write another name", why) end
    end
  end
end

-- The type of a key that can stand in an address.
local KEY_TYPES = { string = true, integer = true }

local function check_key(found, resource, path)
  if not resource.key or not resource.fields then return end
  local by_name, names = set_of(resource.fields)
  local field = by_name[resource.key]
  path = faults.at(path, "key")
  if not field then
    if found.incomplete[resource] then return end
    return found:add(path, "%s is no field; the key is one of fields; %s", faults.quote(resource.key),
      found:suggestion(resource.key, names, "fields"))
  end
  if found.incomplete[field] then return end
  local at = ("the field %s "):format(faults.quote(resource.key))
  if not KEY_TYPES[field.type] then
    found:add(path, '%shas to have type = "string" or "integer", as a key stands in addresses; write one', at)
  end
  if not field.readOnly then
    found:add(path, "%shas to be readOnly, as an update cannot change it; write readOnly = true", at)
  end
  if field.secret then
    found:add(path, "%scannot be secret, as a key stands in addresses and logs; take secret out", at)
  end
  for _, keyword in ipairs { "undocumented", "nullable", "refused" } do
    if field[keyword] then
      found:add(path, "%scannot be %s, as every record has its key; take %s out", at, keyword, keyword)
    end
  end
end

local function check_within(found, api, resource, path)
  local options, option_names = set_of(api.options)
  for name, credential in pairs((set_of(api.credentials))) do
    options[name], option_names[#option_names + 1] = credential, name
  end
  table.sort(option_names)
  for _, parameter in ipairs(resource.within or {}) do
    local name = parameter[1] or "?"
    local at = faults.at(faults.at(path, "within"), name)
    if name == "key" then
      found:add(at, "{key} stands for the key of a record; write the parameter's own name")
    end
    if not KEY_TYPES[parameter.type] and not found.incomplete[parameter] then
      found:add(faults.at(at, "type"), 'expected "string" or "integer", as it stands in addresses')
    end
    local option = parameter.option
    if option and not options[option] then
      found:add(faults.at(at, "option"), "no credential or option of this name; it names the one that gives "
        .. "the value; %s", found:suggestion(option, option_names, "they"))
    elseif option and options[option].secret then
      found:add(faults.at(at, "option"), "%s is secret, and the parameter stands in addresses and logs; name "
        .. "another", option)
    end
  end
end

local function check_verified(found, api, resource, path)
  for _, field in ipairs(resource.fields or {}) do
    if field.verified and not (api.lookups or {})[field.verified] then
      found:add(faults.at(faults.at(faults.at(path, "fields"), field[1] or "?"), "verified"),
        "%s is no lookup; it names one of lookups; %s", faults.quote(field.verified),
        found:suggestion(field.verified, faults.names(api.lookups or {}), "lookups"))
    end
  end
end

local function check_used_by(found, api, resource, path)
  for _, use in ipairs(resource.used_by or {}) do
    local at = faults.at(path, "used_by")
    local collection, name = use:match "^([^.]+)%.(.+)$"
    local other = api.resources[collection]
    if not other then
      found:add(at, "%s: there is no collection %s; %s", faults.quote(use), faults.quote(collection),
        found:suggestion(collection, faults.names(api.resources), "collections"))
    elseif other.fields then
      local by_name, names = set_of(other.fields)
      if not by_name[name] then
        found:add(at, "%s: %s has no field %s; %s", faults.quote(use), collection, faults.quote(name),
          found:suggestion(name, names, "its fields"))
      end
    end
    if not resource.key then
      found:add(at, "the resource has no key that a field could hold; take it out, or name the field in key "
        .. "= …")
      return
    end
  end
end

--- Adds the faults of names that point nowhere, or to two things, to `found`.
function references.check(found, api)
  check_option_names(found, api)
  check_auth(found, api)
  if not api.resources then return end
  check_collection_names(found, api)
  for _, name in ipairs(faults.names(api.resources)) do
    local resource, path = api.resources[name], faults.at("resources", name)
    check_key(found, resource, path)
    check_within(found, api, resource, path)
    check_verified(found, api, resource, path)
    check_used_by(found, api, resource, path)
  end
end

return references
