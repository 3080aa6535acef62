--- The values of YAML's plain scalars, by the core schema of YAML 1.2 (section 10.3.2), as JSON text: `Off`,
-- `18:00` and `1_000` are texts, `012` is twelve, `0o17` is fifteen. A quoted scalar is always a text.

local yaml_scalar = {}

local NULL = { [""] = true, ["~"] = true, null = true, Null = true, NULL = true }
local BOOLEANS = { ["true"] = "true", True = "true", TRUE = "true",
  ["false"] = "false", False = "false", FALSE = "false" }
-- Digits of a hexadecimal or octal number at most: it then is exact on every Lua.
local MOST_DIGITS = { [16] = 13, [8] = 17 }

-- Decimal digits as JSON has them: without a plus and zeros in front.
local function decimal(text)
  local sign, whole, rest = text:match "^([-+]?)(%d*)(.*)$"
  whole = whole:gsub("^0+(%d)", "%1")
  local fraction, exponent = rest:match "^%.?(%d*)(.*)$"
  return (sign == "-" and "-" or "") .. (whole == "" and "0" or whole)
    .. (fraction == "" and "" or "." .. fraction) .. exponent
end

local function of_base(digits, base)
  digits = digits:gsub("^0+(.)", "%1")
  if #digits > MOST_DIGITS[base] then return nil,
    "a number of so many digits is not exact; write it decimal" end
  local value = 0
  for digit in digits:gmatch "." do value = value * base + tonumber(digit, 16) end
  return ("%.0f"):format(value)
end

--- The JSON text of a plain scalar that is null, a boolean or a number; nil where it is a text; nil and the
-- problem where JSON has no such value.
function yaml_scalar.json(text)
  if NULL[text] then return "null" end
  if BOOLEANS[text] then return BOOLEANS[text] end
  if text:find "^[-+]?%d+$" then return decimal(text) end
  local octal, hexadecimal = text:match "^0o([0-7]+)$", text:match "^0x(%x+)$"
  if octal then return of_base(octal, 8) elseif hexadecimal then return of_base(hexadecimal, 16) end
  local mantissa = text:match "^[-+]?(%.?%d+%.?%d*)$" or text:match "^[-+]?(%.?%d+%.?%d*)[eE][-+]?%d+$"
  if mantissa and select(2, mantissa:gsub("%.", "")) <= 1 then return decimal(text) end
  local name = text:match "^[-+]?%.(%a+)$"
  if name == "inf" or name == "Inf" or name == "INF" or text:find "^%.[nN]a[nN]$" or text == ".NAN" then
    return nil, text .. " is a number that JSON does not have"
  end
  return nil
end

-- Tags of the core schema -> whether this JSON text has that type.
local TYPES = {
  null = function(json) return json == "null" end,
  bool = function(json) return json == "true" or json == "false" end,
  int = function(json) return json:find "^-?%d+$" ~= nil end,
  float = function(json) return json:find "^-?%d" ~= nil end,
}

--- The same for a scalar with a tag: tagged `!!int`, a quoted one is a number, too. Returns the JSON text, or
-- nil and nil for a text, or nil and the problem.
function yaml_scalar.tagged(text, tag)
  local name = tag:match "^tag:yaml%.org,2002:(.*)$"
  if tag == "!" or name == "str" then return nil end
  if not TYPES[name] then return nil, ("the tag %s is none of YAML's core schema"):format(tag) end
  local json, problem = yaml_scalar.json(text)
  if problem then return nil, problem end
  if json and TYPES[name](json) then return json end
  return nil, ("%s is not of the type of its tag, !!%s"):format(text, name)
end

return yaml_scalar
