--- Keeping secrets out of everything a person may read.

local core = require "patchbay.core"
local escapes = require "patchbay.util.unescape"

local redact = {}

redact.mask = "***"

-- A shorter text is found by chance in too much that is none of it.
local SHORTEST = 4

-- Of a longer secret a part counts as well, for vendors shorten what they quote: two thirds of it, and at
-- least so many bytes, so that no word of a language is taken for a part.
local SHORTEST_PART = 12

-- Quoting in quoting: JSON in a string of JSON, in an HTML page, in an address.
local MOST_LAYERS = 4

-- ---- what a secret looks like ----

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

--- Base64 of `text`, without the padding.
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

-- How `secret` looks in Base64 behind 0, 1 or 2 bytes of something else, such as "user:": what depends on
-- the bytes around it is left out.
local function add_base64(list, secret)
  for before = 0, 2 do
    local text = redact.base64(("\0"):rep(before) .. secret)
    local known = math.floor((before + #secret) * 8 / 6)
    local form = text:sub(math.ceil(before * 8 / 6) + 1, known)
    list[#list + 1] = form
    list[#list + 1] = form:gsub("%+", "-"):gsub("/", "_")
  end
end

-- Texts that stand for `secret` as a whole, and parts of it that a longer part must contain.
local function forms_of(secret)
  local whole, parts = { secret }, {}
  -- What is left when a layer of escapes is taken off that was none.
  local undone = escapes.undo(secret)
  if undone and #undone >= SHORTEST then whole[2] = undone end
  if secret:find " " then whole[#whole + 1] = secret:gsub(" ", "+") end
  local hex = secret:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end)
  whole[#whole + 1] = hex
  whole[#whole + 1] = hex:upper()
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

-- Made once: an account's secrets are looked for again and again. Emptied when it is full, so that a list
-- with a secret in each of a million records takes no memory.
local MOST_KNOWN = 64
local known, known_count = {}, 0

local function look_of(secret)
  local look = known[secret]
  if look then return look end
  if known_count >= MOST_KNOWN then known, known_count = {}, 0 end
  look = forms_of(secret)
  known[secret], known_count = look, known_count + 1
  return look
end

local function looks_of(secrets)
  local looks = {}
  for _, secret in ipairs(secrets) do
    if #secret >= SHORTEST then looks[#looks + 1] = look_of(secret) end
  end
  return looks
end

-- ---- where it stands ----

-- Adds each place of `part`, grown as far as the secret goes on around it.
local function add_parts(ranges, text, look, part)
  local piece, offset = part[1], part[2]
  local secret, from = look.secret, 1
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
    if last - first + 1 >= look.least then ranges[#ranges + 1] = { first, last } end
  end
end

-- Text that was cut off may end within a secret, or within an escape in it.
local function add_end(ranges, text, look)
  local rest = text:gsub("\\u?%x*$", ""):gsub("%%%x?$", "")
  for length = math.min(#look.secret - 1, #rest), SHORTEST, -1 do
    if rest:sub(-length) == look.secret:sub(1, length) then
      ranges[#ranges + 1] = { #rest - length + 1, #text }
      return
    end
  end
end

-- Where in `text` any of it stands: a list of { first, last }. `cut`: the text may have been cut off.
local function ranges_of(text, looks, cut, layer)
  local ranges = {}
  for _, look in ipairs(looks) do
    for _, form in ipairs(look.whole) do
      local from = 1
      while #form <= #text do
        local first, last = text:find(form, from, true)
        if not first then break end
        ranges[#ranges + 1] = { first, last }
        from = last + 1
      end
    end
    if #text >= look.least then
      for _, part in ipairs(look.parts) do add_parts(ranges, text, look, part) end
    end
    if cut then add_end(ranges, text, look) end
  end
  if layer < MOST_LAYERS and text:find "[\\%%&]" then
    local undone, source = escapes.undo(text)
    if undone then
      for _, range in ipairs(ranges_of(undone, looks, cut, layer + 1)) do
        ranges[#ranges + 1] = { source(range[1], range[2]) }
      end
    end
  end
  return ranges
end

-- A long text is gone through in pieces, whose escapes take less memory at a time; what they have in common
-- holds a secret of 4,000 bytes that is escaped like \u0070.
local PIECE, COMMON = 256 * 1024, 24 * 1024

-- `text` with what is found in it masked.
local function mask(text, secrets, cut)
  local looks = looks_of(secrets)
  if #looks == 0 then return text end
  local ranges = {}
  if #text <= PIECE + COMMON then
    ranges = ranges_of(text, looks, cut, 0)
  else
    for from = 0, #text - 1, PIECE do
      local piece = text:sub(from + 1, from + PIECE + COMMON)
      for _, range in ipairs(ranges_of(piece, looks, cut and from + #piece == #text, 0)) do
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
    -- Those that overlap go as one.
    while i <= #ranges and ranges[i][1] <= last do
      last, i = math.max(last, ranges[i][2]), i + 1
    end
    parts[#parts + 1] = text:sub(from, first - 1)
    from = last + 1
  end
  parts[#parts + 1] = text:sub(from)
  return table.concat(parts, redact.mask)
end

--- `text` with each of `secrets` (a list of strings) masked: as it is, behind JSON's, an address's or HTML's
-- escapes, in Base64 and in hexadecimal digits, and two thirds of a longer one.
function redact.text(text, secrets)
  return mask(text, secrets, false)
end

-- ---- by the name before it ----

--- A set of names out of a list, in which a name is found in whatever letter case.
function redact.names(list)
  local names = {}
  for _, name in ipairs(list) do names[name:lower()] = true end
  return setmetatable(names, { __index = function(_, name)
    if type(name) ~= "string" then return nil end
    return rawget(names, name:lower())
  end })
end

-- The same in text that is no JSON, such as an answer that was cut off: what stands after a name is masked
-- to its end, or to the end of the text; an object or a list to the end of the text.
local function mask_text(text, names)
  for name in pairs(names) do
    local pattern = name:gsub("%p", "%%%0"):gsub("%a", function(letter)
      return "[" .. letter:lower() .. letter:upper() .. "]"
    end)
    -- In pieces: a copy of the whole for each place would take a time that grows with their square.
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

-- No vendor's answer nests as deep; whatever lies deeper is masked as a whole.
local DEEPEST = 50

-- `value` (decoded, its tables changed in place) without what `names` say, and whether it held any.
local function mask_value(value, names, depth)
  if type(value) == "string" and value:find('"', 1, true) then
    local masked = mask_text(value, names) -- JSON in a text of JSON
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

--- A body (string or nil) with the members masked whose names are in `names` (from redact.names), at any
-- depth, and each of `secrets` wherever it stands. A body without either comes back as it is.
function redact.body(body, names, secrets)
  if type(body) ~= "string" or body == "" then return body end
  local value, cut = core.json.decode(body), false
  if type(value) == "table" then
    local masked, any = mask_value(value, names, 0)
    if any then body = core.json.encode(masked) end
  elseif value == nil then
    body, cut = mask_text(body, names), true
  end
  return mask(body, secrets, cut)
end

--- Adds to `list` the texts and numbers in `value` (decoded, or a script's) that stand under one of `names`
-- (from redact.names), at any depth. Returns the list.
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
  local user_info = address:match "^%a[%w+.-]*://([^/?#]*)@" or address:match "^([^/?#]*)@"
  local user, password = (user_info or ""):match "^([^:]*):(.*)$"
  if not password then return end
  list[#list + 1] = password
  list[#list + 1] = escapes.undo(password)
  list[#list + 1] = redact.base64((escapes.undo(user) or user) .. ":" .. (escapes.undo(password) or password))
end

--- The secrets in the address of the proxy that is used: `proxy`, or nil for those of the environment.
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
