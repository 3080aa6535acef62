--- Keeping secrets out of everything a person may read.

local core = require "patchbay.core"

local redact = {}

redact.mask = "***"

-- A shorter text is found by chance in too much that is none of it.
local SHORTEST = 4

local function plain_replace(text, what)
  local parts, from = {}, 1
  while true do
    local first, last = text:find(what, from, true)
    if not first then break end
    parts[#parts + 1] = text:sub(from, first - 1)
    from = last + 1
  end
  if from == 1 then return text end
  parts[#parts + 1] = text:sub(from)
  return table.concat(parts, redact.mask)
end

--- `text` with each of `secrets` (a list of strings) masked, as it is and as JSON writes it.
function redact.text(text, secrets)
  -- The longest first: one that holds another is to go as a whole.
  local sorted = {}
  for i, secret in ipairs(secrets) do sorted[i] = secret end
  table.sort(sorted, function(a, b) return #a > #b end)
  for _, secret in ipairs(sorted) do
    if #secret >= SHORTEST then
      text = plain_replace(text, secret)
      local written = core.json.encode(secret):sub(2, -2)
      if written ~= secret then text = plain_replace(text, written) end
    end
  end
  return text
end

-- No vendor's answer nests as deep; whatever lies deeper is masked as a whole.
local DEEPEST = 50

-- `value` (decoded, its tables changed in place) without secrets, and whether it held any. Text is masked
-- here and not only as it stands in the body: what is quoted in it is escaped once more there.
local function mask_value(value, names, secrets, depth)
  if type(value) == "string" then
    local masked = redact.text(value, secrets)
    return masked, masked ~= value
  end
  if type(value) ~= "table" then return value, false end
  if depth > DEEPEST then return redact.mask, true end
  local any = false
  for name, member in pairs(value) do
    local masked, changed = redact.mask, true
    if not names[name] or member == core.json.null then
      masked, changed = mask_value(member, names, secrets, depth + 1)
    end
    if changed then value[name], any = masked, true end
  end
  return value, any
end

-- The same in text that is no JSON, such as an answer that was cut off: a string after a name is masked
-- to its end, or to the end of the text.
local function mask_text(text, names)
  for name in pairs(names) do
    local from = 1
    while true do
      local _, last = text:find('"' .. name:gsub("%p", "%%%0") .. '"%s*:%s*"', from)
      if not last then break end
      local stop = last + 1
      while stop <= #text and text:sub(stop, stop) ~= '"' do
        stop = stop + (text:sub(stop, stop) == "\\" and 2 or 1)
      end
      text = text:sub(1, last) .. redact.mask .. text:sub(stop)
      from = last + #redact.mask + 1
    end
  end
  return text
end

-- Text that may have been cut off within a secret: what is left of it at the end is masked.
local function mask_end(text, secrets)
  for _, secret in ipairs(secrets) do
    for length = math.min(#secret - 1, #text), SHORTEST, -1 do
      if text:sub(-length) == secret:sub(1, length) then return text:sub(1, -length - 1) .. redact.mask end
    end
  end
  return text
end

--- A body (string or nil) with the members masked whose names are in `names` (name -> true), at any
-- depth, and each of `secrets` wherever it stands. A body without either comes back as it is.
function redact.body(body, names, secrets)
  if type(body) ~= "string" or body == "" then return body end
  local value = core.json.decode(body)
  if type(value) == "table" then
    local masked, any = mask_value(value, names, secrets, 0)
    if any then body = core.json.encode(masked) end
  elseif value == nil then
    body = mask_end(mask_text(body, names), secrets)
  end
  return redact.text(body, secrets)
end

return redact
