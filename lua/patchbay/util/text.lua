--- Values as the text that addresses, messages and logs show.

-- The sandbox's server runs without the core, and shows no null.
local found, core = pcall(require, "patchbay.core")
local NULL = found and core.json.null or nil

local text = {}

--- A number in one of printf's forms (`%.1f`, `%g`), with a full stop in any locale.
function text.number(form, value) return (form:format(value):gsub("[^0-9A-Za-z+-]+", ".")) end

--- The number that decimal digits with a full stop say, in any locale; nil where they say none.
function text.to_number(digits)
  -- Without a point, for Lua reads the locale's, and before 5.3 no other.
  local whole, fraction = (digits or ""):match "^(%d*)%.?(%d*)$"
  if not whole or #whole + #fraction == 0 then return nil end
  return tonumber(whole .. fraction) / 10 ^ #fraction
end

-- Whole numbers below it are written in full; LuaJIT and Lua 5.1 would write them as 1e+15.
local WHOLE = 2 ^ 63

--- A value as text; a whole number in full, on every Lua, and JSON null as null.
function text.of(value)
  if value == nil then return "nil" end
  if value == NULL then return "null" end
  if type(value) ~= "number" then return tostring(value) end
  if value ~= value then return "NaN" end
  if value % 1 == 0 and math.abs(value) < WHOLE then return ("%d"):format(value) end
  return text.number("%.14g", value)
end

--- The text without a byte order mark at its start. Some vendors write one before their JSON, and RFC 8259
-- (section 8.1) allows a reader to pass it over.
function text.without_mark(value)
  return value:byte(1) == 0xEF and value:sub(1, 3) == "\239\187\191" and value:sub(4) or value
end

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n" }

-- Characters that a terminal may obey, or that reorder the text around them: U+0080 to U+009F, U+200E,
-- U+200F, U+2028 to U+202E, U+2066 to U+2069.
local UNSEEN = { "\194[\128-\159]", "\226\128[\142\143\168-\174]", "\226\129[\166-\169]" }

local function escaped_bytes(bytes)
  return (bytes:gsub(".", function(byte) return ("\\%d"):format(byte:byte()) end))
end

-- A character of two or three bytes as JSON escapes it.
local function escaped_as_json(bytes)
  local first, second, third = bytes:byte(1, 3)
  local code = third and (first % 16 * 64 + second % 64) * 64 + third % 64 or first % 32 * 64 + second % 64
  return ("\\u%04x"):format(code)
end

local function replace_unseen(value, replacement)
  if not value:find "[\194\226]" then return value end
  for _, class in ipairs(UNSEEN) do value = value:gsub(class, replacement) end
  return value
end

--- A text as a script would write it, on one line. Unlike string.format's %q it does not take bytes of
-- UTF-8 for control characters where the program's locale has such.
function text.quote(value)
  value = value:gsub('[%z\1-\31\127"\\]', function(byte)
    return ESCAPES[byte] or ("\\%d"):format(byte:byte())
  end)
  return '"' .. replace_unseen(value, escaped_bytes) .. '"'
end

--- JSON text for a terminal.
function text.visible_json(json) return replace_unseen(json, escaped_as_json) end

--- Whether a text is valid UTF-8, which JSON requires.
function text.is_utf8(value) return not found or (pcall(core.json.encode, value)) end

--- Text of at most `longest` bytes, with an ellipsis where it is cut, between two characters of UTF-8.
function text.shorten(value, longest)
  if #value <= longest then return value end
  -- Without the last character where it is cut in two.
  return value:sub(1, longest):gsub("[\192-\255][\128-\191]*$", "") .. "…"
end

return text
