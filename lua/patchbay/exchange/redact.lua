--- Masks secrets in everything that a person may read. The core does it (src/mask), in one pass: as they are,
-- escaped as in JSON, URLs or HTML, in Base64 and in hexadecimal digits, and two thirds of a longer one; and
-- the user names and passwords of addresses.

local core = require "patchbay.core"
local ascii = require "patchbay.util.ascii"

local redact = {}

redact.mask = "***"

-- Maskers by their secrets: an account's secrets are searched for again and again. Emptied when full, so that
-- a list with a secret in each of a million records takes no memory.
local MOST_CACHED = 16
local cache, cache_size = {}, 0

local function masker_of(secrets)
  local parts = {}
  for i, secret in ipairs(secrets) do parts[i] = #secret .. ":" .. secret end -- no two lists give the same
  local name = table.concat(parts)
  local masker = cache[name]
  if masker then return masker end
  if cache_size >= MOST_CACHED then cache, cache_size = {}, 0 end
  masker = core.mask.new(secrets)
  cache[name], cache_size = masker, cache_size + 1
  return masker
end

--- Masks each of `secrets` (a list of strings) in `text`, and the userinfo of addresses.
function redact.text(text, secrets) return masker_of(secrets):text(text) end

--- Masks the user names and passwords of addresses in `text` (a string or nil).
function redact.addresses(text) return text and core.text.hide_userinfo(text) end

-- By a set of names: the list of them in small letters, as the core takes it.
local lists = setmetatable({}, { __mode = "k" })

--- Masks a body (string or nil): the members whose names are in `names` (from redact.names), at any depth,
-- and each of `secrets` anywhere. A body without either is returned unchanged.
function redact.body(body, names, secrets)
  if type(body) ~= "string" or body == "" then return body end
  return masker_of(secrets):body(body, lists[names])
end

--- A set of the names in `list`, looked up in any letter case.
function redact.names(list)
  local names, lower = {}, {}
  for i, name in ipairs(list) do
    lower[i] = ascii.lower(name)
    names[lower[i]] = true
  end
  lists[names] = lower
  return setmetatable(names, { __index = function(_, name)
    if type(name) ~= "string" then return nil end
    return rawget(names, ascii.lower(name))
  end })
end

--- Appends to `list` the strings and numbers in `value` (decoded, or a script's) below one of `names` (from
-- redact.names), at any depth. Returns the list.
function redact.named(value, names, list, is_secret)
  if type(value) == "table" then
    for name, member in pairs(value) do
      redact.named(member, names, list, is_secret or names[name])
    end
  elseif is_secret and type(value) ~= "boolean" and value ~= core.json.null then
    list[#list + 1] = type(value) == "string" and value or core.json.encode(value)
  end
  return list
end

--- Appends to `list` the user-info in the addresses among the strings in `value` (decoded): the password, or
-- all of it where there is none. Returns the list.
function redact.of_addresses(value, list)
  if type(value) == "table" then
    for _, member in pairs(value) do redact.of_addresses(member, list) end
  elseif type(value) == "string" and value:find("@", 1, true) then
    local userinfo = value:match "^%a[%w+.-]*://([^/?#@]*)@"
    list[#list + 1] = userinfo and (userinfo:match "^[^:]*:(.+)$" or userinfo)
  end
  return list
end

-- ---- proxies ----

local PROXY_VARIABLES = { "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" }

local function add_proxy(list, address)
  if not address then return end
  local user_info = address:match "^[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)@" or address:match "^([^/?#]*)@"
  local user, password = (user_info or ""):match "^([^:]*):(.*)$"
  if not password then return end
  -- The core looks for both without their escapes, and as Basic authentication has them, in Base64.
  list[#list + 1] = password
  list[#list + 1] = user .. ":" .. password
end

--- The secrets in the address of the proxy in use: `proxy`, or nil for the environment's.
function redact.of_proxy(proxy)
  local list = {}
  if proxy then
    add_proxy(list, proxy)
  else
    for _, name in ipairs(PROXY_VARIABLES) do add_proxy(list, os.getenv(name)) end
  end
  return list
end

return redact
