-- Crazytel's fields, as data. `default` is the value of a trunk that was created without the field.

local json = require "patchbay.sandbox.json"

local schema = {}

local PASSWORD = { { "%u", "an upper case letter" }, { "%l", "a lower case letter" }, { "%d", "a digit" } }

-- clearable: null clears the field, where the option `nulls` says so.
local trunk_fields = {
  { name = "enabled", type = "boolean", default = true },
  { name = "password", type = "string", min_length = 8, contains = PASSWORD },
  { name = "area_code", type = "string", default = json.null, clearable = true },
  { name = "caller_id_number", type = "string" },
  { name = "description", type = "string", default = json.null, clearable = true },
  { name = "hide_caller_id", type = "boolean", default = false },
  { name = "sms_sender", type = "string", default = json.null, clearable = true },
  { name = "softphone_show_balance", type = "boolean", default = true },
  { name = "softphone_sync_sms", type = "boolean", default = false },
}

schema.TRUNK_READ_ONLY = { "id", "username" }

local function trunk(clear, required)
  local fields = {}
  for index, field in ipairs(trunk_fields) do
    local rule = {}
    for key, value in pairs(field) do rule[key] = value end
    rule.nullable = clear and field.clearable
    fields[index] = rule
  end
  return { fields = fields, required = required, read_only = schema.TRUNK_READ_ONLY }
end

local REQUIRED = { "password", "caller_id_number" }
schema.trunk = {
  refuse = { create = trunk(false, REQUIRED), update = trunk(false) },
  clear = { create = trunk(true, REQUIRED), update = trunk(true) },
}

schema.trunk_id = { name = "trunk_id", type = "string", format = "uuid" }

-- Names are documented, types are not; a type is given only where the page leaves no other.
schema.number = {
  fields = {
    { name = "did_number", type = "string", format = "digits" },
    { name = "description", type = "string" },
    { name = "primary_route", type = "string" },
    { name = "primary_destination", type = "string" },
    { name = "primary_timeout", type = "any" },
    { name = "backup_route", type = "string" },
    { name = "backup_destination", type = "string" },
    { name = "block_prefs", type = "object", fields = {
      { name = "block_invalid", type = "any" },
      { name = "block_hidden", type = "any" },
      { name = "block_international", type = "any" },
      { name = "block_landline", type = "any" },
      { name = "block_mobile", type = "any" },
      { name = "block_list", type = "any" },
      { name = "allow_list", type = "any" },
      { name = "route", type = "string" },
      { name = "destination", type = "string" },
    } },
    { name = "sms_routes", type = "object", fields = {
      { name = "route", type = "string" },
      { name = "destination", type = "string" },
    } },
    { name = "address_id", type = "string", format = "uuid" },
    { name = "person_id", type = "string", format = "uuid" },
  },
  required = { "did_number" },
}

return schema
