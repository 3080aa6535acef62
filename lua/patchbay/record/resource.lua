--- A resource of a vendor (voice routes, say), compiled from its description: types of records, and
-- what the answers' oddities are.

local core = require "patchbay.core"
local text = require "patchbay.util.text"

local resource = {}

-- The words of a description that are ours and mean nothing to the core.
local function for_operation(fields, operation)
  local properties = {}
  for i, field in ipairs(fields) do
    local own = field["on_" .. operation]
    if own then
      local changed = {}
      for word, value in pairs(field) do changed[word] = value end
      for word, value in pairs(own) do
        if value == false and word ~= "undocumented" and word ~= "readOnly" then
          changed[word] = nil
        else
          changed[word] = value
        end
      end
      field = changed
    end
    properties[i] = field
  end
  return properties
end

local function shallow_copy(t)
  local copy = {}
  for key, value in pairs(t) do copy[key] = value end
  return copy
end

-- Answers spell some names in more than one way, and some booleans as text.
local function normalise(self, answer)
  for alias, name in pairs(self.aliases) do
    if answer[alias] ~= nil then
      if answer[name] == nil then answer[name] = answer[alias] end
      answer[alias] = nil
    end
  end
  if self.text_booleans then
    for name in pairs(self.booleans) do
      if answer[name] == "true" then answer[name] = true
      elseif answer[name] == "false" then answer[name] = false end
    end
  end
  return answer
end

--- Whether a plain table has any of the fields that are described.
function resource.shows(self, value)
  for _, name in ipairs(self.field_names) do
    if value[name] ~= nil then return true end
  end
  return false
end

-- What is in the vendor's envelope, if it is in one: the data, or what lies under the only name in it. An
-- envelope around nothing holds nothing, and its own members are no fields.
local function opened(self, answer)
  local envelope = self.envelope
  if not envelope then return answer end
  if resource.shows(self, answer) then
    for _, name in pairs(envelope) do answer[name] = nil end
    return answer
  end
  local data = answer[envelope.data]
  if type(data) ~= "table" then return answer[envelope.code] == nil and answer or {} end
  local name, member = next(data)
  if type(name) == "string" and type(member) == "table" and next(data, name) == nil
    and not resource.shows(self, data) and resource.shows(self, member) then
    return member
  end
  return data
end

--- An answer (checked JSON text, or a plain table) as a plain table in the description's own names.
function resource.read(self, answer)
  if type(answer) == "string" then
    answer = answer ~= "" and core.json.decode(answer) or {}
  end
  if type(answer) ~= "table" then return {} end
  return normalise(self, opened(self, answer))
end

-- core.record's fold: the new state out of the old one, what was sent, and what was answered.
local function fold(self, state, sent, answer, read)
  local new
  if read then
    -- A read shows all there is, but for what the vendor never shows.
    new = {}
    if state then
      for name in pairs(self.silent) do new[name] = state[name] end
    end
  else
    new = state and shallow_copy(state) or {}
  end
  if sent then
    for name, value in pairs(sent) do new[name] = value end
  end
  if answer then
    for name, value in pairs(resource.read(self, answer)) do
      -- What was just sent is more to be trusted than an unreliable echo of it.
      if not (self.unreliable[name] and sent and sent[name] ~= nil and not read) then new[name] = value end
    end
  end
  return new
end

--- Whether two keys name the same thing, however their letters and digits are written.
function resource.same_key(a, b)
  return a == b or text.of(a):lower() == text.of(b):lower()
end

--- What is wrong with `key` as a key of this resource; nil: nothing.
function resource.problem_of_key(self, key)
  if key == nil then return ("%s.%s: expected a key, got nil"):format(self.name, self.key) end
  local good, why = core.schema.check(self.key_schema, { [self.key] = key }, self.name)
  if not good then return why end
end

-- No vendor's keys come near it; a longer one is a mistake, and would fill address and messages.
local LONGEST_KEY = 200

-- What a key may be: a value of its field, and one that can stand in a path.
local function key_rules(field)
  local rules = {
    field[1], type = field.type, format = field.format, pattern = field.pattern, minimum = field.minimum,
    expected = field.expected,
  }
  if field.type == "string" then
    rules.minLength, rules.maxLength = 1, LONGEST_KEY
    rules.allOf = { { type = "string", pattern = "^[^\\x00-\\x1F\\x7F]*$",
      expected = "text without control characters" } }
  end
  return rules
end

--- Compiles a resource. `lenient`: what the vendor does not document is let through.
function resource.compile(api, name, methods, lenient)
  local description = api.resources[name]
  local self = {
    name = name,
    description = description,
    key = description.key,
    key_on_wire = core.json.encode(description.key) .. ":",
    aliases = {}, booleans = {}, silent = {}, unreliable = {}, secrets = {}, enums = {},
    text_booleans = api.text_booleans,
    envelope = api.envelope,
    field_names = {},
  }
  for i, field in ipairs(description.fields) do
    local field_name = field[1]
    self.field_names[i] = field_name
    for _, alias in ipairs(field.also or {}) do self.aliases[alias] = field_name end
    if field.type == "object" then self.nested = true end
    if field.type == "boolean" then self.booleans[field_name] = true end
    if field.echo == false then self.silent[field_name] = true end
    if field.echo == "unreliable" then self.unreliable[field_name] = true end
    if field.secret then self.secrets[field_name] = true end
    if field.enum then self.enums[field_name] = true end
    if field_name == self.key then self.key_field = field end
  end
  self.schema = core.schema.compile({ type = "object", properties = description.fields }, lenient)
  local rules = key_rules(self.key_field)
  self.key_value = core.schema.compile(rules)
  self.key_schema = core.schema.compile { type = "object", properties = { rules } }
  local function folding(collection, ...) return fold(collection.resource, ...) end
  self.record_type = core.record.type(self.schema, name, methods, folding, self.key, self.key_value)
  local create = description.operations.create
  if create then
    local properties = for_operation(description.fields, "create")
    self.create_schema = core.schema.compile(
      { type = "object", properties = properties, required = create.required }, lenient)
    self.create_type = core.record.type(self.create_schema, name, {}, folding, self.key)
  end
  return self
end

return resource
