--- A resource of a vendor, such as voice routes, compiled from its description: record types, schemas, and
-- sets of fields.

local core = require "patchbay.core"
local field_lists = require "patchbay.record.fields"
local fold = require "patchbay.record.fold"
local holds_secret = require "patchbay.util.holds_secret"
local keys = require "patchbay.record.key"
local request_body = require "patchbay.record.request_body"

local resource = {}

--- The watch of an update's responses, see core.record.watch; nil for an acknowledgement, which shows
-- nothing.
function resource.watch(self, operation)
  if operation.answer == "acknowledgement" then return nil end
  return core.record.watch(self.schema, self.key, operation.order, self.envelope)
end

local scalar = { string = true, boolean = true, integer = true, number = true }

--- The name of a field that a script may assign, as an example.
function resource.an_assignable(self)
  for _, field in ipairs(self.description.fields) do
    if not field.readOnly and not field.undocumented and scalar[field.type] then return field[1] end
  end
  return "Field"
end

--- Whether an operation requires the field `name`.
function resource.needs(operation, name)
  for _, required in ipairs(operation.required or {}) do
    if required == name then return true end
  end
  return false
end

--- Compiles a resource for a client.
function resource.compile(api, name, methods, context)
  local description, lenient = api.resources[name], context.allows()
  local fields = field_lists.for_client(description, name, context)
  local envelope = description.envelope
  if envelope == nil then envelope = api.envelope end
  local self = {
    name = name,
    description = description,
    key = description.key,
    encoded_key = description.key and core.json.encode(description.key) .. ":",
    known = {}, silent = {}, unseen = {}, unreliable = {}, incomparable = {}, secrets = {},
    nullable = {},
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
    local is_hidden = field.echo ~= nil and field.echo ~= true
    if field.unreliable or is_hidden then self.unseen[field_name] = true end
    if field.unreliable == true then self.unreliable[field_name] = true end
    if field.unreliable == true or is_hidden then self.incomparable[field_name] = true end
    if holds_secret(field) then self.secrets[field_name] = true end
    if field.nullable then self.nullable[field_name] = true end
    if field_name == self.key then self.key_field = field end
  end
  local operations = description.operations
  local properties, resent = field_lists.with_resent(fields, (operations.update or {}).required, self.key)
  self.resent = resent
  self.is_form = request_body.is_form(api, description, operations.update or operations.replace)
  self.schema = core.schema.compile({ type = "object", properties = properties }, lenient,
    self.is_form and "form" or nil)
  local rules = self.key and keys.path_rules(self.key_field)
  if rules then
    self.key_value = core.schema.compile(rules)
    self.key_schema = core.schema.compile { type = "object", properties = { rules } }
  end
  local function folding(collection, ...) return fold(collection.resource, ...) end
  self.record_type = core.record.type(self.schema, name, methods, folding, self.key, self.key_value)
  local create = operations.create
  if create then
    self.create_schema = core.schema.compile({ type = "object", required = create.required,
      properties = field_lists.for_operation(fields, "create") }, lenient,
      request_body.is_form(api, description, create) and "form" or nil)
    self.create_type = core.record.type(self.create_schema, name, {}, folding, self.key)
  end
  return self
end

return resource
