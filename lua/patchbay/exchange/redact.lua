--- Masks secrets in everything that a person may read.

local core = require "patchbay.core"
local unescape = require "patchbay.util.unescape"
local ascii = require "patchbay.util.ascii"

local redact = {}

--- Masks the user names and passwords of addresses in `text` (a string or nil).
function redact.addresses(text) return text and core.text.hide_userinfo(text) end

--- Appends to `list` what stands before the host in the addresses among the strings in `value` (decoded): the
-- password, or all of it where there is none. Returns the list.
function redact.of_addresses(value, list)
  if type(value) == "table" then
    for _, member in pairs(value) do redact.of_addresses(member, list) end
  elseif type(value) == "string" and value:find("@", 1, true) then
    local userinfo = value:match "^%a[%w+.-]*://([^/?#@]*)@"
    list[#list + 1] = userinfo and (userinfo:match "^[^:]*:(.+)$" or userinfo)
  end
  return list
end

redact.mask = "***"

-- Shorter secrets are not searched for: they occur by chance.
local SHORTEST = 4

-- A part of a longer secret is masked as well, as vendors shorten what they quote: two thirds of it, and at
-- least this many bytes, so that no word of a language counts as a part.
local SHORTEST_PART = 12

-- Layers of escapes that are undone: JSON in a JSON string, in an HTML page, in a URL.
local MOST_LAYERS = 4

-- ---- the forms of a secret ----

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

--- Base64 of `text`, without padding.
function redact.base64(text)
  local parts = {}
  for i = 1, #text, 3 do
    local a, b, c = text:byte(i, i + 2)
    local bits = a * 0x10000 + (b or 0) * 0x100 + (c or 0)
    for place = 1, c and 4 or b and 3 or 2 do
      local index = math.floor(bits / 64 ^ (4 - place)) % 64 + 1
      parts[#parts + 1] = ALPHABET:sub(index, index)
    end
  end
  return table.concat(parts)
end

-- Adds the forms of `secret` in Base64 after 0, 1 or 2 bytes of another text, such as "user:", without the
-- characters that depend on its neighbours.
local function add_base64(list, secret)
  for before = 0, 2 do
    local text = redact.base64(("\0"):rep(before) .. secret)
    local known = math.floor((before + #secret) * 8 / 6)
    local form = text:sub(math.ceil(before * 8 / 6) + 1, known)
    list[#list + 1] = form
    list[#list + 1] = form:gsub("%+", "-"):gsub("/", "_")
  end
end

-- The forms of `secret`: texts that equal it as a whole, and pieces one of which every longer part contains.
local function forms_of(secret)
  local whole, parts = { secret }, {}
  -- The secret itself may look escaped.
  local plain = unescape.undo(secret)
  if plain and #plain >= SHORTEST then whole[2] = plain end
  if secret:find " " then whole[#whole + 1] = secret:gsub(" ", "+") end
  local hex = secret:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end)
  whole[#whole + 1] = hex
  whole[#whole + 1] = ascii.upper(hex)
  add_base64(whole, secret)
  local least = math.max(SHORTEST_PART, math.ceil(#secret * 2 / 3))
  if #secret > least then
    local size = math.floor(least / 2)
    for from = 1, #secret - size + 1, size do
      parts[#parts + 1] = { secret:sub(from, from + size - 1), from }
    end
  end
  return { secret = secret, whole = whole, parts = parts, least = least }
end

-- Forms by secret: an account's secrets are searched for again and again. Emptied when full, so that a list
-- with a secret in each of a million records takes no memory.
local MOST_CACHED = 64
local cache, cache_size = {}, 0

local function cached_forms(secret)
  local forms = cache[secret]
  if forms then return forms end
  if cache_size >= MOST_CACHED then cache, cache_size = {}, 0 end
  forms = forms_of(secret)
  cache[secret], cache_size = forms, cache_size + 1
  return forms
end

local function forms_of_all(secrets)
  local forms_list = {}
  for _, secret in ipairs(secrets) do
    if #secret >= SHORTEST then forms_list[#forms_list + 1] = cached_forms(secret) end
  end
  return forms_list
end

-- ---- finding secrets ----

-- Adds the ranges where `part` occurs, extended as far as the secret continues around it.
local function add_parts(ranges, text, forms, part)
  local piece, offset = part[1], part[2]
  local secret, from = forms.secret, 1
  while true do
    local first, last = text:find(piece, from, true)
    if not first then return end
    local left, right = offset, offset + #piece - 1
    from = last + 1
    while left > 1 and first > 1 and text:byte(first - 1) == secret:byte(left - 1) do
      first, left = first - 1, left - 1
    end
    while right < #secret and text:byte(last + 1) == secret:byte(right + 1) do
      last, right = last + 1, right + 1
    end
    if last - first + 1 >= forms.least then ranges[#ranges + 1] = { first, last } end
  end
end

-- Adds the range of a secret, or of an escape in one, that is cut off by the end of the text.
local function add_end(ranges, text, forms)
  local rest = text:gsub("\\u?%x*$", ""):gsub("%%%x?$", "")
  for length = math.min(#forms.secret - 1, #rest), SHORTEST, -1 do
    if rest:sub(-length) == forms.secret:sub(1, length) then
      ranges[#ranges + 1] = { #rest - length + 1, #text }
      return
    end
  end
end

-- The ranges of `text` that hold secrets: a list of { first, last }. `cut`: the text may have been cut off.
local function ranges_of(text, forms_list, cut, layer)
  local ranges = {}
  for _, forms in ipairs(forms_list) do
    for _, form in ipairs(forms.whole) do
      local from = 1
      while #form <= #text do
        local first, last = text:find(form, from, true)
        if not first then break end
        ranges[#ranges + 1] = { first, last }
        from = last + 1
      end
    end
    if #text >= forms.least then
      for _, part in ipairs(forms.parts) do add_parts(ranges, text, forms, part) end
    end
    if cut then add_end(ranges, text, forms) end
  end
  if layer < MOST_LAYERS and text:find "[\\%%&]" then
    local plain, source = unescape.undo(text)
    if plain then
      for _, range in ipairs(ranges_of(plain, forms_list, cut, layer + 1)) do
        ranges[#ranges + 1] = { source(range[1], range[2]) }
      end
    end
  end
  return ranges
end

-- Bytes of a long text that are searched at once, to bound the memory for its escapes, and bytes by which two
-- pieces overlap: enough for a secret of 4,000 bytes escaped like \u0070.
local PIECE, COMMON = 256 * 1024, 24 * 1024

-- Masks `secrets` in `text`.
local function mask(text, secrets, cut)
  local forms_list = forms_of_all(secrets)
  if #forms_list == 0 then return text end
  local ranges = {}
  if #text <= PIECE + COMMON then
    ranges = ranges_of(text, forms_list, cut, 0)
  else
    for from = 0, #text - 1, PIECE do
      local piece = text:sub(from + 1, from + PIECE + COMMON)
      for _, range in ipairs(ranges_of(piece, forms_list, cut and from + #piece == #text, 0)) do
        ranges[#ranges + 1] = { from + range[1], from + range[2] }
      end
    end
  end
  if #ranges == 0 then return text end
  table.sort(ranges, function(a, b) return a[1] < b[1] end)
  local parts, from, i = {}, 1, 1
  while i <= #ranges do
    local first, last = ranges[i][1], ranges[i][2]
    i = i + 1
    -- Overlapping ranges become one.
    while i <= #ranges and ranges[i][1] <= last do
      last, i = math.max(last, ranges[i][2]), i + 1
    end
    parts[#parts + 1] = text:sub(from, first - 1)
    from = last + 1
  end
  parts[#parts + 1] = text:sub(from)
  return table.concat(parts, redact.mask)
end

--- Masks each of `secrets` (a list of strings) in `text`: literal, escaped as in JSON, URLs or HTML, in
-- Base64 and in hexadecimal digits, and two thirds of a longer one.
function redact.text(text, secrets)
  return core.text.hide_userinfo(mask(text, secrets, false))
end

-- ---- masking by a member's name ----

--- A set of the names in `list`, looked up in any letter case.
function redact.names(list)
  local names = {}
  for _, name in ipairs(list) do names[ascii.lower(name)] = true end
  return setmetatable(names, { __index = function(_, name)
    if type(name) ~= "string" then return nil end
    return rawget(names, ascii.lower(name))
  end })
end

-- Masks members by name in text that is not JSON, such as a response that was cut off: a value up to its end,
-- or to the end of the text; an object or an array always to the end of the text.
local function mask_text(text, names)
  for name in pairs(names) do
    local pattern = name:gsub("[^A-Za-z0-9]", "%%%0"):gsub("[A-Za-z]", function(letter)
      return "[" .. ascii.lower(letter) .. ascii.upper(letter) .. "]"
    end)
    -- Parts in a table: copying the whole text for each match would take time that grows with the square of
    -- them.
    local parts, from = {}, 1
    while true do
      local _, last = text:find('"' .. pattern .. '"%s*:%s*', from)
      if not last then break end
      local opener = text:sub(last + 1, last + 1)
      local stop = #text + 1
      if opener == '"' then
        last = last + 1
        stop = last + 1
        while stop <= #text and text:sub(stop, stop) ~= '"' do
          stop = stop + (text:sub(stop, stop) == "\\" and 2 or 1)
        end
      elseif opener ~= "{" and opener ~= "[" then
        stop = text:find("[,}%]%s]", last + 1) or #text + 1
      end
      parts[#parts + 1] = text:sub(from, last)
      from = stop
    end
    if from > 1 then text = table.concat(parts, redact.mask) .. redact.mask .. text:sub(from) end
  end
  return text
end

-- No vendor's response nests as deep; deeper values are masked as a whole.
local DEEPEST = 50

-- Masks the members of `value` (decoded; changed in place) whose names are in `names`. Returns the value, and
-- whether there were any.
local function mask_value(value, names, depth)
  if type(value) == "string" and value:find('"', 1, true) then
    local masked = mask_text(value, names) -- JSON within a JSON string
    return masked, masked ~= value
  end
  if type(value) ~= "table" then return value, false end
  if depth > DEEPEST then return redact.mask, true end
  local any = false
  for name, member in pairs(value) do
    local masked, changed = redact.mask, true
    if not names[name] or member == core.json.null then
      masked, changed = mask_value(member, names, depth + 1)
    end
    if changed then value[name], any = masked, true end
  end
  return value, any
end

--- Masks a body (string or nil): the members whose names are in `names` (from redact.names), at any depth,
-- and each of `secrets` anywhere. A body without either is returned unchanged.
function redact.body(body, names, secrets)
  if type(body) ~= "string" or body == "" then return body end
  local value, cut = core.json.decode(body), false
  if type(value) == "table" then
    local masked, any = mask_value(value, names, 0)
    if any then body = core.json.encode(masked) end
  elseif value == nil then
    body, cut = mask_text(body, names), true
  end
  return core.text.hide_userinfo(mask(body, secrets, cut))
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

-- ---- proxies ----

local PROXY_VARIABLES = { "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" }

local function add_proxy(list, address)
  if not address then return end
  local user_info = address:match "^[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)@" or address:match "^([^/?#]*)@"
  local user, password = (user_info or ""):match "^([^:]*):(.*)$"
  if not password then return end
  list[#list + 1] = password
  list[#list + 1] = unescape.undo(password)
  local basic = (unescape.undo(user) or user) .. ":" .. (unescape.undo(password) or password)
  list[#list + 1] = redact.base64(basic)
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
