--- The address of a list's next page, as a response gives it: absolute, or relative to the page before (RFC
-- 3986, section 5.2). Only addresses of the same origin are followed, because the credentials go with them.

local ascii = require "patchbay.util.ascii"

local next_address = {}

local DEFAULT_PORTS = { http = "80", https = "443" }

-- Scheme, authority and the rest of an absolute address; nothing for other text.
local function split(url) return url:match "^(%a[%w+.-]*)://([^/?#]*)(.*)$" end

-- The origin of an absolute address (RFC 6454), or nil where it has none, or credentials in it.
local function origin_of(url)
  local scheme, authority = split(url)
  if not scheme or authority:find "@" then return nil end
  scheme = ascii.lower(scheme)
  local host, port = authority:match "^(.-):?(%d*)$"
  local named = host:find "^[%w._-]+$" or host:find "^%[[%x:.]+%]$"
  if not (named and DEFAULT_PORTS[scheme]) then return nil end
  port = port:gsub("^0+", "")
  return ("%s://%s:%s"):format(scheme, ascii.lower(host), port ~= "" and port or DEFAULT_PORTS[scheme])
end

-- A path without its "." and ".." (RFC 3986, section 5.2.4), however they are written.
local function without_dots(path)
  local parts, last = {}, nil
  for part in path:gmatch "/([^/]*)" do
    local plain = part:gsub("%%2[eE]", ".")
    last = plain
    if plain == ".." then
      parts[#parts] = nil
    elseif plain ~= "." then
      parts[#parts + 1] = part
    end
  end
  if last == "." or last == ".." then parts[#parts + 1] = "" end
  return "/" .. table.concat(parts, "/")
end

local function percent(byte) return ("%%%02X"):format(byte:byte()) end

--- The address of the next page. `page`: the address of the page before, `base`: of the client's server;
-- `value`: from the response. Returns an absolute address; or nil and the problem, as words that follow "the
-- address of the next page".
function next_address.resolve(page, base, value)
  if type(value) ~= "string" then return nil, "is no text" end
  if value:find "[%z\1-\32\127\\]" then return nil, "is no valid address" end
  local reference = value:gsub("#.*$", ""):gsub("[\128-\255]", percent)
  local scheme, authority, rest = split(page)
  local path = rest:match "^[^?#]*"
  local target
  if reference:find "^%a[%w+.-]*:" then
    target = reference
  elseif reference:find "^//" then
    target = scheme .. ":" .. reference
  elseif reference:find "^/" then
    target = scheme .. "://" .. authority .. reference
  elseif reference:find "^%?" then
    target = scheme .. "://" .. authority .. path .. reference
  elseif reference == "" then
    return nil, "is empty"
  else
    target = scheme .. "://" .. authority .. (path:match "^.*/" or "/") .. reference
  end
  local origin = origin_of(target)
  if not origin or origin ~= origin_of(base) then
    return nil, "is on another server, where the credentials must not go"
  end
  rest = select(3, split(target))
  local query = rest:match "%?.*$" or ""
  return scheme .. "://" .. authority .. without_dots(rest:sub(1, #rest - #query)) .. query
end

return next_address
