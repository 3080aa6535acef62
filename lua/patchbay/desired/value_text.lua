--- Values as the renderings of a plan show them: on one line, bounded, with escapes for characters that a
-- reader would not see. The values are masked already.

local core = require "patchbay.core"
local count = require("patchbay.bulk.wording").count
local text = require "patchbay.util.text"

local value_text = {}

--- A pattern for letters of Hebrew, Arabic and their like. A terminal that writes them from right to left
-- would also turn an arrow between two of them.
value_text.RIGHT_TO_LEFT = "[\214-\223][\128-\191]"

-- Two long texts that begin alike are shown from a little before the place where they part.
local LEAD = 20

-- Text that needs no quotation marks: no blank, no sign that a plan uses itself.
local PLAIN = "^[%w._:+@/%%~#?&=!$;-]+$"
-- As text it would look like another value.
local ALIKE = { ["true"] = true, ["false"] = true, ["null"] = true }

-- `numbers`: whether digits could be taken for a number.
local function is_plain(value, numbers, how)
  -- Letters of ASCII by the pattern, in any locale, and all others that are shown as they are.
  if not value:gsub("[\128-\255]", "a"):find(PLAIN) or ALIKE[value] then return false end
  if value:find("->", 1, true) or numbers and tonumber(value) then return false end
  return core.text.visible(value, nil, false, how.ascii) == value
end

-- A list or an object as JSON, a number in full.
local function written(value)
  if type(value) ~= "table" then return text.of(value) end
  local ok, json = pcall(core.json.encode, value)
  return ok and json or "(cannot be written as JSON)"
end

-- The first byte of a character at or before `at`.
local function start_of(value, at)
  local least = at - 3
  while at > 1 and at > least and value:find("^[\128-\191]", at) do at = at - 1 end
  return at
end

-- `value` from the byte `first` on, at most `most` bytes of it.
local function piece(value, quoted, first, how)
  local last = #value
  if last - first >= how.longest then last = start_of(value, first + how.longest) - 1 end
  local cut = how.ascii and "..." or "…"
  local shown = core.text.visible(value:sub(first, last), nil, quoted, how.ascii)
  if first > 1 then shown = cut .. shown end
  if last < #value then shown = shown .. cut end
  if first > 1 or last < #value then shown = ("%s (%s bytes)"):format(shown, count(#value)) end
  return shown
end

-- The byte from which two texts are shown, of which one is too long: 1, unless they begin alike.
local function common_start(one, other, longest)
  local low, high = 0, math.min(#one, #other)
  while low < high do
    local middle = math.ceil((low + high) / 2)
    if one:sub(1, middle) == other:sub(1, middle) then low = middle else high = middle - 1 end
  end
  return low > longest - LEAD and start_of(one, low + 1 - LEAD) or 1
end

local function shown(value, other, first, how)
  if value == core.json.null then return "null" end
  if type(value) ~= "string" then return piece(written(value), false, first, how) end
  local quoted = first > 1 or not is_plain(value, type(other) == "number", how)
  return piece(value, quoted, first, how)
end

--- A value as text. `how.longest`: bytes of a value that are shown; `how.ascii`: whether ASCII alone.
function value_text.of(value, how) return shown(value, nil, 1, how) end

--- The texts of two values that differ, so that the difference can be seen.
function value_text.pair(from, to, how)
  local one, other = from, to
  if type(one) == "table" then one = written(one) end
  if type(other) == "table" then other = written(other) end
  local first = 1
  if type(one) == "string" and type(other) == "string" and math.max(#one, #other) > how.longest then
    first = common_start(one, other, how.longest)
  end
  return shown(from, to, first, how), shown(to, from, first, how)
end

--- Words of a vendor, a file or a program within a sentence, on one line.
function value_text.words(value, how) return core.text.visible(value, how.longest, false, how.ascii) end

return value_text
