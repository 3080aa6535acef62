--- Requests to HAProxy's HTTP client (core.httpclient), and its responses.
--
-- The client knows five methods, and retries by itself, POST too, when a response is lost or late. A request
-- goes straight to the vendor only when it may be sent twice; others go through a *gateway*: a listener of
-- the same HAProxy, which sends it once, with any method, and marks the vendor's responses.

local ascii = require "patchbay.util.ascii"

local wire = {}

local functions = { GET = "get", HEAD = "head", PUT = "put", POST = "post", DELETE = "delete" }

--- Attempts that the client makes by itself.
wire.ATTEMPTS = 4

-- Headers between us and the gateway: the method to use, and the mark on the vendor's responses.
local METHOD, MARK = "patchbay-method", "patchbay-vendor"

--- The reason problem a request cannot go straight to the vendor, as a fault; nil when it can.
function wire.unsuitable(method, repeatable)
  local problem
  if not functions[method] then
    problem = ("its HTTP client has no %s"):format(method)
  elseif not repeatable then
    problem = "its HTTP client would send this call again by itself when the response is lost, and the "
      .. "vendor might do it twice"
  end
  return problem and { kind = "unsupported", sent = "no", retry = "never",
    message = "HAProxy cannot send this straight to the vendor: " .. problem
      .. "; add a gateway to haproxy.cfg as docs/haproxy.md shows, and name it in the option gateway" }
end

-- The address to connect to, where HAProxy would not find it in the URL: it resolves names by name servers
-- only, and keeps the brackets of an IPv6 address.
local function destination(url)
  local authority = url:match "^[A-Za-z]+://([^/?#]*)"
  local host, port = authority:match "^(%[.*%]):?(%d*)$"
  if not host then host, port = authority:match "^(localhost):?(%d*)$" end
  if not host then return nil end
  if port == "" then port = url:find "^https:" and "443" or "80" end
  return (host == "localhost" and "127.0.0.1" or host) .. ":" .. port
end

--- The name of the client's function for a request, and its argument. `attempt_seconds`: the time for each of
-- its attempts.
function wire.request(method, url, headers, body, user_agent, gateway, attempt_seconds)
  local lists = { ["User-Agent"] = { user_agent } }
  for name, value in pairs(headers) do lists[name] = { value } end
  -- Without it the body would be chunked.
  if body or method == "POST" or method == "PUT" then
    lists["Content-Length"] = { ("%d"):format(#(body or "")) }
  end
  local request = { url = url, headers = lists, body = body }
  local name = functions[method]
  if gateway then
    -- No timeout, after which HAProxy would send it again. The gateway has one.
    request.url, request.dst = url:gsub("^https:", "http:"), gateway
    if not name then name, lists[METHOD] = "post", { method } end
  else
    request.timeout = math.max(1, math.floor(attempt_seconds * 1000))
    request.dst = destination(url)
  end
  return name, request
end

-- Headers by name in lower case, the last value of each; HAProxy counts values from 0.
local function plain(headers)
  local last = {}
  for name, values in pairs(headers or {}) do last[ascii.lower(name)] = values[#values] or values[0] end
  return last
end

-- Whether a response is HAProxy's own page for the status, rather than the vendor's (or that of a HAProxy
-- before the vendor). For a name that it cannot resolve, the page is an empty 503.
local function own_page(status, headers, body)
  if body == "" then return status == 503 and headers["content-length"] == "0" and not headers.date end
  return headers["cache-control"] == "no-cache" and body:find("^<html><body><h1>" .. status .. " ") ~= nil
end

local faults = {
  [502] = { kind = "network",
    message = "the connection broke before the response was complete, or it was no HTTP" },
  [503] = { kind = "network", message = "there is no connection to the vendor: nothing listens, the name is "
    .. "not known to a name server, or the certificate is not trusted" },
  [504] = { kind = "timeout", message = "no response came in time" },
}

-- The fault behind a response of HAProxy's own. `sent`: whether the request was sent, as far as known.
local function fault_of(status, who, sent)
  local known = faults[status]
  return { kind = known and known.kind or "protocol", sent = sent, status = status,
    message = ("%s answered %d itself: %s"):format(who, status, known and known.message
      or "if the vendor did, the gateway lacks the line http-response set-header " .. MARK .. " 1") }
end

-- The status of HAProxy's own pages by reason: from 3.5 on it reports the status 0 for them, and may do so
-- for a response that broke off.
local statuses = { ["Bad Gateway"] = 502, ["Service Unavailable"] = 503, ["Gateway Time-out"] = 504 }

--- Reads a response of the client: status, body and headers; or nil and a fault. `most`: bytes of a body.
function wire.read(response, method, gateway, most)
  local status, body, headers = response.status, response.body or "", plain(response.headers)
  local failed = not status or status == 0
  if failed then status = statuses[response.reason] end
  if gateway then
    -- A gateway answers 503 before it has sent anything.
    if status and not headers[MARK] then
      return nil, fault_of(status, "the gateway " .. gateway, status == 503 and "no" or "maybe")
    end
  elseif faults[status] and (failed or own_page(status, headers, body)) then
    return nil, fault_of(status, "HAProxy", "maybe")
  end
  local length = tonumber(headers["content-length"])
  if length and length ~= #body and method ~= "HEAD" and status ~= 304 then
    return nil, { kind = "network", sent = "maybe", status = status,
      message = ("the connection closed in the middle of the response: %d of %d bytes came")
        :format(#body, length) }
  elseif not status then
    return nil, { kind = "network", sent = "maybe", message = "HAProxy's HTTP client got no response" }
  end
  if #body > most then
    return nil, { kind = "too_large", sent = "maybe", status = status,
      message = ("the response is larger than %d bytes; if such responses are right, raise "
        .. "max_response_bytes"):format(most) }
  end
  return status, body, headers
end

return wire
