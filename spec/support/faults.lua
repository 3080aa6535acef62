--- The faults that Patchbay is tested with, and the expected results. The fault server simulates this list,
-- the spec checks it, and the table in docs/reliability.md is generated from it.
--
-- A fault has:
--   name            a description for the table
--   serve(c, request, ports)   responds to a request: `c` is a connection (fault_connection.lua); `request`
--       has method, path, head, read() (its body), json, and good (the response of a healthy vendor)
--   early           serve is called before the body of the request is read
--   accept(c)       acts on a connection before anything else
--   shaken(c)       acts on a connection after the TLS handshake
--   certificate     the certificate of a TLS server
--   queue           "none": nobody listens; "full": nobody accepts
--   http2           see fault_http2.lua
--   proxy           the fault is a proxy's: "CONNECT", or "plain" if it forwards clear text
--   base            an address to use instead
--   warm            seconds to wait after a good call over the same connection, which comes first
--   leaves          the server reports when it has left bytes on the connection; the wait begins then
--   timeout, connect_timeout   options of the client
--   large           the size of the request in bytes, or true for a large one
--   heavy           the response is large, so the fault is simulated less often
-- and the expected result of an update:
--   kind, outcome, tries   of the error; without a kind the call succeeds
--   races           the outcome may also be "not_sent": the reset may be faster than the request
--   arrives         the number of requests that arrive, if not one per attempt
--   on              differences for an operation: { create = { tries = 1 } }
--   needs           a feature that libcurl may have been built without
--   alone           its attempts are not made within `each`, where a 429 does not count against the retries
--   heals           false: the next call of the same client cannot succeed

local faults = { rows = {} }

--- Responses that are cut off or broken at every byte: name → sweep.
faults.sweeps = require "spec.support.fault_sweeps"

faults.TOKEN = "token-Zu7ooz4e"
faults.TRUNK = "00000000-0000-0000-0000-000000000001"
faults.ROUTE = "CRID-00000000-0000-0000-0000-000000000001"

--- The account of the described vendor.
faults.LINE = "LI00000001"
faults.RECORDS = { lines = { { Sid = faults.LINE, FriendlyName = "good" } } }
faults.CREDENTIALS = { account_sid = "AC" .. ("0"):rep(32), auth_token = "token-Ooy7aic3" }

--- The timeout, in seconds, of clients that meet a fault of time.
faults.SHORT = 1.5

--- How many times as long it is where a request did not arrive in that time; and seconds that such a fault
-- lasts, which are more.
faults.PATIENT, faults.LONGEST = 10, 30

--- The `retries` of the clients of the matrix: the default.
faults.RETRIES = 2

--- A complete response; `head`: the first lines, instead of "HTTP/1.1 200 OK".
function faults.answer(body, head, more)
  return ("%s\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s"):format(
    head or "HTTP/1.1 200 OK", more or "", #body, body)
end

--- A fault that sends the same bytes for every request and keeps the connection.
function faults.says(bytes)
  return function(c) c:send(bytes) end
end

--- The same, and closes it.
function faults.says_and_closes(bytes)
  return function(c)
    c:send(bytes)
    c:close()
  end
end

local every = { "update", "create", "get", "login", "secure", "described" }

--- The operations that a fault is tested with. `update` is a PATCH, `secure` a POST over TLS, `create` must
-- not be repeated, `login` is the call that obtains a token, `described` an update of a vendor that only its
-- description tells of, on the sandbox.
function faults.operations_of(row)
  if row.operations then return row.operations end
  if row.timeout or row.connect_timeout or row.heavy then return { "update", "create" } end
  if row.http2 or row.certificate or row.proxy or row.shaken then return { "update", "create", "get" } end
  return every
end

--- The operations, and `blocking` if an update is tested outside of `each` too.
function faults.places_of(row)
  local places = {}
  for i, operation in ipairs(faults.operations_of(row)) do places[i] = operation end
  local quick = not (row.heavy or row.timeout or row.connect_timeout)
  if places[1] == "update" and quick then places[#places + 1] = "blocking" end
  return places
end

--- The name of a place: that of a fault and an operation. `patient`: the one of an attempt with more time.
function faults.place(number, operation, patient)
  return ("f%s%d-%s"):format(patient and "0" or "", number, operation)
end

--- The expected result of `operation`: { kind, outcome, tries, arrives }.
function faults.expected(row, operation)
  local special = (row.on or {})[operation] or {}
  local kind, outcome, tries = row.kind, row.outcome, row.tries or 1
  -- A request that may have been carried out is repeated only where that does no harm.
  if operation == "create" and outcome == "unknown" then tries = 1 end
  -- However a login fails, the change itself was not sent.
  if operation == "login" and kind then outcome = "not_sent" end
  local all = { kind = kind, outcome = outcome, tries = tries }
  for name, value in pairs(special) do all[name] = value end
  all.arrives = special.arrives or row.arrives
  if not all.arrives then all.arrives = row.outcome == "not_sent" and 0 or all.tries end
  return all
end

-- The message of each fault.
local messages = require "spec.support.fault_messages"

local function add(chapter, title)
  local rows = require("spec.support.faults." .. chapter)
  for _, row in ipairs(rows) do
    row.chapter, row.says = title, messages[title][row.name]
    row.own = row.accept or row.shaken or row.certificate or row.queue or row.http2 or row.proxy
    faults.rows[#faults.rows + 1] = row
  end
end

package.loaded["spec.support.faults"] = faults
add("connecting", "Connecting")
add("breaking", "Breaking off")
add("framing", "Status, headers and framing")
add("content", "Content of the response")
add("kept", "Kept connections, redirects, proxies")
add("http2_frames", "HTTP/2")

return faults
