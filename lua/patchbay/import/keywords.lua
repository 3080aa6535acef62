--- The keywords of schemas by their purpose.

local types = require "patchbay.import.types"

local keywords = {}

-- Keywords of JSON Schema that descriptions do not have.
local UNSUPPORTED = { "if", "patternProperties", "dependencies", "dependentRequired", "dependentSchemas",
  "contains", "propertyNames", "prefixItems", "unevaluatedItems", "$dynamicRef", "$recursiveRef" }

-- The purposes of a schema's keywords; those of no interest are not in it.
local CLASS = { ["$ref"] = "reference", ["not"] = "excluded", allOf = "parts", oneOf = "union",
  anyOf = "union",
  enum = "values", const = "values", readOnly = "marks", writeOnly = "marks", format = "string" }
for name, list in pairs(types.KEYWORDS) do
  for _, keyword in ipairs(list) do CLASS[keyword] = name end
end
for _, keyword in ipairs(UNSUPPORTED) do CLASS[keyword] = "unsupported" end

-- Sets of classes are shared, as there are few: class by class, the set with one more.
local NONE = {}
local larger = {}

local function with_class(has, class)
  local known = larger[has]
  if not known then
    known = {}
    larger[has] = known
  end
  if not known[class] then
    local set = { [class] = true }
    for name in pairs(has) do set[name] = true end
    known[class] = set
  end
  return known[class]
end

--- The classes of the keywords of a schema, as a set: "reference", "excluded", "parts", "union", "values",
-- "marks", "unsupported", and the types for which it has keywords.
function keywords.classes_of(node)
  local has = NONE
  for i = 1, #node do
    local class = CLASS[node[i]]
    if class and not has[class] then has = with_class(has, class) end
  end
  return has
end

--- The problem of a schema with unsupported keywords.
function keywords.problem_of(node)
  for _, keyword in ipairs(UNSUPPORTED) do
    if node[keyword] ~= nil then return ("it has %s, which descriptions cannot say"):format(keyword) end
  end
end

return keywords
