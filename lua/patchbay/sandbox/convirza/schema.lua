-- A provisioned route's fields, as data. Types are those of the vendor's only example, strings included: "1"
-- and "3" stand beside true and 3. `default` is the value after a full update without the field; that it is
-- reset is documented, its value is not, so these are only plausible.

local json = require "patchbay.sandbox.json"

local schema = {}

local function field(name, kind, more)
  local rule = { name = name, type = kind }
  for key, value in pairs(more or {}) do rule[key] = value end
  return rule
end

local function text(name, default) return field(name, "string", { default = default }) end
local function switch(name, default) return field(name, "boolean", { default = default }) end
local function integer(name) return field(name, "integer") end
-- A reference that may be null.
local function reference(name) return field(name, "integer", { nullable = true, default = json.null }) end
local function object(name, list) return field(name, "object", { fields = list }) end
local function list(name, fields)
  return field(name, "array", { items = { type = "object", fields = fields } })
end

local sms_settings = object("sms_settings", {
  field("assigned_users", "array", { items = { type = "integer" } }),
  switch "sms_notifications",
  switch "email_notifications",
  switch "unclaimed_sms",
})

local sources = list("customSourceList", { text "custom_source_id", text "custom_source_type" })

local config = object("config", {
  text "ringto",
  switch "isSimultaneousRing",
  switch "click_to_call_enabled",
  text "dnis_as_cid",
  text "voice_prompt",
  switch "whisper_enabled",
  text "whisper_type",
  text "whisper_message",
  text("ftc_whisper_enabled", "0"),
  text "ftc_whisper_type",
  text "ftc_whisper_message",
  text("message_enabled", "0"),
  text "message_type",
  text "message",
  switch "activate_voicemail",
  text "voicemail_greeting",
  switch "activate_voiceagent",
  switch "is_ODN_enabled",
  switch "click_to_call",
  text "play_disclaimer",
  switch "play_on_hold_enabled",
  text "play_on_hold_message",
  text "play_on_hold_message_type",
  switch "record_call",
  list("overflowNumbers", { text "number", text "rings", integer "overflow_order", text "unmaskNumber",
    text "overflowNumber" }),
  -- Null in the example; other values are not shown.
  field("assigned_agent_id", "any", { default = json.null }),
  switch "route_voice_agent_enabled",
  integer "voice_agent_rings_count",
  reference "voice_agent_id",
  text("voicemail_rings_count", "0"),
  object("hunt_options", { text "type", list("options", { text "destination", integer "order" }) }),
})

-- `org_unit`: the default unit of a route.
function schema.route(org_unit)
  return {
    fields = {
      text "provisioned_route_name",
      text("provisioned_route_status", "active"),
      field("call_value", "number"),
      integer "repeat_interval",
      field("org_unit_id", "integer", { default = org_unit }),
      reference "webhook_id",
      switch "sms_enabled",
      switch "spam_enabled",
      sms_settings,
      sources,
      object("routing_configuration", { text("routing_type", "simple"), config }),
    },
    read_only = { "provisioned_route_id" },
  }
end

-- The members of a login body are not documented: options name them.
function schema.login(email, password)
  return {
    fields = { text(email), text(password) },
    required = { email, password },
  }
end

schema.refresh = { fields = { text "refresh_token" }, required = { "refresh_token" } }

return schema
