--- Values as the text that addresses, messages and logs show.

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

--- A value as text; a whole number in full, on every Lua.
function text.of(value)
  if type(value) ~= "number" then return tostring(value) end
  if value ~= value then return "NaN" end
  if value % 1 == 0 and math.abs(value) < WHOLE then return ("%d"):format(value) end
  return text.number("%.14g", value)
end

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n" }

--- A text as a script would write it, on one line. Unlike string.format's %q it does not take bytes of
-- UTF-8 for control characters where the program's locale has such.
function text.quote(value)
  return '"' .. value:gsub('[%z\1-\31\127"\\]', function(byte)
    return ESCAPES[byte] or ("\\%d"):format(byte:byte())
  end) .. '"'
end

--- Text of at most `longest` bytes, with an ellipsis where it is cut, between two characters of UTF-8.
function text.shorten(value, longest)
  if #value <= longest then return value end
  -- Without the last character where it is cut in two.
  return value:sub(1, longest):gsub("[\192-\255][\128-\191]*$", "") .. "…"
end

return text
