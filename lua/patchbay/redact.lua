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

local function mask_members(value, names, depth)
  if type(value) ~= "table" then return value end
  if depth > DEEPEST then return redact.mask end
  for name, member in pairs(value) do
    if names[name] and member ~= core.json.null then
      value[name] = redact.mask
    else
      value[name] = mask_members(member, names, depth + 1)
    end
  end
  return value
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

--- A body (string or nil) with the members masked whose names are in `names` (name -> true), at any
-- depth, and each of `secrets` wherever it stands. A body without either comes back as it is.
function redact.body(body, names, secrets)
  if type(body) ~= "string" or body == "" then return body end
  local named = false
  for name in pairs(names) do
    if body:find(name, 1, true) then
      named = true
      break
    end
  end
  if named then
    local value = core.json.decode(body)
    if type(value) == "table" then
      body = core.json.encode(mask_members(value, names, 0))
    else
      body = mask_text(body, names)
    end
  end
  return redact.text(body, secrets)
end

return redact
