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
  for i = 1, #secrets do
    local secret = secrets[i]
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
    if type(value) == "table" then body = core.json.encode(mask_members(value, names, 0)) end
  end
  return redact.text(body, secrets)
end

return redact
