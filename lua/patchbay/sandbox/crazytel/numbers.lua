-- Phone numbers (DIDs). Changing one is documented, but neither its effect on other fields nor its response.

local check = require "patchbay.sandbox.check"
local errors = require "patchbay.sandbox.errors"
local fields = require "patchbay.sandbox.fields"
local json = require "patchbay.sandbox.json"
local schema = require "patchbay.sandbox.crazytel.schema"
local seeds = require "patchbay.sandbox.crazytel.seeds"
local store = require "patchbay.sandbox.store"

local numbers = {}
numbers.__index = numbers

-- Only virtual mobile numbers receive messages.
local MOBILE = "^614"

-- `own`: the first records, instead of those of seeds.lua.
function numbers.new(context, own)
  local self = setmetatable({ context = context, kept = store.new() }, numbers)
  for _, seed in ipairs(own or seeds.numbers()) do self.kept:add(seed.did_number, seed) end
  return self
end

local function show(number) return fields.ordered(schema.number, number) end

function numbers:list()
  local list = json.array {}
  for _, number in self.kept:each() do list[#list + 1] = show(number) end
  return list
end

function numbers:update(_, body)
  local field, why, kind = check.body(schema.number, body)
  if field then return nil, errors.field(422, field, why, kind) end
  local number = self.kept:get(body.did_number)
  if not number then return nil, { status = 404, message = "Phone number not found" } end
  if body.sms_routes ~= nil and not body.did_number:find(MOBILE) then
    return nil, { status = 400, message = "sms_routes is for virtual mobile numbers only" }
  end
  local options = self.context.options
  number = self.kept:add(body.did_number, fields.changed(number, body, options.patch_nested))
  if options.number_answer == "message" then return { message = "DID number successfully updated" } end
  return show(number)
end

return numbers
