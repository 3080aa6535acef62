--- Keys of records: their rules, and those among the fields of a response.

local core = require "patchbay.core"
local ascii = require "patchbay.util.ascii"
local text = require "patchbay.util.text"

local keys = {}

-- Far longer than any vendor's keys; a longer one is a mistake, and would fill URLs and messages.
local LONGEST_KEY = 200

-- Beyond it, numbers of 64 bits are no longer exact.
local LARGEST_KEY = 2 ^ 53

--- The key among the fields of a reading, in the type of its field: vendors write an id as a number in one
-- call and as text in another. It need not be one that a script could assign, such as the short number 72345.
-- nil where there is none.
function keys.of(resource, fields)
  local key, wanted = fields[resource.key], resource.key_field.type
  if type(key) == "number" then
    if key % 1 ~= 0 or math.abs(key) > LARGEST_KEY then return nil end
    return wanted == "string" and text.of(key) or key
  elseif type(key) ~= "string" or key == "" or #key > LONGEST_KEY or key:find "[%z\1-\31\127]" then
    return nil
  elseif wanted == "integer" then
    local number = key:find "^%-?%d+$" and tonumber(key)
    return number and math.abs(number) <= LARGEST_KEY and number or nil
  end
  return key
end

--- Whether two keys name the same thing, however their letters and digits are written.
function keys.same(resource, a, b)
  return a == b or core.record.same(resource.key_schema, resource.key, a, b)
    or ascii.lower(text.of(a)) == ascii.lower(text.of(b))
end

--- The problem with `key` as a key of a resource, or nil.
function keys.problem(resource, key)
  if key == nil then return ("%s.%s: expected a key, got nil"):format(resource.name, resource.key) end
  if core.record.is(key) then
    return ("%s.%s: expected a key, got a record; call the record's own method, such as record:update(), or "
      .. "write its key: record.%s"):format(resource.name, resource.key, resource.key)
  end
  local ok, err = core.schema.check(resource.key_schema, { [resource.key] = key }, resource.name)
  if ok then return nil end
  if key == 1 then
    -- ipairs and loops over positions begin with it.
    return ("%s: a collection has keys, no positions; write for record in client.%s:list() do"):format(
      resource.name, resource.name)
  end
  return err
end

-- The characters that nobody sees, as src/base/invisible.c lists them, for a class of a pattern. The vendor
-- would say that there is no such record, in a message that shows nothing wrong.
local INVISIBLE = "\\u00A0\\u00AD\\u034F\\u061C\\u1680\\u180E\\u2000-\\u200F\\u2028-\\u202F\\u205F-\\u2064"
  .. "\\u2066-\\u206F\\u3000\\uFE00-\\uFE0F\\uFEFF\\uFFF9-\\uFFFB"
  .. "\243\160\128\128-\243\160\191\191" -- U+E0000 to U+E0FFF

-- Keywords of a field that hold for its value in a path, too.
local FOR_PATHS = { "type", "format", "pattern", "enum", "const", "minimum", "maximum", "exclusiveMinimum",
  "exclusiveMaximum", "multipleOf", "expected" }

--- The rules for a value of `field`, such as a key, that can stand in a path.
function keys.path_rules(field)
  local rules = { field[1] }
  for _, keyword in ipairs(FOR_PATHS) do rules[keyword] = field[keyword] end
  if field.type == "string" then
    rules.minLength = math.max(field.minLength or 0, 1)
    rules.maxLength = math.min(field.maxLength or LONGEST_KEY, LONGEST_KEY)
    rules.allOf = { { type = "string", pattern = "^[^\\x00-\\x1F\\x7F" .. INVISIBLE .. "]*$",
      expected = "text without control characters" } }
    -- "." and ".." are steps of a path (RFC 3986, section 5.2.4), also when they are percent-encoded.
    if not (field.pattern or field.format or field.enum) then
      rules.allOf[2] = { type = "string", pattern = "[^.]|[.]{3}", expected = 'text other than "." and ".."' }
    end
    for _, rule in ipairs(field.allOf or {}) do rules.allOf[#rules.allOf + 1] = rule end
  end
  return rules
end

return keys
