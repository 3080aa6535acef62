-- The account itself: its balance, and the numbers that it may show as caller or sender.

local json = require "patchbay.sandbox.json"
local seeds = require "patchbay.sandbox.crazytel.seeds"

local portal = {}
portal.__index = portal

-- `numbers`: the account's phone numbers, which are verified when they are bought.
function portal.new(context, numbers)
  local self = setmetatable({ context = context, verified = json.array {}, is_verified = {} }, portal)
  local function add(number)
    self.verified[#self.verified + 1] = number
    self.is_verified[number] = true
  end
  for number in numbers.kept:each() do add(number) end
  for _, number in ipairs(seeds.VERIFIED) do add(number) end
  return self
end

function portal:list_verified()
  local options = self.context.options
  local list = json.array {}
  for index, number in ipairs(self.verified) do
    list[index] = options.verified_items == "objects" and { [options.verified_field] = number } or number
  end
  return list
end

function portal:balance()
  return json.ordered({ "account_code", "balance" }, { account_code = "0000000", balance = 2405.4415187741 })
end

return portal
