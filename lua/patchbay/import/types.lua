--- The type of a schema: the one it names, or else the one that its keywords imply.

local members = require "patchbay.import.members"

local types = {}

--- The problem of a schema for which null is the only value.
types.ONLY_NULL = "null is its only value"

--- The problem of a schema for which no value is valid.
types.NOTHING = "nothing is valid for it"

local KNOWN = { string = true, number = true, integer = true, boolean = true, array = true, object = true }

--- Keywords that are rules for one type.
local KEYWORDS = {
  string = { "pattern", "minLength", "maxLength" },
  number = { "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf" },
  array = { "items", "minItems", "maxItems", "uniqueItems" },
  object = { "properties", "required", "additionalProperties", "minProperties", "maxProperties" },
}

-- Formats that make a text of a schema without a type.
local TEXTS = { uri = true, uuid = true, ipv4 = true, ipv6 = true, ["date-time"] = true, password = true }

local ORDER = { "string", "number", "array", "object" }

types.KEYWORDS = KEYWORDS

-- The types in a list, without integer beside number.
local function types_in(node)
  local kinds, nullable, seen = {}, node.nullable == true or nil, {}
  for _, kind in ipairs(node.type) do
    if kind == "null" then
      nullable = true
    elseif not KNOWN[kind] then
      return false, "one of its types is none of OpenAPI's"
    elseif not seen[kind] then
      seen[kind], kinds[#kinds + 1] = true, kind
    end
  end
  if seen.number and seen.integer then
    for i, kind in ipairs(kinds) do
      if kind == "integer" then
        table.remove(kinds, i)
        break
      end
    end
  end
  if not kinds[1] then return false, types.ONLY_NULL end
  if kinds[2] then return nil, nullable, kinds end
  return kinds[1], nullable
end

local OF_TYPE = { format = "string", allOf = "string", nameless = "object", unknown_additional = "object" }
local SHOWN_BY = {}
for name, keywords in pairs(KEYWORDS) do
  for _, keyword in ipairs(keywords) do OF_TYPE[keyword], SHOWN_BY[keyword] = name, name end
end

--- Takes the rules for other types than their own out of rules that name one: they mean nothing there.
function types.strip(rules)
  local own = rules.type == "integer" and "number" or rules.type
  if not own then return end
  local foreign = {}
  for keyword in pairs(rules) do
    if OF_TYPE[keyword] and OF_TYPE[keyword] ~= own then foreign[#foreign + 1] = keyword end
  end
  for _, keyword in ipairs(foreign) do rules[keyword] = nil end
end

--- The type that a schema names, nil where it names none or several; whether null is valid, true or nil; and
-- the list of types where they are several. Or false and the problem.
function types.of(node)
  local kind = node.type
  if kind == nil or KNOWN[kind] then return kind, node.nullable == true or nil end
  if members.is_list(kind) then return types_in(node) end
  if kind == "null" then return false, types.ONLY_NULL end
  return false, type(kind) == "string" and ("its type %q is none of OpenAPI's"):format(kind:sub(1, 40))
    or "its type is no text"
end

--- The type of rules: their own, or that for which the keywords are. nil: values of any type are valid; or
-- nil and the problem. `notes.types` counts the types that keywords show.
function types.implied(rules, notes)
  if rules.type or rules.oneOf or rules.anyOf then return rules.type end
  local shown, found = { string = TEXTS[rules.format] or rules.secret or rules.allOf }, nil
  for keyword in next, rules do
    local name = SHOWN_BY[keyword]
    if name then shown[name] = true end
  end
  for i = 1, #ORDER do
    local name = ORDER[i]
    local has = shown[name]
    if has and found then
      return nil, ("it names no type, and has rules for both %s and %s"):format(found, name)
    end
    if has then found = name end
  end
  if found then notes.types = (notes.types or 0) + 1 end
  return found
end

return types
