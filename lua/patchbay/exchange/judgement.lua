--- The judgement of one attempt of a call: the result of a success, or the facts that decide about another
-- attempt.

local call_error = require "patchbay.exchange.call_error"
local errors = require "patchbay.errors"

local judgement = {}

-- A function that reads one header of a response. `headers`: a table by name in lower case, or a transfer.
local function header_reader(headers)
  return function(name)
    if type(headers) == "userdata" then return headers:header(name) end
    return headers[name]
  end
end

-- A failed attempt holds the facts that decide about another one; its error value is made once, of the last
-- attempt:
--   veto                         the error value of a hook that did not let it be sent; or
--   fault                        of the connection; or, of a response:
--   http, body, request_id       its status, body and X-Request-Id
--   problem                      the problem that `call:accept` found in a success, see exchange.perform
--   status                       the status that counts, where there is one: the response's, or the problem's
--   own                          whether a 408 or 503 is the vendor's own word
--   outcome, retry_after
local function from_fault(fault)
  return { fault = fault, outcome = fault.sent == "no" and "not_sent" or "unknown", status = fault.status }
end

local function from_response(context, call, status, body, headers, problem)
  local header = header_reader(headers)
  local failed = { http = status, body = body, problem = problem, request_id = header "x-request-id" }
  if problem then
    failed.status, failed.outcome = problem.status, problem.outcome
  else
    failed.status = status
  end
  if failed.status then
    local own
    if errors.needs_own_word(failed.status) then
      own = problem and problem.own or call_error.is_own(context, failed.status, body)
    end
    failed.own = own
    failed.outcome = errors.outcome_of_status(failed.status, own)
    failed.retry_after = call_error.retry_after(header, context.host:now())
  elseif not call.writes and failed.outcome == "unknown" then
    failed.outcome = "refused"
  end
  return failed
end

--- Judges the results of the host's send(). Returns the results of `call:accept` for a success; or nil and
-- the failed attempt.
function judgement.of(context, call, status, body, headers)
  if call.wants_headers then call.response_headers = headers end
  if not status then return nil, from_fault(body) end
  if status < 200 or status > 299 then return nil, from_response(context, call, status, body, headers) end
  local response, receipt_or_problem = call:accept(context, status, body)
  if response then
    if call.keeps_date then call.date = header_reader(headers)("date") end
    return response, receipt_or_problem
  end
  return nil, from_response(context, call, status, body, headers, receipt_or_problem)
end

return judgement
