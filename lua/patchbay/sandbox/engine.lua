-- The sandbox without its transport: finds the vendor that answers a call, applies faults, and records
-- requests.

local faults = require "patchbay.sandbox.faults"
local http = require "patchbay.sandbox.http"
local json = require "patchbay.sandbox.json"
local options = require "patchbay.sandbox.options"
local random = require "patchbay.sandbox.random"
local store = require "patchbay.sandbox.store"
local shipped = require "patchbay.sandbox.vendors"

local engine = {}
engine.__index = engine

---@class patchbay.SandboxOptions
--- The number from which it makes ids up; the same number gives the same ids.
--- Default: 1.
---@field seed? number number
--- Every response takes so long, beside the delay of a fault.
--- Default: 0.
---@field latency? number seconds
--- Gives Unix seconds.
--- Default: the system's clock.
---@field clock? fun(): number function
--- How many requests `sandbox:requests()` remembers.
--- Default: 1,000.
---@field requests_kept? integer
--- Options of that vendor. `records` gives collections their first records, `{ numbers = { { Number =
--- "+18018018011" } } }`; keys that are not named are made up, and collections that are not named begin as
--- ever.
---@field telegent? table
---@field convirza? table
---@field crazytel? table

local OPTIONS = {
  clock = { type = "function", default = os.time },
  seed = { type = "number", default = 1 },
  latency = { type = "number", default = 0, min = 0 },
  -- Enough to look back on a test, few enough to leave it running under a bulk run.
  requests_kept = { type = "number", default = 1000, min = 0 },
}

engine.OPTIONS = OPTIONS

-- An engine, or nil and the problem with the options. `vendors`: those that it simulates (see vendors.lua),
-- by default all that are shipped.
function engine.new(given, vendors)
  local self = setmetatable({ settings = options.defaults(OPTIONS), vendor_options = {},
    vendors = vendors or shipped }, engine)
  for _, vendor in ipairs(self.vendors) do
    self.vendor_options[vendor.name] = options.defaults(vendor.options)
  end
  local ok, why = self:set(given or {})
  if not ok then return nil, why end
  self:reset()
  return self
end

-- Sets options { seed =, <vendor> = {…} } from the next call on; seed data changes at the next reset only.
-- Returns true; or nil and the problem, and then nothing is changed.
function engine:set(given)
  if type(given) ~= "table" then return nil, "sandbox: expected a table of options" end
  local spec, own = {}, {}
  for name, rule in pairs(OPTIONS) do spec[name] = rule end
  for _, vendor in ipairs(self.vendors) do spec[vendor.name] = { type = "table" } end
  local why = options.problem(spec, given, "sandbox")
  for _, vendor in ipairs(self.vendors) do
    local values = given[vendor.name]
    why = why or values and options.problem(vendor.options, values, "sandbox." .. vendor.name)
      or values and vendor.problem and vendor.problem(values)
  end
  if why then return nil, why end
  for name, value in pairs(given) do
    if not self.vendor_options[name] then own[name] = value end
  end
  options.set(OPTIONS, self.settings, own)
  for _, vendor in ipairs(self.vendors) do
    options.set(vendor.options, self.vendor_options[vendor.name], given[vendor.name] or {})
  end
  return true
end

-- Back to the start: seed data, no faults, no recorded requests, the clock not moved.
function engine:reset()
  self.ahead = 0
  self.faults = faults.new()
  self.received, self.first, self.last = {}, 1, 0
  self.accounts, self.credentials, self.environment = {}, {}, {}
  for index, vendor in ipairs(self.vendors) do
    local account = vendor.new {
      options = self.vendor_options[vendor.name],
      clock = function() return self:now() end,
      -- Separate, so that one vendor's calls do not shift another's ids.
      random = random.new(self.settings.seed * 1000 + index),
    }
    self.accounts[vendor.name] = account
    self.credentials[vendor.name] = account.credentials
    for name, value in pairs(account.environment) do self.environment[name] = value end
  end
end

function engine:now() return self.settings.clock() + self.ahead end

function engine:advance(seconds) self.ahead = self.ahead + seconds end

local function nobody(status)
  return http.answer(status, { error = "the sandbox simulates no vendor with this path" })
end

function engine:account(path)
  for _, vendor in ipairs(self.vendors) do
    if vendor.owns(path) then return self.accounts[vendor.name] end
  end
end

function engine:remember(call, answer)
  self.last = self.last + 1
  self.received[self.last] = {
    method = call.method, host = call.host, path = call.path, query = call.query, headers = call.headers,
    body = call.body, status = answer and answer.status,
  }
  while self.last - self.first + 1 > self.settings.requests_kept do
    self.received[self.first] = nil
    self.first = self.first + 1
  end
end

-- The response to a request (nil when the connection is dropped), the fault that affects it, if any, and the
-- seconds after which the response comes.
function engine:receive(request)
  local call = http.read(request)
  local account = self:account(call.path)
  local failure = account and function(status) return account:failure(status) end or nobody
  local fault = self.faults:take(call)
  local answer
  if not fault or faults.handled(fault) then
    answer = account and account:answer(call) or nobody(404)
  end
  if fault and not fault.drop then answer = faults.shape(fault, answer, failure) end
  if fault and fault.drop then answer = nil end
  self:remember(call, answer)
  return answer, fault, self.settings.latency + (fault and fault.delay or 0)
end

function engine:requests()
  local list = json.array {}
  for index = self.first, self.last do list[#list + 1] = store.copy(self.received[index]) end
  return list
end

function engine:state()
  local state = {}
  for name, account in pairs(self.accounts) do state[name] = store.copy(account:state()) end
  return state
end

return engine
