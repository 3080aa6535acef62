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

--- The vendors, simulated inside the script: a transport.
---@class patchbay.Sandbox : patchbay.Transport
--- The credentials of its accounts: by vendor, option → text.
---@field credentials table<string, table<string, string>>

local Transport = {}
local metatable = { __index = Transport }

-- Says on standard error which faults have affected no call. It may be closed when the program ends.
local function tell_unused(made)
  for _, sentence in ipairs(made.faults:unused()) do
    pcall(io.stderr.write, io.stderr, "sandbox: ", sentence, "\n")
  end
end

-- Lua 5.1 and LuaJIT finalize no tables, but have newproxy.
local new_proxy = rawget(_G, "newproxy")

local function tell_at_the_end(transport)
  if not new_proxy then return end
  local made, proxy = transport.engine, new_proxy(true)
  getmetatable(proxy).__gc = function() tell_unused(made) end
  transport.proxy = proxy
end

if not new_proxy then
  function metatable:__gc() tell_unused(self.engine) end
end

local function lost(kind, message, sent) return nil, { kind = kind, message = message, sent = sent } end

function Transport:send(request)
  if type(request) ~= "table" or type(request.url) ~= "string" then
    error("sandbox: send needs a request with a url", 2)
  end
  local answer, fault, delay = self.engine:receive(request)
  if request.timeout and delay > request.timeout then
    self.engine:advance(request.timeout)
    return lost("timeout", ("no answer within %s s"):format(text.of(request.timeout)), "maybe")
  end
  self.engine:advance(delay)
  if not fault then return answer end
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
  return ok
end

--- Makes later calls fail: [below](#faults).
--- Returns the fault: `fault:heal()` takes it back, and is true if it could still have affected a call;
--- `fault.hits` counts the calls that it affected.
---@param fault patchbay.Fault
---@return patchbay.AddedFault
function Transport:fail(fault)
  local added = demand(self.engine.faults:add(fault))
  return added
end

--- Takes all faults back, and returns how many could still have affected a call.
---@return integer
function Transport:heal() return (self.engine.faults:heal()) end

--- Lists the faults that have affected no call and were not taken back, a sentence each. The sandbox also
--- writes them to standard error at its end: the test has passed without the fault that it was about.
---@return string[]
function Transport:unused() return self.engine.faults:unused() end

--- Changes options, such as `{ telegent = { update_status = "Pending" } }`; `lua/patchbay/sandbox/` lists
--- each vendor's options.
---@param options table
function Transport:set(options) demand(self.engine:set(options)) end

--- Advances its clock by so many seconds, for instance past a token's expiry.
---@param seconds number
function Transport:advance(seconds)
  if not check.is_finite(seconds) then
    error("advance: seconds must be a finite number, got " .. tostring(seconds), 2)
  end
  self.engine:advance(seconds)
end

Transport.sleep = Transport.advance

--- The Unix seconds of its clock.
---@return number
function Transport:now() return self.engine:now() end

--- Lists the requests that it has received, oldest first: `method`, `host`, `path`, `query`, `headers`,
--- `body`, `status` (nil where the connection was dropped). They are unmasked, passwords, keys and tokens
--- included: the sandbox is for made-up accounts, and must never get the secrets of a real one.
---@return table[]
function Transport:requests() return self.engine:requests() end

--- Copies everything it holds, by vendor, passwords included.
---@return table<string, table>
function Transport:state() return self.engine:state() end

--- Restores the initial state; faults that have affected no call are written to standard error.
function Transport:reset()
  tell_unused(self.engine)
  self.engine:reset()
  self.credentials, self.environment = self.engine.credentials, self.engine.environment
end

-- A transport that simulates `vendors`. Raises the problem of the options at `level`.
local function transport_of(given, vendors, level)
  local made, why = engine.new(given, vendors)
  if not made then error(why, level + 1) end
  local transport = { engine = made, credentials = made.credentials, environment = made.environment }
  setmetatable(transport, metatable)
  tell_at_the_end(transport)
  return transport
end

local sandbox = {}

-- The description behind a constructor, or nil. Only a loaded module can have made one; this one also works
-- without it.
local function described_by(constructor)
  local described = package.loaded["patchbay.vendor"]
  return described and described.find(constructor)
end

--- A vendor of your own, simulated from its description alone.
---@param description table|fun(options?: table): patchbay.Client
---@param options? table
---@return patchbay.Sandbox
function sandbox.vendor(description, options)
  if type(description) == "function" then
    description = described_by(description)
    if not description then
      error("sandbox: this function is no constructor of patchbay.vendor; give the description itself, or "
        .. "write patchbay.sandbox() for telegent, convirza and crazytel", 2)
    end
  end
  local vendor, why = generic.vendor(description)
  if not vendor then error(why, 2) end
  local transport = transport_of(options, { vendor }, 2) -- not a tail call: the levels of errors count it
  return transport
end

-- A sandbox of the shipped vendors.
return setmetatable(sandbox, { __call = function(_, given)
  local transport = transport_of(given, nil, 2)
  return transport
end })
