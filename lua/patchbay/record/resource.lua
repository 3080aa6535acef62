--- A resource of a vendor, such as voice routes, compiled from its description: record types, and the
-- peculiarities of responses.

local core = require "patchbay.core"
local request_body = require "patchbay.record.request_body"
local text = require "patchbay.util.text"
local ascii = require "patchbay.util.ascii"

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

-- The values that a response shows, in the names and the form of the description: `fields`, a plain table;
-- `unsure`, see core.record.reading.
local Reading = {}

--- Whether what a response shows has any of the fields that are described: null is none.
function resource.shows(self, fields)
  for name, value in pairs(fields) do
    if self.known[name] and value ~= core.json.null then return true end
  end
  return false
end

--- The watch of an update's responses, see core.record.watch; nil for an acknowledgement, which shows
-- nothing.
function resource.watch(self, operation)
  if operation.answer == "acknowledgement" then return nil end
  return core.record.watch(self.schema, self.key, operation.order, self.envelope)
end

-- The content of the vendor's envelope, if there is one: the data, or the value under its only name. An
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
  if envelope.message and not self.known[envelope.message] then data[envelope.message] = nil end
  local name, member = next(data)
  if type(name) == "string" and type(member) == "table" and next(data, name) == nil
    and not resource.shows(self, data) and resource.shows(self, member) then
    return member
  end
  return data
end

--- The reading, { fields =, unsure = }, of `answer` (a response's JSON text, or decoded, with the set of its
-- inexact strings; or a reading). A decoded value is changed in place. `schema`: instead of the
-- resource's.
function resource.read(self, answer, inexact, schema)
  if getmetatable(answer) == Reading then return answer end
  if type(answer) == "string" then
    answer, inexact = core.json.decode(answer == "" and "{}" or answer, true)
  end
  local fields = type(answer) == "table" and opened(self, answer) or {}
  local unsure = core.record.reading(schema or self.schema, fields, inexact)
  local key = self.key and fields[self.key]
  if key then fields[self.key] = core.record.documented(self.schema, self.key, key) end
  return setmetatable({ fields = fields, unsure = unsure }, Reading)
end

-- The value at the path of an unsure value (see core.record.reading), below the first name of it.
local function at_path(value, path)
  for i = 2, #path do
    if type(value) ~= "table" then return nil end
    value = value[path[i]]
  end
  return value
end

-- Sets in the object `shown` what it does not show of `sent`, and so of the objects in it.
local function fill(shown, sent)
  for name, value in pairs(sent) do
    if shown[name] == nil then
      shown[name] = value
    elseif type(value) == "table" and type(shown[name]) == "table" and #value == 0 and #shown[name] == 0 then
      fill(shown[name], value)
    end
  end
end

-- Whether nothing of a field can be relied on.
local function is_doubtful(unsure)
  for _, path in ipairs(unsure or {}) do
    if #path == 1 and path.why ~= "masked" and path.why ~= "empty" then return true end
  end
  return false
end

-- Takes what the reading shows of a field into `new`. `ours`: what we have sent that no response has shown.
local function take(new, ours, unsure, name, reading)
  local value, sent = reading.fields[name], ours[name]
  local doubts = reading.unsure and reading.unsure[name]
  -- The sent value is more reliable than an unreliable echo of it.
  if sent ~= nil and (value == nil or is_doubtful(doubts)) then
    new[name] = sent
    return
  end
  if value == nil then -- masked, or shown as empty whatever it is
    if reading.whole then new[name] = nil end
    unsure[name] = new[name] == nil and doubts or nil
    return
  end
  new[name], unsure[name] = value, doubts
  if type(sent) == "table" and type(value) == "table" and #sent == 0 and #value == 0 then
    fill(value, sent)
    local left = {}
    for _, path in ipairs(doubts or {}) do
      if not ((path.why == "masked" or path.why == "empty") and at_path(value, path) ~= nil) then
        left[#left + 1] = path
      end
    end
    unsure[name] = left[1] and left
  else
    ours[name] = nil
  end
end

-- core.record's fold: the new state out of the old one, what was sent, and what was answered; `meta` has
-- `ours`, by field what was sent and not shown since, and `unsure`, as a reading has it.
local function fold(self, state, sent, answer, read, meta)
  local ours = meta and shallow_copy(meta.ours) or {}
  local unsure = meta and shallow_copy(meta.unsure) or {}
  local new = state and shallow_copy(state) or {}
  if read then
    -- A read shows all there is, but for what the vendor never shows, and what it keeps to itself of what
    -- we have sent.
    new, unsure = {}, {}
    for name in pairs(state and self.silent or {}) do new[name] = state[name] end
    for name, value in pairs(ours) do new[name] = value end
  end
  for name, value in pairs(sent or {}) do new[name], ours[name], unsure[name] = value, value, nil end
  if answer then
    local reading = resource.read(self, answer)
    reading = { fields = reading.fields, unsure = reading.unsure, whole = read }
    for name in pairs(reading.fields) do take(new, ours, unsure, name, reading) end
    for name in pairs(reading.unsure or {}) do
      if reading.fields[name] == nil then take(new, ours, unsure, name, reading) end
    end
  end
  return new, (next(ours) ~= nil or next(unsure) ~= nil) and { ours = ours, unsure = unsure } or nil
end

-- Far longer than any vendor's keys; a longer one is a mistake, and would fill URLs and messages.
local LONGEST_KEY = 200

-- Beyond it, numbers of 64 bits are no longer exact.
local LARGEST_KEY = 2 ^ 53

--- The key among the fields of a reading, in the type of its field: vendors write an id as a number in one
-- call and as text in another. It need not be one that a script could assign, such as the short number 72345.
-- nil where there is none.
function resource.key_of(self, fields)
  local key, wanted = fields[self.key], self.key_field.type
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
function resource.same_key(self, a, b)
  return a == b or core.record.same(self.key_schema, self.key, a, b)
    or ascii.lower(text.of(a)) == ascii.lower(text.of(b))
end

local scalar = { string = true, boolean = true, integer = true, number = true }

--- The name of a field that a script may assign, as an example.
function resource.an_assignable(self)
  for _, field in ipairs(self.description.fields) do
    if not field.readOnly and not field.undocumented and scalar[field.type] then return field[1] end
  end
  return "Field"
end

--- The problem with `key` as a key of this resource, or nil.
function resource.key_problem(self, key)
  if key == nil then return ("%s.%s: expected a key, got nil"):format(self.name, self.key) end
  if core.record.is(key) then
    return ("%s.%s: expected a key, got a record; call the record's own method, such as record:update(), or "
      .. "write its key: record.%s"):format(self.name, self.key, self.key)
  end
  local ok, err = core.schema.check(self.key_schema, { [self.key] = key }, self.name)
  if ok then return nil end
  if key == 1 then
    -- ipairs and loops over positions begin with it.
    return ("%s: a collection has keys, no positions; write for record in client.%s:list() do"):format(
      self.name, self.name)
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
function resource.path_rules(field)
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

-- Whether one of the `names` in an option is of a field in the object at `path`.
local function names_in(names, path)
  for name in pairs(names) do
    if name:sub(1, #path) == path then return true end
  end
  return false
end

-- `fields` (of a description) as a client wants them: what it names in its options `undocumented` and
-- `unreliable` is let through, or not relied on. `path`: what the fields' names stand behind.
local function amended(fields, path, named)
  local list, names = {}, {}
  for i, field in ipairs(fields) do
    local name, new = path .. field[1], {}
    names[name] = true
    for word, value in pairs(field) do new[word] = value end
    if named.allowed[name] then new.undocumented, new.nullable = nil, true end
    if named.is_unreliable[name] then new.unreliable = true end
    -- Other objects stay as they are: they may be shared by many fields.
    local inner = name .. "."
    if field.properties and (names_in(named.allowed, inner) or names_in(named.is_unreliable, inner)) then
      new.properties = amended(field.properties, inner, named)
    end
    list[i] = new
  end
  local others = {}
  for _, set in ipairs { named.allowed, named.is_unreliable } do
    for name in pairs(set) do
      local own = name:sub(1, #path) == path and name:sub(#path + 1)
      if own and not own:find(".", 1, true) and not names[name] and not named.is_call[name] then
        names[name], others[#others + 1] = true, own
      end
    end
  end
  table.sort(others)
  for _, own in ipairs(others) do
    local name = path .. own
    list[#list + 1] = { own, undocumented = not named.allowed[name] or nil,
      unreliable = named.is_unreliable[name] or nil }
  end
  return list
end

--- Whether an operation requires the field `name`.
function resource.needs(operation, name)
  for _, required in ipairs(operation.required or {}) do
    if required == name then return true end
  end
  return false
end

-- The fields with a mark at those of `names`, which go along with every update; and the set of these names,
-- or nil.
local function with_resent(fields, names, key)
  local set, marked = {}, {}
  for _, name in ipairs(names or {}) do
    if name ~= key then set[name] = true end -- the key has a place of its own
  end
  if next(set) == nil then return fields end
  for i, field in ipairs(fields) do
    marked[i] = field
    if set[field[1]] then
      marked[i] = shallow_copy(field)
      marked[i].resent = true
    end
  end
  return marked, set
end

-- The fields of a description; where the client's options name any of a vendor's fields, as the client wants
-- them.
local function fields_for(description, name, context)
  if next(context.allowed) == nil and next(context.unreliable) == nil then return description.fields end
  local is_call = {}
  for operation in pairs(description.operations) do is_call[name .. "." .. operation] = true end
  return amended(description.fields, name .. ".", { allowed = context.allowed, is_call = is_call,
    is_unreliable = context.unreliable })
end

--- Compiles a resource for a client.
function resource.compile(api, name, methods, context)
  local description, lenient = api.resources[name], context.allows()
  local fields = fields_for(description, name, context)
  local envelope = description.envelope
  if envelope == nil then envelope = api.envelope end
  local self = {
    name = name,
    description = description,
    key = description.key,
    encoded_key = description.key and core.json.encode(description.key) .. ":",
    known = {}, silent = {}, unseen = {}, secrets = {}, nullable = {},
    envelope = envelope or nil,
    field_names = {},
  }
  for i, field in ipairs(fields) do
    local field_name = field[1]
    self.field_names[i] = field_name
    self.known[field_name] = field_name
    for _, alias in ipairs(field.also or {}) do self.known[alias] = field_name end
    if not scalar[field.type] then self.compound = true end
    if field.echo == false then self.silent[field_name] = true end
    if field.unreliable or (field.echo ~= nil and field.echo ~= true) then self.unseen[field_name] = true end
    if field.secret then self.secrets[field_name] = true end
    if field.nullable then self.nullable[field_name] = true end
    if field_name == self.key then self.key_field = field end
  end
  local updated
  updated, self.resent = with_resent(fields, (description.operations.update or {}).required,
    self.key)
  local operations = description.operations
  self.is_form = request_body.is_form(api, description, operations.update or operations.replace)
  self.schema = core.schema.compile({ type = "object", properties = updated }, lenient,
    self.is_form and "form" or nil)
  local rules = self.key and resource.path_rules(self.key_field)
  if rules then
    self.key_value = core.schema.compile(rules)
    self.key_schema = core.schema.compile { type = "object", properties = { rules } }
  end
  local function folding(collection, ...) return fold(collection.resource, ...) end
  self.record_type = core.record.type(self.schema, name, methods, folding, self.key, self.key_value)
  local create = description.operations.create
  if create then
    local properties = for_operation(fields, "create")
    self.create_schema = core.schema.compile(
      { type = "object", properties = properties, required = create.required }, lenient,
      request_body.is_form(api, description, create) and "form" or nil)
    self.create_type = core.record.type(self.create_schema, name, {}, folding, self.key)
  end
  return self
end

return resource
