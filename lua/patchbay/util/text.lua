--- Values as the text that addresses, messages and logs show.

local text = {}

-- Whole numbers below it are written in full; LuaJIT and Lua 5.1 would write them as 1e+15.
local WHOLE = 2 ^ 63

--- A value as text; a whole number in full, on every Lua.
function text.of(value)
  if type(value) ~= "number" then return tostring(value) end
  if value ~= value then return "NaN" end
  if value % 1 == 0 and math.abs(value) < WHOLE then return ("%d"):format(value) end
  return tostring(value)
end

--- Text of at most `longest` bytes, with an ellipsis where it is cut, between two characters of UTF-8.
function text.shorten(value, longest)
  if #value <= longest then return value end
  -- Without the last character where it is cut in two.
  return value:sub(1, longest):gsub("[\192-\255][\128-\191]*$", "") .. "…"
end

return text
