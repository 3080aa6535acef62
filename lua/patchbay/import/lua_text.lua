--- Values as Lua code that evaluates to them, whatever is in a text: the parts of a file that `write` makes.

local core = require "patchbay.core"
local text = require "patchbay.util.text"

local lua_text = {}

-- Words that cannot be names of members: those of Lua 5.1 to 5.5 and LuaJIT.
local RESERVED = {}
for word in ([[and break do else elseif end false for function global goto if in local nil not or repeat
  return then true until while]]):gmatch "%a+" do RESERVED[word] = true end

local SHORT = { ["\n"] = "\\n", ["\t"] = "\\t", ['"'] = '\\"', ["\\"] = "\\\\" }

-- Always three digits, for a digit may follow.
local function escaped(bytes)
  return (bytes:gsub(".", function(byte) return ("\\%03d"):format(byte:byte()) end))
end

-- Characters that cannot be seen, or that reorder the text around them: U+0080 to U+009F, U+00AD, U+061C,
-- U+200B to U+200F, U+2028 to U+202E, U+2060 to U+206F, U+FEFF, and the tags from U+E0000 on.
local UNSEEN = { "\194[\128-\159\173]", "\216\156", "\226\128[\139-\143\168-\174]", "\226\129[\160-\175]",
  "\239\187\191", "\243\160[\128-\191][\128-\191]" }

local function without_unseen(value, replacement)
  for _, class in ipairs(UNSEEN) do value = value:gsub(class, replacement) end
  return value
end

--- A text in quotes. It stands on one line, and shows every character that an editor would not.
function lua_text.quote(value)
  local valid = text.is_utf8(value)
  value = value:gsub('[%z\1-\31\127"\\]', function(byte) return SHORT[byte] or escaped(byte) end)
  if not valid then return '"' .. value:gsub("[\128-\255]", escaped) .. '"' end
  return '"' .. without_unseen(value, escaped) .. '"'
end

--- A text as a comment on one line, without the dashes: nothing in it ends the comment.
function lua_text.comment(value)
  value = value:gsub("[%z\1-\32\127]+", " "):gsub("^ ", ""):gsub(" $", "")
  if not text.is_utf8(value) then value = value:gsub("[\128-\255]", "?") end
  return without_unseen(value, "?")
end

--- Whether a text is a name in Lua.
function lua_text.is_name(value) return value:find "^[A-Za-z_][A-Za-z0-9_]*$" ~= nil
  and not RESERVED[value] end

--- The key of a member, as it stands before `=`.
function lua_text.key(key)
  if type(key) == "string" and lua_text.is_name(key) then return key end
  return "[" .. lua_text.scalar(key) .. "]"
end

local function of_number(value)
  if value ~= value then error "a description cannot hold NaN" end
  if value == math.huge then return "1/0" elseif value == -math.huge then return "-1/0" end
  if value % 1 == 0 and value > -2 ^ 63 and value < 2 ^ 63 then
    -- A float this large has another neighbour than the integer of these digits; it stays one.
    local kind = rawget(math, "type")
    if math.abs(value) < 2 ^ 53 or kind and kind(value) == "integer" then return ("%d"):format(value) end
  elseif value == -2 ^ 63 then
    return "-2^63"
  end
  for digits = 15, 17 do
    local written = text.number("%." .. digits .. "g", value)
    if tonumber(written) == value or text.to_number(written) == value then return written end
  end
  return text.number("%.17g", value)
end

--- A text, a number, a boolean or JSON null, which is written as `null`. Raises for other values.
function lua_text.scalar(value)
  local kind = type(value)
  if kind == "string" then return lua_text.quote(value) end
  if kind == "number" then return of_number(value) end
  if kind == "boolean" then return tostring(value) end
  if value == core.json.null then return "null" end
  local exact = kind == "userdata" and tonumber(tostring(value))
  if exact then return ("number %s"):format(lua_text.quote(tostring(value))) end
  error("a description cannot hold a " .. kind)
end

return lua_text
