--- Undoes escapes in text: those of JSON (\u0070, \/), URLs (%70) and HTML (&amp;).

local unescape = {}

local NAMED = { amp = "&", lt = "<", gt = ">", quot = '"', apos = "'" }
local LETTERS = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

local char, find, floor = string.char, string.find, math.floor

-- A code point as UTF-8; nil when it is out of range.
local function utf8(code)
  if code < 0x80 then return char(code) end
  if code < 0x800 then return char(0xC0 + floor(code / 0x40), 0x80 + code % 0x40) end
  if code < 0x10000 then
    return char(0xE0 + floor(code / 0x1000), 0x80 + floor(code / 0x40) % 0x40, 0x80 + code % 0x40)
  end
  if code > 0x10FFFF then return nil end
  return char(0xF0 + floor(code / 0x40000), 0x80 + floor(code / 0x1000) % 0x40,
    0x80 + floor(code / 0x40) % 0x40, 0x80 + code % 0x40)
end

-- Decoders by first character: each returns the text of the escape at a position and its last byte; nil when
-- there is no escape.
local decoders = {}

decoders["\\"] = function(text, from)
  local _, last, digits = find(text, "^\\u(%x%x%x%x)", from)
  if last then
    local code = tonumber(digits, 16)
    local _, low_last, low = find(text, "^\\u([dD][c-fC-F]%x%x)", last + 1)
    if low and code >= 0xD800 and code < 0xDC00 then
      return utf8(0x10000 + (code - 0xD800) * 0x400 + tonumber(low, 16) - 0xDC00), low_last
    end
    return utf8(code), last
  end
  _, last, digits = find(text, "^\\x(%x%x)", from)
  if last then return char(tonumber(digits, 16)), last end
  local letter = text:sub(from + 1, from + 1)
  if letter == "" or letter == "u" then return nil end
  return LETTERS[letter] or letter, from + 1
end

decoders["%"] = function(text, from)
  local _, last, digits = find(text, "^%%(%x%x)", from)
  if last then return char(tonumber(digits, 16)), last end
end

decoders["&"] = function(text, from)
  local _, last, name = find(text, "^&([A-Za-z]+);", from)
  if last then return NAMED[name], last end
  local kind, digits
  _, last, kind, digits = find(text, "^&#([xX]?)(%x%x?%x?%x?%x?%x?%x?);", from)
  local code = last and tonumber(digits, kind == "" and 10 or 16)
  if code then return utf8(code), last end
end

--- Undoes one layer of unescape. Returns the plain text and a function that maps its first and last byte of a
-- range to those of `text`; or nil when `text` has no unescape.
function unescape.undo(text)
  local parts, starts, sources, length, from, seek = {}, {}, {}, 0, 1, 1
  local function add(part, source)
    local count = #parts + 1
    parts[count], starts[count], sources[count] = part, length + 1, source
    length = length + #part
  end
  while true do
    local first = find(text, "[\\%%&]", seek)
    if not first then break end
    local meant, last = decoders[text:sub(first, first)](text, first)
    if meant then
      if first > from then add(text:sub(from, first - 1), from) end
      add(meant, first)
      from = last + 1
    end
    seek = meant and from or first + 1
  end
  if #parts == 0 then return nil end
  if from <= #text then add(text:sub(from), from) end
  starts[#parts + 1], sources[#parts + 1] = length + 1, #text + 1
  local function part_of(place)
    local low, high = 1, #parts
    while low < high do
      local middle = floor((low + high + 1) / 2)
      if starts[middle] <= place then low = middle else high = middle - 1 end
    end
    return low
  end
  -- A part as long as its source is no escape.
  local function is_plain(i) return sources[i + 1] - sources[i] == #parts[i] end
  return table.concat(parts), function(first, last)
    local i, j = part_of(first), part_of(last)
    return is_plain(i) and sources[i] + first - starts[i] or sources[i],
      is_plain(j) and sources[j] + last - starts[j] or sources[j + 1] - 1
  end
end

return unescape
