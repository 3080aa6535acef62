-- The sandbox's own calls, which drive it from outside the process; beside the vendors' paths.
--   POST /_sandbox/fail         a fault (see faults.lua); the response has its number, {"fault": n}
--   POST /_sandbox/heal         {"fault": n}: takes this fault back; {}: all. {"healed": n} says how many
--                               could still have affected a call
--   GET  /_sandbox/unused       the faults that have affected no call, a sentence each
--   POST /_sandbox/options      options, as given to the sandbox at its start
--   POST /_sandbox/advance      {"seconds": n}: moves the clock
--   POST /_sandbox/reset        back to the start
--   GET  /_sandbox/requests     the received requests, secrets included
--   GET  /_sandbox/state        the stored state
--   GET  /_sandbox/credentials  by vendor, under the client's option names

local http = require "patchbay.sandbox.http"
local json = require "patchbay.sandbox.json"
local check = require "patchbay.util.check"

local control = {}

local PREFIX = "/_sandbox/"

local calls = {
  GET = {
    requests = function(engine) return engine:requests() end,
    state = function(engine) return engine:state() end,
    credentials = function(engine) return engine.credentials end,
    unused = function(engine) return json.array(engine.faults:unused()) end,
  },
  POST = {
    fail = function(engine, body)
      local fault, why = engine.faults:add(body)
      return fault and { ok = true, fault = fault.id }, why
    end,
    heal = function(engine, body)
      local healed, why = engine.faults:heal(body.fault)
      return healed and { ok = true, healed = healed }, why
    end,
    options = function(engine, body) return engine:set(body) end,
    advance = function(engine, body)
      if not check.is_finite(body.seconds) then return nil, "advance: seconds must be a finite number" end
      engine:advance(body.seconds)
      return true
    end,
    reset = function(engine)
      engine:reset()
      return true
    end,
  },
}

function control.owns(path) return path:sub(1, #PREFIX) == PREFIX end

local function refuse(status, why) return http.answer(status, { error = why }) end

function control.answer(engine, request)
  local call = http.read(request)
  local name = call.path:sub(#PREFIX + 1)
  local run = calls[call.method] and calls[call.method][name]
  if not run then
    local known = calls.GET[name] or calls.POST[name]
    return refuse(known and 405 or 404, ("the sandbox has no call %s %s"):format(call.method, call.path))
  end
  local body = {}
  local value, why
  if call.method == "POST" and call.body and call.body ~= "" then
    body, why = json.decode(call.body)
    if why then return refuse(400, "the body is not JSON: " .. why) end
    if not json.is_object(body) then return refuse(400, "the body must be a JSON object") end
  end
  value, why = run(engine, body)
  if why then return refuse(400, why) end
  return http.answer(200, value == true and { ok = true } or value)
end

return control
