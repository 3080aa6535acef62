-- Telegent's error bodies: the current shape, and the older one that may still come.

local http = require "patchbay.sandbox.http"
local json = require "patchbay.sandbox.json"

local errors = {}

local SENTENCES = {
  [400] = "Bad request: a required field is missing or a field has an invalid value.",
  [401] = "Unauthorized: the access token is missing, has expired or is not valid. Authenticate again.",
  [403] = "Forbidden: the access token does not permit this operation. Check the ApiEndpoint it is for.",
  [404] = "Not found: it does not exist or belongs to another account.",
  [405] = "Method not allowed: this endpoint does not take this HTTP method.",
  [408] = "Request timeout: the request did not arrive in full. Back off exponentially and try again.",
  [429] = "Too many requests: the rate limit is exceeded. Slow down and try again after a short delay.",
  [500] = "Internal server error: something unexpected happened. Contact support if it persists.",
  [501] = "Not implemented: this operation is the vendor's, but the sandbox does not simulate it.",
  [503] = "Service unavailable: try again after a short delay.",
  [504] = "Gateway timeout: no answer from upstream in time. Back off exponentially and try again.",
}

local function current(status, message)
  return json.ordered({ "StatusCode", "Message" }, { StatusCode = status, Message = message or json.null })
end

local PROBLEM_ORDER = { "Type", "Title", "Status", "Detail", "Errors", "TraceId" }

local function problem_details(problem, message, random)
  local title, detail = message:match "^([^:]*): (.*)$"
  local body = {
    Type = "https://tools.ietf.org/html/rfc9110#section-15",
    Title = title or message,
    Status = problem.status,
    Detail = detail,
    TraceId = "00-" .. random:hex(32) .. "-" .. random:hex(16) .. "-00",
  }
  if problem.field then
    body.Title, body.Detail = "One or more validation errors occurred.", nil
    body.Errors = { ["$." .. problem.field] = json.array { problem.field .. " " .. problem.why .. "." } }
  end
  return json.ordered(PROBLEM_ORDER, body)
end

-- `problem`: { status =, field =, why =, message = }; only the status is required.
function errors.answer(problem, options, random)
  local message = problem.message or SENTENCES[problem.status] or ("Error " .. problem.status .. ".")
  if problem.field then message = ("Bad request: %s %s."):format(problem.field, problem.why) end
  local body
  if options.error_shape == "problem_details" then
    body = problem_details(problem, message, random)
  else
    body = current(problem.status, not options.error_message_null and message or nil)
  end
  return http.answer(problem.status, body, options.error_content_type)
end

-- The problem of a field of the body, or of a query parameter.
function errors.field(name, why) return { status = 400, field = name, why = why } end

return errors
