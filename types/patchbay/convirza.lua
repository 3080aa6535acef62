---@meta _

-- Made by `make docs` from lua/patchbay/apis/convirza.lua; change that.

---@class (exact) patchbay.convirza.Options : patchbay.Options
---@field email? string Of the user. Not empty.
---@field password? string Not empty. Secret.
---@field token? string An access token of your own to start with; alone it is used until it is refused. Not empty. Secret.
---@field login_url? string Root of the login server; base_url if that is given, else the vendor's. A URI, such as https://example.com/path.
---@field login_fields? patchbay.convirza.Options.login_fields What the login body calls e-mail and password: the vendor does not document it. By default { email = "email", password = "password" }.
---@field tokens? table|fun(): table? Tokens to start with, as on_tokens got them; or a function that gives them, asked again when they are refused.
---@field on_tokens? fun(tokens: table) A function: gets new tokens, to store them, as a refresh token is good for one use.

---@class (exact) patchbay.convirza.Options.login_fields
---@field email? string Not empty.
---@field password? string Not empty.

---@class (exact) patchbay.convirza.provisioned_routes.Record : patchbay.Record
---@field provisioned_route_id? integer The route. At least 0. Key, read-only.
---@field provisioned_route_name? string What people call the route.
---@field provisioned_route_status? string "active" is known.
---@field call_value? number Conversion value.
---@field repeat_interval? integer 30 in the example; the unit is not said.
---@field org_unit_id? integer
---@field webhook_id? integer How to detach one is not said.
---@field sms_enabled? boolean
---@field spam_enabled? boolean
---@field sms_settings patchbay.convirza.provisioned_routes.sms_settings
---@field customSourceList? patchbay.convirza.provisioned_routes.customSourceList[]
---@field routing_configuration patchbay.convirza.provisioned_routes.routing_configuration
---@overload fun(fields: patchbay.convirza.provisioned_routes.Fields): patchbay.convirza.provisioned_routes.Record

---@class (exact) patchbay.convirza.provisioned_routes.sms_settings
---@field assigned_users? integer[]
---@field sms_notifications? boolean
---@field email_notifications? boolean
---@field unclaimed_sms? boolean

---@class (exact) patchbay.convirza.provisioned_routes.customSourceList
---@field custom_source_id? string A number as text: "1080".
---@field custom_source_type? string "CS1" is known.

---@class (exact) patchbay.convirza.provisioned_routes.routing_configuration
---@field routing_type? string "simple" is known.
---@field config? patchbay.convirza.provisioned_routes.routing_configuration.config

---@class (exact) patchbay.convirza.provisioned_routes.routing_configuration.config
---@field ringto? string Ten digits, without +1.
---@field isSimultaneousRing? boolean
---@field click_to_call_enabled? boolean
---@field dnis_as_cid? string "phone_number" is known.
---@field voice_prompt? string A text in the example.
---@field whisper_enabled? boolean
---@field whisper_type? string "file" is known.
---@field whisper_message? string A text in the example.
---@field ftc_whisper_enabled? string A boolean as text: "1".
---@field ftc_whisper_type? string "file" is known.
---@field ftc_whisper_message? string An id in the example.
---@field message_enabled? string A boolean as text: "1".
---@field message_type? string "file" is known.
---@field message? string An id in the example.
---@field activate_voicemail? boolean
---@field voicemail_greeting? string A text in the example.
---@field activate_voiceagent? boolean
---@field is_ODN_enabled? boolean
---@field click_to_call? boolean Another switch than click_to_call_enabled.
---@field play_disclaimer? string "before" is known.
---@field play_on_hold_enabled? boolean
---@field play_on_hold_message? string Empty in the example.
---@field play_on_hold_message_type? string Empty in the example.
---@field record_call? boolean
---@field overflowNumbers? patchbay.convirza.provisioned_routes.routing_configuration.config.overflowNumbers[]
---@field assigned_agent_id? any Null in the example: what else it may be is not shown. Null allowed.
---@field route_voice_agent_enabled? boolean How it differs from activate_voiceagent is not said.
---@field voice_agent_rings_count? integer
---@field voice_agent_id? integer
---@field voicemail_rings_count? string A number as text: "3".
---@field hunt_options? patchbay.convirza.provisioned_routes.routing_configuration.config.hunt_options

---@class (exact) patchbay.convirza.provisioned_routes.routing_configuration.config.overflowNumbers
---@field number? string Formatted: "(111)-111-1110".
---@field rings? string A number as text: "3".
---@field overflow_order? integer
---@field unmaskNumber? string The same digits, not formatted.
---@field overflowNumber? string The same digits, not formatted.

---@class (exact) patchbay.convirza.provisioned_routes.routing_configuration.config.hunt_options
---@field type? string "round_robin" is known.
---@field options? patchbay.convirza.provisioned_routes.routing_configuration.config.hunt_options.options[]

---@class (exact) patchbay.convirza.provisioned_routes.routing_configuration.config.hunt_options.options
---@field destination? string Digits.
---@field order? integer

---@class (exact) patchbay.convirza.provisioned_routes.Fields
---@field provisioned_route_name? string What people call the route.
---@field provisioned_route_status? string "active" is known.
---@field call_value? number Conversion value.
---@field repeat_interval? integer 30 in the example; the unit is not said.
---@field org_unit_id? integer
---@field webhook_id? integer How to detach one is not said.
---@field sms_enabled? boolean
---@field spam_enabled? boolean
---@field sms_settings? patchbay.convirza.provisioned_routes.sms_settings
---@field customSourceList? patchbay.convirza.provisioned_routes.customSourceList[]
---@field routing_configuration? patchbay.convirza.provisioned_routes.routing_configuration

---@class (exact) patchbay.convirza.provisioned_routes.New
---@field provisioned_route_name? string What people call the route.
---@field provisioned_route_status? string "active" is known.
---@field call_value? number Conversion value.
---@field repeat_interval? integer 30 in the example; the unit is not said.
---@field org_unit_id? integer
---@field webhook_id? integer How to detach one is not said.
---@field sms_enabled? boolean
---@field spam_enabled? boolean
---@field sms_settings? patchbay.convirza.provisioned_routes.sms_settings
---@field customSourceList? patchbay.convirza.provisioned_routes.customSourceList[]
---@field routing_configuration? patchbay.convirza.provisioned_routes.routing_configuration

---@class (exact) patchbay.convirza.provisioned_routes.Query
---@field limit? integer 1 to 200.
---@field offset? integer At least 0.

---Provisioned routes: what happens to calls to a tracking number.
---@class patchbay.convirza.provisioned_routes
---@field [integer] patchbay.convirza.provisioned_routes.Record A record, of which nothing is known yet
local provisioned_routes = {}

---Reads one. Returns a record with the vendor's state; or `nil, err`.
---
---This vendor does not document it: `undocumented = "allow"`.
---@param key integer
---@param options? patchbay.CallOptions
---@return patchbay.convirza.provisioned_routes.Record?
---@return patchbay.Error|patchbay.Receipt
function provisioned_routes:get(key, options) end

---Goes through all of them, page by page: `for record in c:list() do`. Returns an iterator; it raises an error value when a page cannot be read. `query`: the vendor's parameters.
---
---This vendor does not document it: `undocumented = "allow"`.
---@param query? patchbay.convirza.provisioned_routes.Query
---@return fun(): patchbay.convirza.provisioned_routes.Record
function provisioned_routes:list(query) end

---What is wrong or missing in `fields` raises. Returns the new record; or `nil, err`.
---
---This vendor does not document it: `undocumented = "allow"`.
---@param fields patchbay.convirza.provisioned_routes.New
---@param options? patchbay.CallOptions
---@return patchbay.convirza.provisioned_routes.Record?
---@return patchbay.Error|patchbay.Receipt
function provisioned_routes:create(fields, options) end

---Record, assign and update in one call. Returns the record; or `nil, err`.
---@param key integer
---@param fields patchbay.convirza.provisioned_routes.Fields
---@param options? patchbay.UpdateOptions
---@return patchbay.convirza.provisioned_routes.Record?
---@return patchbay.Error|patchbay.Receipt
function provisioned_routes:update(key, fields, options) end

---Returns `true`; or `nil, err`.
---
---This vendor does not document it: `undocumented = "allow"`.
---@param key integer
---@param options? patchbay.CallOptions
---@return true?
---@return patchbay.Error
function provisioned_routes:delete(key, options) end

---One account at Convirza.
---@class patchbay.convirza.Client : patchbay.Client
---@field provisioned_routes patchbay.convirza.provisioned_routes Provisioned routes: what happens to calls to a tracking number
