-- Makes coming calls fail. A fault waits in line until a call matches it, then spoils that call:
--   status = 503        answered instead of the vendor's answer; with body, content_type, retry_after
--   body = "<html>"     the same with status 200, as a captive portal does
--   content_type = ""   alone: only the label of the vendor's own answer is changed
--   delay = 0.5         the answer comes this many seconds late
--   cut = 100           the connection ends after so many bytes of the body
--   drop = "connect"    never connected; over HTTP the same as "before"
--   drop = "before"     the connection is gone before the call was handled
--   drop = "after"      handled, and then the connection is gone
-- Which calls: match = a path ("*" at its end stands for anything), method = "POST", after = 2 (lets two
-- matching calls pass), times = 3 (1 unless said; "always").
-- applied = true: a call answered by status or body was carried out nevertheless; false: a delayed, cut or
-- relabelled one was not, and answers an empty object.

local first_problem = require("patchbay.util.check").first
local http = require "patchbay.sandbox.http"

local faults = {}
faults.__index = faults

local KNOWN = {
  status = "number", body = "string", content_type = "string", retry_after = "any", delay = "number",
  cut = "number", drop = "string", match = "string", method = "string", after = "number", times = "any",
  applied = "boolean",
}
-- The least and the greatest of those that are numbers, and whether they are whole.
local BOUNDS = {
  status = { 100, 999, true }, delay = { 0, 1e9 }, cut = { 0, 1e9, true }, after = { 0, 1e9, true },
  times = { 1, 1e9, true },
}
local DROPS = { connect = true, before = true, after = true }

function faults.new() return setmetatable({ waiting = {} }, faults) end

local function out_of_bounds(name, value)
  local bounds = BOUNDS[name]
  if not bounds or type(value) ~= "number" then return nil end
  local least, most, whole = bounds[1], bounds[2], bounds[3]
  if value >= least and value <= most and (not whole or value % 1 == 0) then return nil end
  return ("%s must be a %snumber from %d to %d"):format(name, whole and "whole " or "", least, most)
end

local function problem_of_switch(name, value)
  local kind = KNOWN[name]
  if not kind then return ("no fault switch %q"):format(tostring(name)) end
  if kind ~= "any" and type(value) ~= kind then return name .. " must be a " .. kind end
  return out_of_bounds(name, value)
end

local function problem(fault)
  if type(fault) ~= "table" then return "a fault is a table" end
  local why = first_problem(fault, problem_of_switch)
  if why then return why end
  if fault.drop and not DROPS[fault.drop] then return "drop must be one of: connect, before, after" end
  if fault.times and fault.times ~= "always" and type(fault.times) ~= "number" then
    return 'times must be a number, or "always"'
  end
  local retry_after = type(fault.retry_after)
  if retry_after ~= "nil" and retry_after ~= "number" and retry_after ~= "string" then
    return "retry_after must be a number or a string"
  end
  if not (fault.status or fault.body or fault.content_type or fault.delay or fault.cut or fault.drop) then
    return "says nothing to go wrong; give one of: status, body, content_type, delay, cut, drop"
  end
end

-- true, or nil and what is wrong with the fault.
function faults:add(fault)
  local why = problem(fault)
  if why then return nil, "fail: " .. why end
  local entry = { left = fault.times == "always" and math.huge or fault.times or 1, after = fault.after or 0 }
  for name, value in pairs(fault) do
    if name ~= "times" and name ~= "after" then entry[name] = value end
  end
  self.waiting[#self.waiting + 1] = entry
  return true
end

local function matches(fault, call)
  if fault.method and fault.method:upper() ~= call.method then return false end
  if not fault.match then return true end
  local stem = fault.match:match "^(.*)%*$"
  if stem then return call.path:sub(1, #stem) == stem end
  return call.path == fault.match
end

-- The fault that spoils this call, if any; it is used up by it.
function faults:take(call)
  for index, fault in ipairs(self.waiting) do
    if matches(fault, call) then
      if fault.after > 0 then
        fault.after = fault.after - 1
      else
        fault.left = fault.left - 1
        if fault.left <= 0 then table.remove(self.waiting, index) end
        return fault
      end
    end
  end
end

-- Whether the vendor gets to handle a call spoilt by this fault.
function faults.handled(fault)
  if fault.drop then return fault.drop == "after" end
  if fault.applied ~= nil then return fault.applied end
  return not (fault.status or fault.body)
end

-- What the client is to be answered. `answer` is the vendor's own, nil when it was not asked;
-- `failure(status)` is the vendor's error body for a status.
function faults.shape(fault, answer, failure)
  if fault.body then
    answer = http.answer(fault.status or 200, fault.body, fault.content_type)
  elseif fault.status then
    answer = failure(fault.status)
  end
  answer = answer or http.answer(200, {})
  if fault.content_type then answer.headers["content-type"] = fault.content_type end
  if fault.retry_after then answer.headers["retry-after"] = tostring(fault.retry_after) end
  return answer
end

return faults
