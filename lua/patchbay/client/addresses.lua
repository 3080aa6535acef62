--- Checks the addresses of servers and proxies that options give. No address is quoted in a message before it
-- is known to hold no credentials.

local ascii = require "patchbay.util.ascii"
local lazy = require "patchbay.util.lazy"

local proxies = lazy "patchbay.client.proxy"

local addresses = {}

-- Something like 127.0.0.999 is a name, not an address: the resolver decides whose.
local function is_loopback(host)
  if host == "localhost" or host == "[::1]" then return true end
  local parts = { host:match "^127%.(%d%d?%d?)%.(%d%d?%d?)%.(%d%d?%d?)$" }
  for _, part in ipairs(parts) do
    if tonumber(part) > 255 then return false end
  end
  return #parts > 0
end

--- The problem with parts of an address that must not be shown in errors and logs, or nil. Also finds them in
-- text that is no valid address, such as "user:password@host".
function addresses.hidden_in(url)
  if type(url) ~= "string" then return nil end
  local host = url:gsub("^%s*[A-Za-z][A-Za-z0-9+.-]*:[/\\]+", ""):match "^[^/\\?#]*"
  if url:find("@", 1, true) or host:find "^[^%[]*:.*[^%d]" then
    return "credentials do not belong in the address; use the options for them"
  elseif url:find "[?#]" then
    return "a query or fragment does not belong in it"
  end
end

-- The end of the base that already begins the path of every call, or nil: vendors print their root with it.
local function doubled(api, base)
  local path = base:match "^[A-Za-z][A-Za-z0-9+.-]*://[^/]*(/.*)$"
  while path and path ~= "" do
    local all = true
    for _, resource in pairs(api.resources) do
      for _, operation in pairs(resource.operations) do
        -- A refused operation need not have a path.
        all = all and (not operation.path or operation.path:sub(1, #path + 1) == path .. "/")
      end
    end
    if all then return path end
    path = path:match "^/[^/]*(/.*)$"
  end
  return nil
end

-- Scheme and host in lower case; nothing for other text.
local function parts_of(url)
  local scheme, authority = url:match "^([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)"
  if scheme then return ascii.lower(scheme), ascii.lower((authority:gsub(":%d*$", ""))) end
end

--- The root of a server without a slash at its end; or nil and the problem.
function addresses.root(url, allow_cleartext)
  local scheme, host = parts_of(url)
  if scheme ~= "https" and scheme ~= "http" then
    return nil, ("expected an https:// address, got %q"):format(url)
  end
  if scheme == "http" and not is_loopback(host) and not allow_cleartext then
    return nil, "http:// would send the credentials in clear text; use https://, or allow_cleartext = true"
  end
  return (url:gsub("/+$", ""))
end

--- The same for the base of all calls to the vendor `api`.
function addresses.base(api, url, allow_cleartext)
  local problem
  url, problem = addresses.root(url, allow_cleartext)
  if not url then return nil, problem end
  local part = doubled(api, url)
  if part then
    return nil, ("every path begins with %q already; write %q"):format(part, url:sub(1, -#part - 1))
  end
  return url
end

--- The proxy for the server `root` when nothing may leave in clear text: requests to this machine go through
-- no proxy on another. Returns `proxy` (nil for the environment's), or "" for none where the environment's
-- would be used; nil and the problem when the given one must not be used.
function addresses.proxy_for(root, proxy)
  local scheme = root and parts_of(root)
  if scheme ~= "http" or proxy == "" then return proxy end
  if not proxy then return "" end
  local _, host = proxies.parts(proxy)
  if is_loopback(host) then return proxy end
  return nil, "the credentials would go to it in clear text, as the server's address is http://; use "
    .. "https://, a proxy on this machine, or allow_cleartext = true"
end

return addresses
