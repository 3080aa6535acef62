--- A resource of a vendor, such as voice routes, compiled from its description: record types, and the
-- peculiarities of responses.

local core = require "patchbay.core"
local text = require "patchbay.util.text"

local resource = {}

-- The fields with their rules for `operation`: the core does not know the keyword on_<operation>.
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

-- Responses spell some names in more than one way, and some booleans as text.
local function normalise(self, response)
  for alias, name in pairs(self.aliases) do
    if response[alias] ~= nil then
      if response[name] == nil then response[name] = response[alias] end
      response[alias] = nil
    end
  end
  if self.text_booleans then
    for name in pairs(self.booleans) do
      if response[name] == "true" then response[name] = true
      elseif response[name] == "false" then response[name] = false end
    end
  end
  return response
end

--- Whether a plain table has any described field.
function resource.shows(self, value)
  for _, name in ipairs(self.field_names) do
    if value[name] ~= nil then return true end
  end
  return false
end

-- Opens the vendor's envelope, if there is one: returns the data, or the value of its only member. An
-- envelope without data is empty, as its own members are no fields.
local function opened(self, response)
  local envelope = self.envelope
  if not envelope then return response end
  if resource.shows(self, response) then
    for _, name in pairs(envelope) do response[name] = nil end
    return response
  end
  local data = response[envelope.data]
  if type(data) ~= "table" then return response[envelope.code] == nil and response or {} end
  local name, member = next(data)
  if type(name) == "string" and type(member) == "table" and next(data, name) == nil
    and not resource.shows(self, data) and resource.shows(self, member) then
    return member
  end
  return data
end

--- A response (checked JSON text, or a plain table) as a plain table with the names of the description.
function resource.read(self, response)
  if type(response) == "string" then
    response = response ~= "" and core.json.decode(response) or {}
  end
  if type(response) ~= "table" then return {} end
  return normalise(self, opened(self, response))
end

-- The new state from the old one, the sent values and the response. `read`: whether it was a read. Called by
-- core.record.
local function fold(self, state, sent, response, read)
  local new
  if read then
    -- A read shows the whole state, except fields that the vendor never shows.
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
  if response then
    for name, value in pairs(resource.read(self, response)) do
      -- The sent value is more reliable than the vendor's unreliable echo.
      if not (self.unreliable[name] and sent and sent[name] ~= nil and not read) then new[name] = value end
    end
  end
  return new
end

-- Far longer than any vendor's keys; a longer one is a mistake, and would fill URLs and messages.
local LONGEST_KEY = 200

-- Beyond it, numbers of 64 bits are no longer exact.
local LARGEST_KEY = 2 ^ 53

--- The key that `fields` (a response's, as read() gives them) show, in the type of its field: vendors write
-- an id as a number in one call and as text in another. What they show is a key, also where a script could
-- not assign it (a short number, 72345). nil: there is none.
function resource.key_of(self, fields)
  local key, wanted = fields[self.key], self.key_field.type
  if type(key) == "number" then
    if key % 1 ~= 0 or math.abs(key) > LARGEST_KEY then return nil end
    return wanted == "string" and text.of(key) or key
  elseif type(key) ~= "string" or key == "" or #key > LONGEST_KEY or key:find "%c" then
    return nil
  elseif wanted == "integer" then
    local number = key:find "^%-?%d+$" and tonumber(key)
    return number and math.abs(number) <= LARGEST_KEY and number or nil
  end
  return key
end

--- Whether two keys name the same thing, in any letter case, as number or text.
function resource.same_key(a, b)
  return a == b or text.of(a):lower() == text.of(b):lower()
end

--- The problem with `key` as a key of this resource, or nil.
function resource.key_problem(self, key)
  if key == nil then return ("%s.%s: expected a key, got nil"):format(self.name, self.key) end
  local ok, err = core.schema.check(self.key_schema, { [self.key] = key }, self.name)
  if not ok then return err end
end

-- The rules for keys: a value of the key field that can stand in a path.
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

--- Compiles a resource. `lenient`: accepts what the vendor does not document.
function resource.compile(api, name, methods, lenient)
  local description = api.resources[name]
  local self = {
    name = name,
    description = description,
    key = description.key,
    encoded_key = core.json.encode(description.key) .. ":",
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
