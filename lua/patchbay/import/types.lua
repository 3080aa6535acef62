--- The type of a schema: what it says, or what the keywords show where it says nothing.

local core = require "patchbay.core"
local members = require "patchbay.import.members"

local types = {}

--- The problem of a schema for which null is the only value.
types.ONLY_NULL = "null is its only value"

local KNOWN = { string = true, number = true, integer = true, boolean = true, array = true, object = true }

-- Keywords that are rules for one type.
local KEYWORDS = {
  string = { "pattern", "minLength", "maxLength" },
  number = { "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf" },
  array = { "items", "minItems", "maxItems", "uniqueItems" },
  object = { "properties", "required", "additionalProperties", "minProperties", "maxProperties" },
}

-- Formats that make a text of what has no type.
local TEXTS = { uri = true, uuid = true, ipv4 = true, ipv6 = true, ["date-time"] = true, password = true }

local ORDER = { "string", "number", "array", "object" }

--- Whether a schema without a type has rules for the values of this type.
function types.has_rules_for(node, name)
  for _, keyword in ipairs(KEYWORDS[name]) do
    if node[keyword] ~= nil then return true end
  end
  return name == "string" and node.format ~= nil
end

--- The types that a schema names, none where it names none, and whether null is valid; or nil and the problem.
function types.of(node)
  local list = node.type
  if list == nil then return {}, false end
  if not members.is_list(list) then list = core.json.array { list } end
  local kinds, nullable, seen = {}, node.nullable == true or nil, {}
  for _, kind in ipairs(list) do
    if kind == "null" then
      nullable = true
    elseif not KNOWN[kind] then
      return nil, type(kind) == "string" and ("its type %q is none of OpenAPI's"):format(kind:sub(1, 40))
        or "its type is no text"
    elseif not seen[kind] then
      seen[kind], kinds[#kinds + 1] = true, kind
    end
  end
  if seen.number and seen.integer then
    local kept = {}
    for _, kind in ipairs(kinds) do
      if kind ~= "integer" then kept[#kept + 1] = kind end
    end
    kinds = kept
  end
  if not kinds[1] then return nil, types.ONLY_NULL end
  return kinds, nullable
end

--- The type of rules: their own, or that for which the keywords are. nil: values of any type are valid; or nil
-- and the problem. `notes.types` counts the types that keywords show.
function types.implied(rules, notes)
  if rules.type or rules.oneOf then return rules.type end
  local found
  for _, name in ipairs(ORDER) do
    local has = name == "string" and (TEXTS[rules.format] or rules.secret or rules.allOf)
    for _, keyword in ipairs(KEYWORDS[name]) do has = has or rules[keyword] ~= nil end
    if has and found then
      return nil, ("it names no type, and has rules for both %s and %s"):format(found, name)
    end
    if has then found = name end
  end
  if found then notes.types = (notes.types or 0) + 1 end
  return found
end

return types
