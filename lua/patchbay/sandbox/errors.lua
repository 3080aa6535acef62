-- Problems and their error bodies. A problem is
--   { status =, message =, field =, why =, kind =, place =, headers = }
-- Only the status is required. field, why and kind are check.lua's; place is where the field stands: "body"
-- (the default), "path" or "query".

local http = require "patchbay.sandbox.http"

local errors = {}

local SENTENCES = {
  [400] = "Bad request",
  [401] = "Unauthorized",
  [403] = "Forbidden",
  [404] = "Not found",
  [405] = "Method not allowed",
  [422] = "Unprocessable entity",
  [429] = "Too many requests",
  [500] = "Internal server error",
  [501] = "Not implemented: this operation is the vendor's, but the sandbox does not simulate it",
  [502] = "Bad gateway",
  [503] = "Service unavailable",
  [504] = "Gateway timeout",
}

function errors.message(problem)
  if problem.message then return problem.message end
  if problem.field then return problem.field .. " " .. problem.why end
  return SENTENCES[problem.status] or "Error " .. problem.status
end

function errors.field(status, field, why, kind, place)
  return { status = status, field = field, why = why, kind = kind, place = place }
end

-- Shapes of any server between the client and the vendor: a body, and its content type when it is not JSON.
errors.shapes = {
  message = function(_, message) return { message = message } end,
  error = function(_, message) return { error = { message = message } } end,
  text = function(_, message) return message, "text/plain; charset=utf-8" end,
  html = function(problem, message)
    return ("<html><head><title>%d</title></head><body>%s</body></html>"):format(problem.status, message),
      "text/html"
  end,
  empty = function() return "" end,
}

-- `shape`: a function (problem, message) as above.
function errors.answer(problem, shape)
  local body, label = shape(problem, errors.message(problem))
  return http.answer(problem.status, body, label)
end

return errors
