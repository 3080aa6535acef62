--- What goes to HAProxy's own HTTP client (core.httpclient), and what comes back from it.
--
-- It knows five methods, and sends a request again by itself, POST too, when the answer is lost or late.
-- So a request goes there straight when it may be sent twice, and else by way of a *gateway*: a listener of
-- the same HAProxy, which sends it once, with any method, and marks what the vendor has answered.

local ascii = require "patchbay.util.ascii"

local wire = {}

local functions = { GET = "get", HEAD = "head", PUT = "put", POST = "post", DELETE = "delete" }

--- So often it sends a request by itself.
wire.TRIES = 4

-- Between us and the gateway: the method that is meant, and the mark on the vendor's answers.
local METHOD, MARK = "patchbay-method", "patchbay-vendor"

--- Why a request cannot go straight to the vendor, as a fault; nil: it can.
function wire.unfit(method, repeatable)
  local why
  if not functions[method] then
    why = ("its HTTP client has no %s"):format(method)
  elseif not repeatable then
    why = "its HTTP client would send this call again by itself when the answer is lost, and the vendor "
      .. "might do it twice"
  end
  return why and { kind = "unsupported", sent = "no", retry = "never",
    message = "HAProxy cannot send this straight to the vendor: " .. why
      .. "; add a gateway to haproxy.cfg as docs/haproxy.md shows, and name it in the option gateway" }
end

-- Where to connect, when that does not follow from the URL: HAProxy asks name servers alone for names, and
-- does not take the brackets off.
local function destination(url)
  local authority = url:match "^[A-Za-z]+://([^/?#]*)"
  local host, port = authority:match "^(%[.*%]):?(%d*)$"
  if not host then host, port = authority:match "^(localhost):?(%d*)$" end
  if not host then return nil end
  if port == "" then port = url:find "^https:" and "443" or "80" end
  return (host == "localhost" and "127.0.0.1" or host) .. ":" .. port
end

--- The name of the client's function for a request, and its argument. `try`: seconds of one of its own tries.
function wire.request(method, url, headers, body, user_agent, gateway, try)
  local lists = { ["User-Agent"] = { user_agent } }
  for name, value in pairs(headers) do lists[name] = { value } end
  -- Without it the body goes in chunks.
  if body or method == "POST" or method == "PUT" then
    lists["Content-Length"] = { ("%d"):format(#(body or "")) }
  end
  local request = { url = url, headers = lists, body = body }
  local name = functions[method]
  if gateway then
    -- No time limit: HAProxy would send it again when it ran out. The gateway has one.
    request.url, request.dst = url:gsub("^https:", "http:"), gateway
    if not name then name, lists[METHOD] = "post", { method } end
  else
    request.timeout = math.max(1, math.floor(try * 1000))
    request.dst = destination(url)
  end
  return name, request
end

-- Headers as the rest of patchbay reads them; HAProxy counts the values of one from 0.
local function plain(headers)
  local last = {}
  for name, values in pairs(headers or {}) do last[ascii.lower(name)] = values[#values] or values[0] end
  return last
end

-- Whether HAProxy's own page for this status: then it is no answer of the vendor's, or one of a HAProxy that
-- stands before the vendor. Of a name that it cannot resolve it tells with an empty 503.
local function own_page(status, headers, body)
  if body == "" then return status == 503 and headers["content-length"] == "0" and not headers.date end
  return headers["cache-control"] == "no-cache" and body:find("^<html><body><h1>" .. status .. " ") ~= nil
end

local faults = {
  [502] = { kind = "network",
    message = "the connection broke before the answer was complete, or it was no HTTP" },
  [503] = { kind = "network", message = "there is no connection to the vendor: nothing listens, the name is "
    .. "not known to a name server, or the certificate is not trusted" },
  [504] = { kind = "timeout", message = "no answer came in time" },
}

-- The fault behind an answer that HAProxy gave itself. `sent`: what is known of it.
local function fault_of(status, who, sent)
  local known = faults[status]
  return { kind = known and known.kind or "protocol", sent = sent, status = status,
    message = ("%s answered %d itself: %s"):format(who, status, known and known.message
      or "if the vendor did, the gateway lacks the line http-response set-header " .. MARK .. " 1") }
end

-- The statuses behind the reasons that HAProxy gives with its own pages: from 3.5 on it says 0 as the status
-- of these, and may of an answer that broke off.
local statuses = { ["Bad Gateway"] = 502, ["Service Unavailable"] = 503, ["Gateway Time-out"] = 504 }

--- Reads an answer of the client: status, body and headers; or nil and a fault. `most`: bytes of a body.
function wire.read(answer, method, gateway, most)
  local status, body, headers = answer.status, answer.body or "", plain(answer.headers)
  local failed = not status or status == 0
  if failed then status = statuses[answer.reason] end
  if gateway then
    -- A gateway says 503 before it has sent anything.
    if status and not headers[MARK] then
      return nil, fault_of(status, "the gateway " .. gateway, status == 503 and "no" or "maybe")
    end
  elseif faults[status] and (failed or own_page(status, headers, body)) then
    return nil, fault_of(status, "HAProxy", "maybe")
  end
  local length = tonumber(headers["content-length"])
  if length and length ~= #body and method ~= "HEAD" and status ~= 304 then
    return nil, { kind = "network", sent = "maybe", status = status,
      message = ("the connection closed in the middle of the answer: %d of %d bytes came")
        :format(#body, length) }
  elseif not status then
    return nil, { kind = "network", sent = "maybe", message = "HAProxy's HTTP client got no answer" }
  end
  if #body > most then
    return nil, { kind = "too_large", sent = "maybe", status = status,
      message = ("the answer is larger than %d bytes; if such answers are right, raise max_response_bytes")
        :format(most) }
  end
  return status, body, headers
end

return wire
