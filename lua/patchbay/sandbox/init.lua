-- The sandbox within a script: a transport that simulates the vendors and never opens a connection.
--
--   local sandbox = require "patchbay.sandbox"
--   local transport = sandbox { seed = 7, telegent = { token_lifetime = 60 } }
--   transport:send { method = "POST", url = "https://…", headers = {}, body = "…", timeout = 10 }
--     -> { status =, headers = { [lower-case name] = value }, body = }
--     or nil, { kind = "network" | "timeout", message =, sent = "no" | "maybe" }
--
-- sandbox.vendor(description, options) simulates a vendor of one's own instead, from its description alone
-- (see generic/init.lua), with the same options: `records`, for instance, are in options[description.name].
-- The constructor that patchbay.vendor has made from a description stands for it.
--
-- No time passes in it: a delay moves its clock, and so does transport:advance(seconds). Waits between
-- attempts use transport:sleep(seconds) and transport:now(): hours of expiry and back-off take no time, and
-- both sides agree on the time.

local engine = require "patchbay.sandbox.engine"
local generic = require "patchbay.sandbox.generic"
local check = require "patchbay.util.check"
local text = require "patchbay.util.text"

local Transport = {}
Transport.__index = Transport

local function lost(kind, message, sent) return nil, { kind = kind, message = message, sent = sent } end

function Transport:send(request)
  if type(request) ~= "table" or type(request.url) ~= "string" then
    error("sandbox: send needs a request with a url", 2)
  end
  local answer, fault = self.engine:receive(request)
  if not fault then return answer end
  local delay = fault.delay or 0
  if request.timeout and delay > request.timeout then
    self.engine:advance(request.timeout)
    return lost("timeout", ("no answer within %s s"):format(text.of(request.timeout)), "maybe")
  end
  self.engine:advance(delay)
  if fault.drop == "connect" then return lost("network", "connection refused", "no") end
  if fault.drop then return lost("network", "connection closed before an answer came", "maybe") end
  if fault.cut and fault.cut < #answer.body then
    local message = ("connection closed after %d of %d bytes"):format(fault.cut, #answer.body)
    return lost("network", message, "maybe")
  end
  return answer
end

local function demand(ok, why)
  if not ok then error(why, 3) end
end

-- Makes coming calls fail; faults.lua lists the switches.
function Transport:fail(fault) demand(self.engine.faults:add(fault)) end

-- Changes options while the sandbox runs.
function Transport:set(given) demand(self.engine:set(given)) end

-- Moves the sandbox's clock, for instance past a token's expiry.
function Transport:advance(seconds)
  if not check.is_finite(seconds) then
    error("advance: seconds must be a finite number, got " .. tostring(seconds), 2)
  end
  self.engine:advance(seconds)
end

Transport.sleep = Transport.advance

-- Unix seconds of the sandbox's clock.
function Transport:now() return self.engine:now() end

-- The received calls, oldest first: { method, host, path, query, headers, body, status }; status is nil where
-- the connection was dropped. They are unmasked, passwords, keys and tokens included: the sandbox is for
-- made-up accounts, and must never get the secrets of a real one.
function Transport:requests() return self.engine:requests() end

-- A copy of the stored state, by vendor, passwords included.
function Transport:state() return self.engine:state() end

function Transport:reset()
  self.engine:reset()
  self.credentials, self.environment = self.engine.credentials, self.engine.environment
end

-- A transport that simulates `vendors`. Raises the problem of the options at `level`.
local function transport_of(given, vendors, level)
  local made, why = engine.new(given, vendors)
  if not made then error(why, level + 1) end
  local transport = { engine = made, credentials = made.credentials, environment = made.environment }
  return setmetatable(transport, Transport)
end

local sandbox = {}

-- The description behind a constructor, or nil. Only a loaded module can have made one; this one also works
-- without it.
local function described_by(constructor)
  local described = package.loaded["patchbay.vendor"]
  return described and described.find(constructor)
end

-- A sandbox of the vendor that a description, or the constructor made from it, describes, and of no other.
function sandbox.vendor(description, given)
  if type(description) == "function" then
    description = described_by(description)
    if not description then
      error("sandbox: this function is no constructor of patchbay.vendor; give the description itself, or "
        .. "write patchbay.sandbox() for telegent, convirza and crazytel", 2)
    end
  end
  local vendor, why = generic.vendor(description)
  if not vendor then error(why, 2) end
  local transport = transport_of(given, { vendor }, 2) -- not a tail call: the levels of errors count it
  return transport
end

-- A sandbox of the shipped vendors.
return setmetatable(sandbox, { __call = function(_, given)
  local transport = transport_of(given, nil, 2)
  return transport
end })
