-- The state of an account at first. Passwords are made up, like everything here.

local json = require "patchbay.sandbox.json"

local seeds = {}

local SALES, WORKSHOP = "61291234567", "61391234567"
local MOBILE = "61412345678"

seeds.TRUNK_ID = "00000000-0000-0000-0000-%012d"

-- Numbers verified in the portal, beside the account's own, which are verified when they are bought. The last
-- one is the mobile number of a person who agreed to be shown as the sender.
seeds.VERIFIED = { "61733334444", "61400000001" }

function seeds.trunks()
  return {
    { enabled = true, password = "SecurePass123", area_code = "02", caller_id_number = SALES,
      description = "Sales Team Trunk", hide_caller_id = false, sms_sender = MOBILE,
      softphone_show_balance = true, softphone_sync_sms = false },
    { enabled = true, password = "Workshop2024", area_code = "03", caller_id_number = WORKSHOP,
      description = "Workshop", hide_caller_id = false, softphone_show_balance = false,
      softphone_sync_sms = false },
    { enabled = false, password = "Spare0spare", caller_id_number = SALES },
  }
end

local ADDRESS = "11111111-2222-4333-8444-555555555501"
local PERSON = "11111111-2222-4333-8444-555555555601"

function seeds.numbers()
  local function block_prefs(hidden)
    return { block_invalid = true, block_hidden = hidden, block_international = false, block_landline = false,
      block_mobile = false, block_list = json.array { "61255550000" }, allow_list = json.array {},
      route = "congestion", destination = "" }
  end
  return {
    { did_number = SALES, description = "Sales", primary_route = "device", primary_destination = "1000000",
      primary_timeout = 30, backup_route = "server", backup_destination = "pbx.example.com",
      block_prefs = block_prefs(false), address_id = ADDRESS, person_id = PERSON },
    { did_number = WORKSHOP, description = "Workshop", primary_route = "server",
      primary_destination = "pbx.example.com", primary_timeout = 20, backup_route = "congestion",
      backup_destination = "", block_prefs = block_prefs(true), address_id = ADDRESS, person_id = PERSON },
    { did_number = MOBILE, description = "Messages", primary_route = "device",
      primary_destination = "1000001", primary_timeout = 30, backup_route = "congestion",
      backup_destination = "", block_prefs = block_prefs(false),
      sms_routes = { route = "device", destination = "1000001" }, address_id = ADDRESS, person_id = PERSON },
  }
end

return seeds
