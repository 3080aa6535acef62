--- The host behind the option `transport`: a function, or an object with a method `send`, of the script's
-- (the sandbox is one). It gets a request
--   { method =, url =, headers = { [name] = value }, body = string or nil, timeout = seconds }
-- and returns { status = integer, headers = { [name] = value }, body = string }, or nil and the failure:
-- text, or { kind =, message =, sent = "no" or "maybe" }. Methods that it lacks (`sleep(seconds)`, `clock()`
-- in monotonic seconds, `now()` in Unix seconds) are those of the process. docs/embedding.md is the contract.

local errors = require "patchbay.errors"
local ascii = require "patchbay.util.ascii"
local text = require "patchbay.util.text"

local transports = {}

-- Headers by name in lower case; of several values the last counts.
local function lower_case(headers)
  local lowered = {}
  for name, value in pairs(headers) do
    if type(value) == "table" then value = value[#value] end
    if type(name) == "string" and value ~= nil then lowered[ascii.lower(name)] = text.of(value) end
  end
  return lowered
end

local function is_status(value)
  return type(value) == "number" and value >= 100 and value <= 999 and value % 1 == 0
end

local function bad_status(of, value)
  error(("transport: the status of %s is an integer from 100 to 999, got %s"):format(of,
    type(value) == "number" and text.of(value) or "a " .. type(value)), 0)
end

-- The allowed values of members of a failure, which may also be left out.
local words = {
  sent = { no = true, maybe = true, expected = '"no" or "maybe"' },
  retry = { never = true, expected = '"never"' },
}

local function check_fault(fault)
  if fault.kind ~= nil and not errors.kinds[fault.kind] then
    error(("transport: there is no kind of failure %q; \"network\" and \"timeout\" are some")
      :format(tostring(fault.kind)), 0)
  end
  if fault.status ~= nil and not is_status(fault.status) then bad_status("a failure", fault.status) end
  for name, known in pairs(words) do
    local value = fault[name]
    if value ~= nil and known[value] ~= true then
      error(("transport: %s of a failure is %s, got %s"):format(name, known.expected,
        type(value) == "string" and ("%q"):format(value) or "a " .. type(value)), 0)
    end
  end
end

-- A transport's results in the form of a host's. A transport is the script's, so that invalid results are a
-- mistake and raise.
local function read(response, fault)
  if response == nil then
    if type(fault) == "string" then fault = { message = fault } end
    fault = fault or {}
    if type(fault) ~= "table" then
      error(("transport: a failure is text or a table { kind =, message =, sent = }, got a %s")
        :format(type(fault)), 0)
    end
    check_fault(fault)
    -- A failure that does not say so may have been sent.
    return nil, { kind = fault.kind or "network", message = tostring(fault.message or "no response came"),
      sent = fault.sent == "no" and "no" or "maybe", retry = fault.retry, status = fault.status }
  end
  if type(response) ~= "table" or type(response.status) ~= "number" then
    error(("transport: a response is a table { status = 200, headers = {…}, body = \"…\" }, got %s"):format(
      type(response) == "table" and "a table without a status" or "a " .. type(response)), 0)
  end
  if not is_status(response.status) then bad_status("a response", response.status) end
  if response.headers ~= nil and type(response.headers) ~= "table" then
    error(("transport: the headers of a response are a table { [name] = value }, got a %s")
      :format(type(response.headers)), 0)
  end
  if response.body ~= nil and type(response.body) ~= "string" then
    error(("transport: the body of a response is text, got a %s"):format(type(response.body)), 0)
  end
  return response.status, response.body or "", lower_case(response.headers or {})
end

-- Optional methods of a transport.
local methods = { "sleep", "clock", "now", "once" }

local function seconds_of(transport, name)
  local value = transport[name](transport)
  if type(value) == "number" and value == value then return value end
  error(("transport: %s() returns seconds, got %s"):format(name,
    type(value) == "number" and "NaN" or value == nil and "nil" or "a " .. type(value)), 0)
end

--- The host, or nil and the problem with the transport. `time`: the methods that it may lack (see
-- hosts/init.lua).
function transports.new(transport, time)
  if type(transport) == "function" then
    local send = transport
    transport = { send = function(_, request) return send(request) end }
  end
  if type(transport) ~= "table" or type(transport.send) ~= "function" then
    return nil, "expected a function or an object with a method send(request)"
  end
  for _, name in ipairs(methods) do
    if transport[name] ~= nil and type(transport[name]) ~= "function" then
      return nil, ("its %s has to be a method, got a %s"):format(name, type(transport[name]))
    end
  end
  local host = {}
  function host.send(_, method, url, headers, body, timeout)
    -- A copy: other requests have the same table, and a transport may add headers of its own.
    local own = {}
    for name, value in pairs(headers) do own[name] = value end
    return read(transport:send {
      method = method, url = url, headers = own, body = body, timeout = timeout,
    })
  end
  for _, name in ipairs(methods) do
    if not transport[name] then
      host[name] = time[name]
    elseif name == "clock" or name == "now" then
      host[name] = function() return seconds_of(transport, name) end
    elseif name == "sleep" then
      function host.sleep(_, seconds, pausing)
        transport:sleep(seconds, pausing)
        return pausing and time.interrupted()
      end
    else
      host[name] = function(_, ...) return transport[name](transport, ...) end
    end
  end
  host.sleeps_its_own_way = type(transport.sleep) == "function"
  -- A transport with only one of the two clocks uses it for both.
  if transport.now and not transport.clock then host.clock = host.now end
  return host
end

return transports
