-- JSON for the sandbox, deliberately not the client's own: a mistake in one of the two shows as a
-- disagreement, instead of being made twice.
--
-- Reading needs a library that tells `[]` from `{}`: a newer lua-cjson, else dkjson. Writing walks the value
-- here, so that members always have the same order, and uses the library only to quote strings.

local function try(name)
  local ok, module = pcall(require, name)
  return ok and type(module) == "table" and module or nil
end

local cjson = try "cjson"
local keeps_arrays = cjson and cjson.decode_array_with_array_mt and cjson.array_mt and cjson.empty_array_mt
local dkjson = not keeps_arrays and try "dkjson" or nil
if not keeps_arrays and not dkjson then
  error("patchbay.sandbox needs a JSON module that keeps [] apart from {}: dkjson (Debian: lua-dkjson), or "
    .. "lua-cjson 2.1.0.6 or newer; " .. (cjson and "the lua-cjson found is older" or "neither was found"), 0)
end

local json = { library = keeps_arrays and "cjson" or "dkjson" }

-- The client's null, which is lua-cjson's too, so that states compare without translation. The server may run
-- without either.
local core = not cjson and try "patchbay.core"
json.null = cjson and cjson.null or core and core.json.null
  or setmetatable({}, { __tostring = function() return "null" end })

local array_mt = keeps_arrays and cjson.array_mt or { __jsontype = "array" }
local object_mt = { __jsontype = "object" }
-- lua-cjson's marks for an empty array, which a test may put into a record.
local empty_array_mt, empty_array = cjson and cjson.empty_array_mt, cjson and cjson.empty_array

-- dkjson accepts missing commas, trailing ones and comments. An older lua-cjson, where there is one, checks
-- the text.
local function new_strict()
  local new = cjson.new()
  if new.decode_invalid_numbers then new.decode_invalid_numbers(false) end
  if keeps_arrays then new.decode_array_with_array_mt(true) end
  -- The same bytes with either library.
  if new.encode_escape_forward_slash then new.encode_escape_forward_slash(false) end
  return new
end
local strict = cjson and cjson.new and new_strict() or nil

-- lua-cjson asks for the locale's decimal point once, in new(). A program may set another locale later.
local function numeric_locale() return os.setlocale(nil, "numeric") end
local locale = numeric_locale()

local function read(text)
  if strict and numeric_locale() ~= locale then strict, locale = new_strict(), numeric_locale() end
  local ok, checked = true, nil
  if strict then ok, checked = pcall(strict.decode, text) end
  if not ok then return nil, (tostring(checked):gsub("^.-:%d+: ", "")) end
  if keeps_arrays then return checked end
  local value, after, why = dkjson.decode(text, 1, json.null, object_mt, array_mt)
  if why then return nil, why end
  if value == nil then return nil, "nothing to read" end
  if text:find("%S", after) then return nil, "text after the end of the value" end
  return value
end

-- The value, or nil and the problem. Never raises, however deep or broken the text is.
function json.decode(text)
  local ok, value, why = pcall(read, text)
  if not ok then return nil, tostring(value) end
  return value, why
end

function json.array(list) return setmetatable(list or {}, array_mt) end

function json.is_array(value)
  if type(value) ~= "table" then return empty_array ~= nil and value == empty_array end
  local mark = getmetatable(value)
  return mark == array_mt or mark ~= nil and mark == empty_array_mt and next(value) == nil
end

-- Whether a value is a JSON object as decode returns it.
function json.is_object(value)
  return type(value) == "table" and value ~= json.null and not json.is_array(value)
end

-- Sets an object's member order; members not in the list follow, sorted by name.
function json.ordered(order, values) return setmetatable(values, { __jsonorder = order }) end

local function member_names(object)
  local names, rest, listed = {}, {}, {}
  local meta = getmetatable(object)
  for _, name in ipairs(type(meta) == "table" and meta.__jsonorder or {}) do
    if object[name] ~= nil and not listed[name] then names[#names + 1] = name end
    listed[name] = true
  end
  for name in pairs(object) do
    if not listed[name] then rest[#rest + 1] = tostring(name) end
  end
  table.sort(rest)
  for _, name in ipairs(rest) do names[#names + 1] = name end
  return names
end

local function quote(text)
  if dkjson then return dkjson.quotestring(text) end
  return strict.encode(text)
end

-- The locale decides on printf's decimal separator; JSON's is a full stop.
local function format(form, value) return (form:format(value):gsub("[^%deE+-]+", ".")) end

local function number(value)
  if value ~= value or value == math.huge or value == -math.huge then
    error("JSON has no number for " .. tostring(value), 0)
  end
  -- 2^53: whole numbers up to it are exact on every Lua.
  if value == math.floor(value) and math.abs(value) <= 9007199254740992 then return ("%.0f"):format(value) end
  -- The shortest text of the number: 0.1 rather than 0.10000000000000001.
  for digits = 15, 16 do
    local form = "%." .. digits .. "g"
    if tonumber(form:format(value)) == value then return format(form, value) end
  end
  return format("%.17g", value)
end

local encode
local function encode_table(value)
  local parts = {}
  if json.is_array(value) or value[1] ~= nil then
    for index = 1, #value do parts[index] = encode(value[index]) end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  for index, name in ipairs(member_names(value)) do
    parts[index] = quote(name) .. ":" .. encode(value[name])
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

function encode(value)
  local kind = type(value)
  if value == json.null or kind == "nil" then return "null" end
  if kind == "table" then return encode_table(value) end
  if kind == "string" then return quote(value) end
  if kind == "number" then return number(value) end
  if kind == "boolean" then return tostring(value) end
  if json.is_array(value) then return "[]" end
  error("JSON has no form for a " .. kind, 0)
end

json.encode = encode

return json
