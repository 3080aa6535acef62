---@meta _

-- Made by `make docs` from lua/patchbay/apis/crazytel.lua; change that.

---@class (exact) patchbay.crazytel.Options : patchbay.Options
---@field api_key? string The account's key. Not empty. Secret.

---@class (exact) patchbay.crazytel.phone_numbers.Record : patchbay.Record
---@field did_number? string The number. Digits with the country code and without +, such as "61291234567". Key, read-only.
---@field description? string What people call the number.
---@field primary_route? string Where calls go; "congestion", "device" and "server" are known.
---@field primary_destination? string For routes that need one.
---@field primary_timeout? any Seconds.
---@field backup_route? string Of the same kinds as primary_route.
---@field backup_destination? string For routes that need one.
---@field block_prefs patchbay.crazytel.phone_numbers.block_prefs What is blocked and allowed.
---@field sms_routes patchbay.crazytel.phone_numbers.sms_routes Where SMS go; virtual mobile numbers only.
---@field address_id? string Registered, for emergency services. A UUID.
---@field person_id? string Registered, for emergency services. A UUID.
---@overload fun(fields: patchbay.crazytel.phone_numbers.Fields): patchbay.crazytel.phone_numbers.Record

---@class (exact) patchbay.crazytel.phone_numbers.block_prefs
---@field block_invalid? any
---@field block_hidden? any
---@field block_international? any
---@field block_landline? any
---@field block_mobile? any
---@field block_list? any
---@field allow_list? any
---@field route? any
---@field destination? any

---@class (exact) patchbay.crazytel.phone_numbers.sms_routes
---@field route? any
---@field destination? any

---@class (exact) patchbay.crazytel.phone_numbers.Fields
---@field description? string What people call the number.
---@field primary_route? string Where calls go; "congestion", "device" and "server" are known.
---@field primary_destination? string For routes that need one.
---@field primary_timeout? any Seconds.
---@field backup_route? string Of the same kinds as primary_route.
---@field backup_destination? string For routes that need one.
---@field block_prefs? patchbay.crazytel.phone_numbers.block_prefs What is blocked and allowed.
---@field sms_routes? patchbay.crazytel.phone_numbers.sms_routes Where SMS go; virtual mobile numbers only.
---@field address_id? string Registered, for emergency services. A UUID.
---@field person_id? string Registered, for emergency services. A UUID.

---@class (exact) patchbay.crazytel.phone_numbers.New
---@field description? string What people call the number.
---@field primary_route? string Where calls go; "congestion", "device" and "server" are known.
---@field primary_destination? string For routes that need one.
---@field primary_timeout? any Seconds.
---@field backup_route? string Of the same kinds as primary_route.
---@field backup_destination? string For routes that need one.
---@field block_prefs? patchbay.crazytel.phone_numbers.block_prefs What is blocked and allowed.
---@field sms_routes? patchbay.crazytel.phone_numbers.sms_routes Where SMS go; virtual mobile numbers only.
---@field address_id? string Registered, for emergency services. A UUID.
---@field person_id? string Registered, for emergency services. A UUID.

---Phone numbers (DIDs) and their routing.
---@class patchbay.crazytel.phone_numbers
---@field [string] patchbay.crazytel.phone_numbers.Record A record, of which nothing is known yet
local phone_numbers = {}

---Reads one. Returns a record with the vendor's state; or `nil, err`.
---
---This vendor has no such call.
---@param key string
---@param options? patchbay.CallOptions
---@return patchbay.crazytel.phone_numbers.Record?
---@return patchbay.Error|patchbay.Receipt
function phone_numbers:get(key, options) end

---Goes through all of them, page by page: `for record in c:list() do`. Returns an iterator; it raises an error value when a page cannot be read. `query`: the vendor's parameters.
---
---This vendor does not document it: `undocumented = "allow"`.
---@param query? table
---@return fun(): patchbay.crazytel.phone_numbers.Record
function phone_numbers:list(query) end

---What is wrong or missing in `fields` raises. Returns the new record; or `nil, err`.
---
---This vendor has no such call.
---@param fields patchbay.crazytel.phone_numbers.New
---@param options? patchbay.CallOptions
---@return patchbay.crazytel.phone_numbers.Record?
---@return patchbay.Error|patchbay.Receipt
function phone_numbers:create(fields, options) end

---Record, assign and update in one call. Returns the record; or `nil, err`.
---@param key string
---@param fields patchbay.crazytel.phone_numbers.Fields
---@param options? patchbay.UpdateOptions
---@return patchbay.crazytel.phone_numbers.Record?
---@return patchbay.Error|patchbay.Receipt
function phone_numbers:update(key, fields, options) end

---Returns `true`; or `nil, err`.
---
---This vendor has no such call.
---@param key string
---@param options? patchbay.CallOptions
---@return true?
---@return patchbay.Error
function phone_numbers:delete(key, options) end

---@class (exact) patchbay.crazytel.sip_trunks.Record : patchbay.Record
---@field id? string The trunk. A UUID. Key, read-only.
---@field username? string SIP user name: "CT" and six digits. Read-only.
---@field enabled? boolean False suspends the trunk.
---@field password? string SIP password. At least 8 characters, at least 1 upper-case letter, at least 1 lower-case letter, at least 1 digit. Required to create, secret. Responses do not show it.
---@field area_code? string Area code with its leading zero: "02".
---@field caller_id_number? string A number that is verified for the account, without +. Required to create, must be verified.
---@field description? string What people call the trunk.
---@field hide_caller_id? boolean Calls show no number; may affect international calls.
---@field sms_sender? string Number that SMS are sent from; the same one on several trunks links their SMS. A verified number that starts with "614", such as "61412345678". Must be verified.
---@field softphone_show_balance? boolean The vendor's softphone shows the balance.
---@field softphone_sync_sms? boolean The vendor's softphone keeps SMS in step.
---@overload fun(fields: patchbay.crazytel.sip_trunks.Fields): patchbay.crazytel.sip_trunks.Record

---@class (exact) patchbay.crazytel.sip_trunks.Fields
---@field enabled? boolean False suspends the trunk.
---@field password? string SIP password. At least 8 characters, at least 1 upper-case letter, at least 1 lower-case letter, at least 1 digit. Required to create, secret. Responses do not show it.
---@field area_code? string Area code with its leading zero: "02".
---@field caller_id_number? string A number that is verified for the account, without +. Required to create, must be verified.
---@field description? string What people call the trunk.
---@field hide_caller_id? boolean Calls show no number; may affect international calls.
---@field sms_sender? string Number that SMS are sent from; the same one on several trunks links their SMS. A verified number that starts with "614", such as "61412345678". Must be verified.
---@field softphone_show_balance? boolean The vendor's softphone shows the balance.
---@field softphone_sync_sms? boolean The vendor's softphone keeps SMS in step.

---@class (exact) patchbay.crazytel.sip_trunks.New
---@field enabled? boolean False suspends the trunk.
---@field password string SIP password. At least 8 characters, at least 1 upper-case letter, at least 1 lower-case letter, at least 1 digit. Required to create, secret. Responses do not show it.
---@field area_code? string Area code with its leading zero: "02".
---@field caller_id_number string A number that is verified for the account, without +. Required to create, must be verified.
---@field description? string What people call the trunk.
---@field hide_caller_id? boolean Calls show no number; may affect international calls.
---@field sms_sender? string Number that SMS are sent from; the same one on several trunks links their SMS. A verified number that starts with "614", such as "61412345678". Must be verified.
---@field softphone_show_balance? boolean The vendor's softphone shows the balance.
---@field softphone_sync_sms? boolean The vendor's softphone keeps SMS in step.

---SIP trunks.
---@class patchbay.crazytel.sip_trunks
---@field [string] patchbay.crazytel.sip_trunks.Record A record, of which nothing is known yet
local sip_trunks = {}

---Reads one. Returns a record with the vendor's state; or `nil, err`.
---
---This vendor does not document it: `undocumented = "allow"`.
---@param key string
---@param options? patchbay.CallOptions
---@return patchbay.crazytel.sip_trunks.Record?
---@return patchbay.Error|patchbay.Receipt
function sip_trunks:get(key, options) end

---Goes through all of them, page by page: `for record in c:list() do`. Returns an iterator; it raises an error value when a page cannot be read. `query`: the vendor's parameters.
---
---This vendor does not document it: `undocumented = "allow"`.
---@param query? table
---@return fun(): patchbay.crazytel.sip_trunks.Record
function sip_trunks:list(query) end

---What is wrong or missing in `fields` raises. Returns the new record; or `nil, err`.
---@param fields patchbay.crazytel.sip_trunks.New
---@param options? patchbay.CallOptions
---@return patchbay.crazytel.sip_trunks.Record?
---@return patchbay.Error|patchbay.Receipt
function sip_trunks:create(fields, options) end

---Record, assign and update in one call. Returns the record; or `nil, err`.
---@param key string
---@param fields patchbay.crazytel.sip_trunks.Fields
---@param options? patchbay.UpdateOptions
---@return patchbay.crazytel.sip_trunks.Record?
---@return patchbay.Error|patchbay.Receipt
function sip_trunks:update(key, fields, options) end

---Returns `true`; or `nil, err`.
---
---This vendor does not document it: `undocumented = "allow"`.
---@param key string
---@param options? patchbay.CallOptions
---@return true?
---@return patchbay.Error
function sip_trunks:delete(key, options) end

---One account at Crazytel.
---@class patchbay.crazytel.Client : patchbay.Client
---@field phone_numbers patchbay.crazytel.phone_numbers Phone numbers (DIDs) and their routing
---@field sip_trunks patchbay.crazytel.sip_trunks SIP trunks
---@field verified_numbers fun(self): string[]?, patchbay.Error The numbers that are verified for the account
