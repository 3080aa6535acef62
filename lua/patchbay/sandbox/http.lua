-- Parses requests for the vendors, and builds responses.

local json = require "patchbay.sandbox.json"
local ascii = require "patchbay.util.ascii"
local text_of = require("patchbay.util.text").of

local http = {}

-- A part of a path, without percent-encoding.
function http.decode(text)
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

-- The pairs { name, value } of a query or a form.
function http.pairs_of(text)
  local list = {}
  for pair in (text or ""):gsub("%+", " "):gmatch "[^&]+" do
    local name, value = pair:match "^([^=]*)=?(.*)$"
    list[#list + 1] = { http.decode(name), http.decode(value) }
  end
  return list
end

local function read_query(text)
  local query = {}
  for _, pair in ipairs(http.pairs_of(text)) do query[pair[1]] = pair[2] end
  return query
end

-- Path and query of a URL or of a bare request target. The host is ignored: clients reach the sandbox under
-- any name.
function http.split(url)
  local target = url:gsub("^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*", ""):gsub("#.*$", "")
  local path, query = target:match "^([^?]*)%??(.*)$"
  if path == "" then path = "/" end
  return path, query
end

-- Host and port of a request in lower case: from the URL, else from the Host header.
local function authority(url, headers)
  local host = url:match "^[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)" or headers.host
  return host and ascii.lower((host:gsub("^.*@", "")))
end

function http.read(request)
  local path, query_text = http.split(request.url)
  local headers = {}
  for name, value in pairs(request.headers or {}) do
    headers[ascii.lower(name)] = type(value) == "table" and table.concat(value, ", ") or text_of(value)
  end
  return {
    method = request.method or "GET",
    host = authority(request.url, headers),
    scheme = request.url:match "^([A-Za-z][A-Za-z0-9+.-]*)://" or "http",
    path = path,
    query = read_query(query_text),
    query_text = query_text,
    headers = headers,
    body = request.body,
  }
end

-- The media type of a call's body, without parameters; "" where there is none.
function http.media_type(call)
  return ascii.lower(call.headers["content-type"] or ""):match "^%s*([^;%s]*)"
end

-- The JSON object in a call's body, or nil and the problem. `media_type`: the one that it has to have, in
-- small letters; application/json without one.
function http.read_json(call, media_type)
  media_type = media_type or "application/json"
  if http.media_type(call) ~= media_type then return nil, "Content-Type must be " .. media_type end
  local body, why = json.decode(call.body or "")
  if why then return nil, "the body is not JSON: " .. why end
  if not json.is_object(body) then return nil, "the body must be a JSON object" end
  return body
end

-- `value`: the body as text, or a value to be written as JSON. An empty body has a content type only if one
-- is given.
function http.answer(status, value, content_type)
  if value ~= "" then content_type = content_type or "application/json; charset=utf-8" end
  return {
    status = status,
    headers = { ["content-type"] = content_type },
    body = type(value) == "string" and value or json.encode(value),
  }
end

-- The date form of Retry-After (RFC 9110, section 5.6.7). Written out, as os.date follows the locale.
local DAYS = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" }
local MONTHS = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" }
function http.date(time)
  local at = os.date("!*t", math.floor(time))
  return ("%s, %02d %s %04d %02d:%02d:%02d GMT"):format(DAYS[at.wday], at.day, MONTHS[at.month], at.year,
    at.hour, at.min, at.sec)
end

-- 2026-03-27T10:30:00.000Z
function http.timestamp(time)
  local at = os.date("!*t", math.floor(time))
  return ("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ"):format(at.year, at.month, at.day, at.hour, at.min, at.sec,
    math.floor(time % 1 * 1000))
end

return http
