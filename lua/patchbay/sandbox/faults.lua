-- Makes coming calls fail: see patchbay.Fault below. Adding one returns its handle: fault:heal() takes it
-- back, fault.hits counts the calls that it affected.

local check = require "patchbay.util.check"
local http = require "patchbay.sandbox.http"
local ascii = require "patchbay.util.ascii"

local faults = {}
faults.__index = faults

local MOST = 1e9

---@class patchbay.Fault
--- This status instead of the vendor's response; with `body`, `content_type`, `retry_after`.
---@field status? integer
--- This body; without `status` with 200, as a captive portal does.
---@field body? string
--- With `status` or `body`; alone it changes only the content type of the vendor's response.
---@field content_type? string
--- The header `Retry-After` of the response.
---@field retry_after? number|string seconds or text
--- The response comes so much later.
---@field delay? number seconds
--- The connection ends after so many bytes of the body.
---@field cut? integer bytes
--- `"connect"` never connects, over HTTP the same as `"before"`; `"before"` loses the connection before the
--- call was handled, `"after"` after that.
---@field drop? "connect"|"before"|"after"
--- The path of the calls; `*` at its end stands for anything.
--- Default: every path.
---@field match? string
--- The method of the calls, such as `"POST"`.
--- Default: every method.
---@field method? string
--- Lets so many matching calls pass first.
--- Default: 0.
---@field after? integer
--- How many calls it affects.
--- Default: 1.
---@field times? integer|"always" integer or `"always"`
--- `true`: a call with `status` or `body` was carried out all the same; `false`: a call with `delay`, `cut`
--- or `content_type` was not, and its response is an empty object.
---@field applied? boolean

-- The rule of each switch (see util/check.lua).
local rules = {
  status = check.whole(100, 999), body = check.string, content_type = check.string,
  delay = check.number(0, MOST), cut = check.whole(0, MOST), after = check.whole(0, MOST),
  drop = check.one_of { "connect", "before", "after" }, match = check.string, method = check.string,
  applied = check.boolean,
}

function rules.times(value)
  if value == "always" then return nil end
  if type(value) ~= "number" then return 'expected a number, or "always", got ' .. check.got(value) end
  return check.whole(1, MOST)(value)
end

function rules.retry_after(value)
  if type(value) ~= "number" and type(value) ~= "string" then
    return "expected a number or a string, got " .. check.got(value)
  end
end

-- `added`: every fault since the start, for unused(); `waiting`: those that may still affect a call.
function faults.new() return setmetatable({ waiting = {}, added = {} }, faults) end

-- The handle that a script gets of a fault.
local Fault = {}
Fault.__index = Fault

local function take_out(waiting, fault)
  for index, entry in ipairs(waiting) do
    if entry == fault then
      table.remove(waiting, index)
      return true
    end
  end
  return false
end

--- Takes the fault back: true where it could still have affected a call.
function Fault:heal()
  self.healed = true
  return take_out(self.waiting, self)
end

-- The switches as given, in the order of their names: `{ drop = "after", match = "/v1.0/numbers" }`.
function Fault:__tostring()
  local parts = {}
  for _, name in ipairs(check.names(self.given)) do
    local value = self.given[name]
    parts[#parts + 1] = name .. " = " .. (type(value) == "string" and ("%q"):format(value) or tostring(value))
  end
  return "{ " .. table.concat(parts, ", ") .. " }"
end

local function problem(fault)
  if type(fault) ~= "table" then return "a fault is a table" end
  local found = check.options(fault, rules, "")
  if found then return found end
  if not (fault.status or fault.body or fault.content_type or fault.delay or fault.cut or fault.drop) then
    return "says nothing to go wrong; give one of: status, body, content_type, delay, cut, drop"
  end
end

-- Adds a fault: its handle, or nil and its problem.
function faults:add(fault)
  local why = problem(fault)
  if why then return nil, "fail: " .. why end
  local entry = setmetatable({ left = fault.times == "always" and math.huge or fault.times or 1,
    after = fault.after or 0, hits = 0, passed = 0, given = {}, waiting = self.waiting,
    id = #self.added + 1 }, Fault)
  for name, value in pairs(fault) do
    entry.given[name] = value
    if name ~= "times" and name ~= "after" then entry[name] = value end
  end
  self.waiting[#self.waiting + 1], self.added[entry.id] = entry, entry
  return entry
end

--- Takes the fault of this id back, or all where there is none: the number of those that could still have
-- affected a call; or nil and the problem.
function faults:heal(id)
  local healed = 0
  if id ~= nil and not self.added[id] then return nil, "heal: there is no fault " .. tostring(id) end
  for index = id or 1, id or #self.added do
    if self.added[index]:heal() then healed = healed + 1 end
  end
  return healed
end

--- The faults that have affected no call and were not taken back, in the order in which they were added: a
-- test that relies on one of them has tested nothing. A sentence each.
function faults:unused()
  local list = {}
  for _, fault in ipairs(self.added) do
    if fault.hits == 0 and not fault.healed then
      list[#list + 1] = ("the fault %s affected no call; it matched %s"):format(tostring(fault),
        fault.passed == 0 and "none" or ("%d, which `after` let pass"):format(fault.passed))
    end
  end
  return list
end

local function matches(fault, call)
  if fault.method and ascii.upper(fault.method) ~= call.method then return false end
  if not fault.match then return true end
  local stem = fault.match:match "^(.*)%*$"
  if stem then return call.path:sub(1, #stem) == stem end
  return call.path == fault.match
end

-- The fault that affects this call, if any, which counts as used.
function faults:take(call)
  for index, fault in ipairs(self.waiting) do
    if matches(fault, call) then
      if fault.after > 0 then
        fault.after, fault.passed = fault.after - 1, fault.passed + 1
      else
        fault.left, fault.hits = fault.left - 1, fault.hits + 1
        if fault.left <= 0 then table.remove(self.waiting, index) end
        return fault
      end
    end
  end
end

-- Whether the vendor handles a call with this fault.
function faults.handled(fault)
  if fault.drop then return fault.drop == "after" end
  if fault.applied ~= nil then return fault.applied end
  return not (fault.status or fault.body)
end

-- The response to a call with this fault. `answer`: the vendor's own, nil when it was not asked;
-- `failure(status)`: the vendor's error body for a status.
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
