-- Base of the vendors' simulated accounts: a call passes one check after the other, and the first
-- that fails decides the error, in the vendor's own shape. A vendor's account is a class made here, which has
--   context, router        see vendors.lua and router.lua
--   admit(call, operation) nil when the call may pass (limits, authentication, roles), else the problem
--   complain(problem)      the error response in the vendor's shape
--   envelope(value, status, operation, call)
--                          wraps the value of a success; optional
--   unreadable             the status for a body that is no JSON object; 400 by default
-- A problem is a table with a status; see errors.lua.

local http = require "patchbay.sandbox.http"

local account = { unreadable = 400 }
account.__index = account

function account.class()
  local class = setmetatable({}, account)
  class.__index = class
  return class
end

local HAS_BODY = { POST = true, PUT = true, PATCH = true }

-- The body of the call, or nil where it has none; or nil and the problem.
function account:read_body(call, operation)
  if not HAS_BODY[call.method] then return nil end
  if operation.body == "optional" and (call.body or "") == "" then return nil end
  local body, why = http.read_json(call)
  if why then return nil, { status = self.unreadable, message = "Bad request: " .. why .. "." } end
  return body
end

function account:find(call)
  return self.router:find(call.method, call.path, self.context.options, call.query)
end

-- Carries out an operation: its value and, third, its status where that is not 200; or nil and the problem.
function account:run(operation, call, body)
  local part = self[operation[3]]
  return part[operation[4]](part, call, body)
end

-- The response to a call that succeeds, or nil and the problem. Path and method are checked first, then
-- admit(), the form of the body, and last its content.
function account:judge(call)
  local operation, found = self:find(call)
  if not operation then return nil, found end
  local problem = self:admit(call, operation)
  if problem then return nil, problem end
  if not operation[3] then return nil, { status = 501 } end
  call.parameters = found
  local body
  body, problem = self:read_body(call, operation)
  if problem then return nil, problem end
  local value, status
  value, problem, status = self:run(operation, call, body)
  if problem then return nil, problem end
  status = status or 200
  return http.answer(status, self.envelope and self:envelope(value, status, operation, call) or value)
end

function account:refuse(problem)
  local answer = self:complain(problem)
  for name, value in pairs(problem.headers or {}) do answer.headers[name] = value end
  return answer
end

function account:failure(status) return self:refuse { status = status } end

function account:answer(call)
  local answer, problem = self:judge(call)
  return answer or self:refuse(problem)
end

-- Counts a call against a limit per minute: nil when it may pass, else the problem, with a Retry-After in the
-- form that the option retry_after names.
function account:limited(window, limit)
  local options, now = self.context.options, self.context.clock()
  local wait = window:count(now, limit)
  if not wait then return nil end
  local problem, seconds = { status = 429, headers = {} }, math.ceil(wait)
  if options.retry_after == "seconds" then problem.headers["retry-after"] = ("%d"):format(seconds) end
  if options.retry_after == "date" then problem.headers["retry-after"] = http.date(now + seconds) end
  return problem
end

return account
