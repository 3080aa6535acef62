--- What is thrown at Patchbay, and what it is to do: one list, which the fault server plays, the spec checks
-- and the table in docs/reliability.md is made of.
--
-- A fault has:
--   name            what happens, as it stands in the table
--   serve(c, request, ports)   how a request is answered: `c` is a connection (fault_connection.lua);
--       `request` has method, path, head, read() (its body), json and good (what a healthy vendor answers)
--   early           serve is called before the body of the request is read
--   accept(c)       what happens to a connection before anything else
--   shaken(c)       what happens to a connection after TLS's handshake
--   certificate     what a server on TLS shows
--   queue           "none": nobody listens; "full": nobody accepts
--   http2           see fault_http2.lua
--   proxy           the fault is a proxy's: "CONNECT", or "plain" where it carries clear text
--   base            an address to use instead
--   warm            a good call over the same connection comes first; then so many seconds pass
--   leaves          the server says when it has left something on the connection; the time counts from then
--   timeout, connect_timeout   of the client; large: the bytes of the request, true for many
--   heavy           the answer is large, and so not played as often
-- and what the script is to see of an update:
--   kind, outcome, tries   of the error; without a kind the call succeeds
--   races           the outcome may be "not_sent" just as well: the reset may be faster than the request
--   arrives         how many requests arrive, where that is not one for each try
--   on              what is different for an operation: { create = { tries = 1 } }
--   needs           a feature that libcurl may have been built without
--   heals           false: the next call of the same client cannot be better

local faults = { rows = {} }

--- What cuts an answer off, or breaks it, at every byte: a name, and who serves it.
faults.sweeps = require "spec.support.fault_sweeps"

faults.TOKEN = "token-Zu7ooz4e"
faults.TRUNK = "00000000-0000-0000-0000-000000000001"
faults.ROUTE = "CRID-00000000-0000-0000-0000-000000000001"

--- Seconds that the clients of faults allow that are faults of time.
faults.SHORT = 1.5

--- Further tries that the clients of the matrix allow: the default.
faults.RETRIES = 2

--- A whole answer; `head`: the first lines in the place of "HTTP/1.1 200 OK".
function faults.answer(body, head, more)
  return ("%s\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s"):format(
    head or "HTTP/1.1 200 OK", more or "", #body, body)
end

--- A fault that gives the same answer to every request, and keeps the connection.
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

local every = { "update", "create", "get", "login", "secure" }

--- The operations that a fault is tried on. `update` is a PATCH, `secure` a POST over TLS, `create` not to be
-- repeated, `login` the call that buys a token.
function faults.operations_of(row)
  if row.operations then return row.operations end
  if row.timeout or row.connect_timeout or row.heavy then return { "update", "create" } end
  if row.http2 or row.certificate or row.proxy or row.shaken then return { "update", "create", "get" } end
  return every
end

--- The operations, and `blocking` where an update is tried outside of `each` too.
function faults.places_of(row)
  local places = {}
  for i, operation in ipairs(faults.operations_of(row)) do places[i] = operation end
  local quick = not (row.heavy or row.timeout or row.connect_timeout)
  if places[1] == "update" and quick then places[#places + 1] = "blocking" end
  return places
end

--- What is to come of `operation`: { kind, outcome, tries, arrives }.
function faults.expected(row, operation)
  local special = (row.on or {})[operation] or {}
  local kind, outcome, tries = row.kind, row.outcome, row.tries or 1
  -- What may have been done is done again only where that does no harm.
  if operation == "create" and outcome == "unknown" then tries = 1 end
  -- Whatever becomes of a login, the change itself was not sent.
  if operation == "login" and kind then outcome = "not_sent" end
  local all = { kind = kind, outcome = outcome, tries = tries }
  for name, value in pairs(special) do all[name] = value end
  all.arrives = special.arrives or row.arrives
  if not all.arrives then all.arrives = row.outcome == "not_sent" and 0 or all.tries end
  return all
end

-- What is said of each.
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
add("content", "What is in the answer")
add("kept", "Kept connections, redirects, proxies")
add("http2_frames", "HTTP/2")

return faults
