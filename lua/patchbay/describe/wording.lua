--- A described field in words, for the REPL, the reference pages and the editors' types.

local text = require "patchbay.util.text"

local wording = {}

local formats = {
  uri = "a URI, such as https://example.com/path", uuid = "a UUID", ipv4 = "an IPv4 address",
  ipv6 = "an IPv6 address", ["date-time"] = "a date and time of RFC 3339, such as 2026-04-10T12:00:00Z",
  e164 = "a number of E.164, such as +18018018011", phone = "a telephone number",
}

--- `text` with a capital first letter.
function wording.capital(sentence) return (sentence:gsub("^[a-z]", string.upper)) end

--- A value of a description as Lua writes it.
function wording.value(value) return type(value) == "string" and text.quote(value) or text.of(value) end

-- A list of values as Lua writes them, with `last` before the last one.
local function listed(values, last)
  local texts = {}
  for i, value in ipairs(values) do texts[i] = wording.value(value) end
  if #texts < 2 then return texts[1] end
  return table.concat(texts, ", ", 1, #texts - 1) .. last .. texts[#texts]
end

--- The type: "string", "list of objects", "any".
function wording.type(field)
  local branches = field.oneOf or field.anyOf
  if branches then
    local types, seen = {}, {}
    for _, branch in ipairs(branches) do
      -- Unions may lie in unions again and again.
      local name = (branch.oneOf or branch.anyOf) and "any" or wording.type(branch)
      if not seen[name] then types[#types + 1] = name end
      seen[name] = true
    end
    return table.concat(types, " or ")
  end
  if field.type ~= "array" then return field.type or "any" end
  return field.items and field.items.type and ("list of %ss"):format(field.items.type) or "list"
end

local function range(least, most, unit)
  if least and most then return ("%s to %s%s"):format(text.of(least), text.of(most), unit) end
  if least == 1 and unit == " characters" then return "not empty" end
  if least then return ("at least %s%s"):format(text.of(least), unit) end
  return most and ("at most %s%s"):format(text.of(most), unit)
end

--- The accepted values; nil where the type alone says it.
function wording.values(field)
  local parts = {}
  local function add(part) if part then parts[#parts + 1] = part end end
  add(field.enum and listed(field.enum, " or "))
  add(field.const ~= nil and wording.value(field.const))
  add(field.expected or formats[field.format])
  add(range(field.minLength, field.maxLength, " characters"))
  add(range(field.minimum, field.maximum, ""))
  add(field.exclusiveMinimum and "above " .. text.of(field.exclusiveMinimum))
  add(field.exclusiveMaximum and "below " .. text.of(field.exclusiveMaximum))
  add(field.multipleOf and "a multiple of " .. text.of(field.multipleOf))
  add(range(field.minItems, field.maxItems, " entries"))
  add(field.uniqueItems and "each entry once")
  add(range(field.minProperties, field.maxProperties, " members"))
  for _, rule in ipairs(field.allOf or {}) do add(rule.expected) end
  return parts[1] and table.concat(parts, ", ")
end

-- The operations that may require fields.
local required_by = { "create", "update", "replace" }

--- The peculiarities of assigning and reading the field: a list of short texts. `resource`: the one that it
-- belongs to; nil for an option or a query parameter.
function wording.marks(field, resource)
  local marks = {}
  local function add(condition, mark) if condition then marks[#marks + 1] = mark end end
  for _, operation in ipairs(resource and required_by or {}) do
    local described = resource.operations[operation]
    for _, name in ipairs(described and described.required or {}) do
      add(name == field[1], operation == "create" and "required to create"
        or ("sent along with every %s"):format(operation))
    end
  end
  add(resource and field[1] == resource.key, "key")
  add(field.readOnly, "read-only")
  add(field.writeOnly, "write-only")
  add(field.nullable, "null allowed")
  add(field.secret, "secret")
  add(field.undocumented, "undocumented")
  add(field.verified, "must be verified")
  add(field.refused, "refused")
  return marks
end

--- Further remarks: a list of sentences without a full stop.
function wording.remarks(field)
  local remarks = {}
  local function add(remark) remarks[#remarks + 1] = remark end
  if field.refused then add("It cannot be assigned: " .. field.refused) end
  local create = field.on_create or {}
  if create.enum then
    add("When creating: " .. listed(create.enum, " or "))
  elseif create.enum == false then
    add("When creating: any text")
  end
  if create.undocumented == false then add("Documented for creating only") end
  for _, name in ipairs(field.also or {}) do add(("Answers also call it %s"):format(name)) end
  if field.unreliable == "null" then
    add("Its value in responses after null is not relied on")
  elseif field.unreliable == "form" then
    add("Responses may show an id of another kind, which is not compared")
  elseif field.unreliable then
    add("Its value in responses is not relied on: it is not compared with the value that was sent")
  elseif create.unreliable then
    add("Its value in the response to creating is not relied on")
  end
  if field.unordered then add("The order does not count") end
  if field.echo == false and not field.writeOnly then
    add(field.readOnly and "Only an update's response shows it" or "Responses do not show it")
  elseif field.echo == "other" then
    add("Responses may show another value than was sent; it is not compared")
  elseif field.echo == "empty" then
    add("Responses may show it as empty whatever is in it; then it reads as nil: assign it as a whole")
  elseif field.writeOnly then
    add("Answers never show it")
  end
  return remarks
end

-- Descriptions out of documents end as sentences do, others do not.
local function ended(sentence)
  return sentence:find "[.!?]$" and sentence or sentence .. "."
end

--- Sentences on one line, each with its full stop.
function wording.sentences(parts)
  local list = {}
  for i, part in ipairs(parts) do list[i] = ended(part) end
  return table.concat(list, " ")
end

--- All of it as sentences on one line; may be empty.
function wording.text(field, resource)
  local parts = {}
  local function add(part) if part then parts[#parts + 1] = wording.capital(part) end end
  add(field.description)
  add(wording.values(field))
  local marks = wording.marks(field, resource)
  add(marks[1] and table.concat(marks, ", "))
  for _, remark in ipairs(wording.remarks(field)) do add(remark) end
  return wording.sentences(parts)
end

-- The values of a field that is told apart by them: those of `const` and of `enum`.
local function values_of(field)
  return field.enum or field.const ~= nil and { field.const } or {}
end

-- The properties of all objects among the branches of a union, each once; nil if there are none. One that
-- tells the branches apart has the values of all.
local function in_branches(branches)
  local list, by_name = {}, {}
  for _, branch in ipairs(branches) do
    for _, property in ipairs(branch.properties or {}) do
      local known, values = by_name[property[1]], values_of(property)
      if known and known.enum and values[1] ~= nil then
        for _, value in ipairs(values) do known.enum[#known.enum + 1] = value end
      elseif not known then
        local own = {}
        for keyword, value in pairs(property) do own[keyword] = value end
        if values[1] ~= nil then
          own.const, own.enum = nil, {}
          for i, value in ipairs(values) do own.enum[i] = value end
        end
        by_name[property[1]], list[#list + 1] = own, own
      end
    end
  end
  return list[1] and list
end

-- The fields in an object, or in the objects of a union; nil if there are none.
local function properties_of(rules)
  if rules.oneOf or rules.anyOf then return in_branches(rules.oneOf or rules.anyOf) end
  return rules.properties
end

--- The fields in a field: a list, or nil; and the text between its name and theirs.
function wording.inner(field)
  local own = properties_of(field)
  if own then return own, "." end
  own = field.items and properties_of(field.items)
  if own then return own, "[]." end
end

-- Fields in a flat list: where fields share their parts, there are more than anybody could read.
local MOST_FIELDS = 2000

--- A flat list of { path =, field = } of `fields` and all fields in them, in their order. Of very many the
-- first ones.
function wording.flat(fields, prefix, list)
  list = list or {}
  for _, field in ipairs(fields) do
    if #list >= MOST_FIELDS then break end
    local path = (prefix or "") .. field[1]
    list[#list + 1] = { path = path, field = field }
    local inner, between = wording.inner(field)
    if inner then wording.flat(inner, path .. between, list) end
  end
  return list
end

-- The order in which people look for calls.
local calls = { "get", "list", "create", "update", "replace", "delete" }

--- The calls of a resource: a list of { name =, operation = }.
function wording.calls(resource)
  local list = {}
  for _, name in ipairs(calls) do
    local operation = resource.operations[name]
    if operation then list[#list + 1] = { name = name, operation = operation } end
  end
  return list
end

return wording
