-- Voice routes. Every response leaves some fields out; the sandbox simulates which.

local check = require "patchbay.sandbox.check"
local errors = require "patchbay.sandbox.telegent.errors"
local json = require "patchbay.sandbox.json"
local routes = require "patchbay.sandbox.telegent.routes"
local schema = require "patchbay.sandbox.telegent.schema"
local store = require "patchbay.sandbox.store"

local voice = {}
voice.__index = voice

local TRUNK = { "TrunkIp1", "TrunkIp2", "TrunkPort1", "TrunkPort2", "TrunkTransport1", "TrunkTransport2",
  "TrunkUri1", "TrunkUri2", "TrunkEnabled1", "TrunkEnabled2", "Trunk1Priortiy", "Trunk1Weight",
  "Trunk2Priortiy", "Trunk2Weight", "HeaderManipulation", "EnableSipRefer", "TransferCallerId",
  "SymmetricRtp", "EnableTrpSecureTrunk", "EnablePstnTransfer", "CnamLookup", "TerminationUriSubdomain",
  "EnableCallStreaming", "WssUri" }

local function names(before, after)
  local list = {}
  for _, part in ipairs { before, TRUNK, after } do
    for _, name in ipairs(part) do list[#list + 1] = name end
  end
  return list
end

-- One route spells it IpWhiteList; a list spells it IpWhitelist, calls the account AccountID, and shows
-- VoiceUrlMethod without VoiceUrl.
local ONE = names({ "CallRouteId", "AccountId", "RouteName", "RouteType", "VoiceUrl", "VoiceUrlMethod" },
  { "IpWhiteList" })
local CREATED = names({ "CallRouteId", "AccountId", "RouteName", "RouteType", "VoiceUrl", "VoiceUrlMethod" },
  { "IpWhiteList", "IntelligentRouteEnabled", "RouteEnabled" })
local LISTED = names({ "CallRouteStatus", "CallRouteId", "AccountID", "RouteName", "RouteType",
  "RouteEnabled", "VoiceUrlMethod" }, { "IpWhitelist" })

-- The fields that a type of route needs by the older request collection.
local NEEDS = {
  URL = { "VoiceUrl", "VoiceUrlMethod" },
  Trunk = { "TrunkIp1", "TrunkPort1", "TrunkTransport1", "TrunkUri1", "TrunkEnabled1" },
  Forward = {},
}

-- `numbers`: the phone numbers, which refer to voice routes.
function voice.new(context, seeds, numbers)
  local self = setmetatable({ context = context, kept = store.new(), numbers = numbers }, voice)
  for _, seed in ipairs(seeds) do
    seed.CallRouteId = seed.CallRouteId or "CRID-" .. context.random:uuid()
    self.kept:add(seed.CallRouteId, self:new_record(seed))
  end
  return self
end

function voice:new_record(fields)
  local record = routes.assign({ RouteEnabled = true, IpWhitelist = json.array {} }, fields)
  record.CallRouteStatus, record.AccountId = "Active", self.context.options.account_id
  return record
end

function voice:show(record, fields)
  local shown = routes.pick(record, fields)
  -- Every documented response shows an empty list, whatever was sent.
  shown.IpWhiteList = self.context.options.echo_whitelist and store.copy(record.IpWhitelist) or json.array {}
  return shown
end

function voice:read(call)
  local record, problem = routes.find_by_query(self.kept, call.query, "CallRouteID")
  if not record then return nil, problem end
  return self:show(record, ONE)
end

function voice:list(call)
  local problem = routes.list_problem(call.query, self.context.options)
  if problem then return nil, problem end
  local account, results = self.context.options.account_id, json.array {}
  for _, record in self.kept:each() do
    local entry = routes.pick(record, LISTED)
    entry.AccountID = account
    results[#results + 1] = entry
  end
  return json.ordered({ "AccountID", "TotalRoutes", "Results" },
    { AccountID = account, TotalRoutes = #results, Results = results })
end

function voice:create(_, body)
  local field, why = check.body(schema.voice.create, body)
  if field then return nil, errors.field(field, why) end
  local options = self.context.options
  local problem = routes.account_problem(options, body.AccountId)
  if problem then return nil, problem end
  for _, name in ipairs(options.older_rules and NEEDS[body.RouteType] or {}) do
    if body[name] == nil then
      return nil, errors.field(name, "is required when RouteType is " .. body.RouteType)
    end
  end
  local record = self:new_record(body)
  record.CallRouteId = "CRID-" .. self.context.random:uuid()
  self.kept:add(record.CallRouteId, record)
  return self:show(record, CREATED)
end

function voice:update(_, body)
  local options = self.context.options
  local record, problem = routes.find(self.kept, schema.voice.update, body, "CallRouteId", options)
  if not record then return nil, problem end
  return self:show(routes.assign(record, body, "CallRouteId"), ONE)
end

function voice:delete(_, body)
  local options = self.context.options
  local record, problem = routes.find(self.kept, schema.voice.delete, body, "CallRouteId", options)
  if not record then return nil, problem end
  local id = record.CallRouteId
  if options.older_rules and self.numbers:uses_voice_route(id) then
    return nil, { status = 400, message = "Bad request: the route is in use. Reassign its numbers first." }
  end
  -- Numbers on the route are left without voice routing.
  self.numbers:forget_voice_route(id)
  self.kept:remove(id)
  return json.ordered({ "CallRouteStatus", "CallRouteId" }, { CallRouteStatus = "Deleted", CallRouteId = id })
end

return voice
