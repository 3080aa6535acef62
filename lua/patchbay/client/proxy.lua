--- Reads and checks the address of a proxy.

local ascii = require "patchbay.util.ascii"

local proxies = {}

-- The schemes that libcurl supports.
local schemes = {
  http = true, https = true, socks4 = true, socks4a = true, socks5 = true, socks5h = true,
}

local HIGHEST_PORT = 65535

--- Scheme (nil for none), host and port (text, "" for none) of a proxy.
function proxies.parts(proxy)
  local scheme, rest = proxy:match "^([A-Za-z][A-Za-z0-9+.-]*)://(.*)$"
  local place = (rest or proxy):gsub("/.*$", ""):match "[^@]*$"
  local host, port = place:match "^(.-):?(%d*)$"
  return scheme, ascii.lower(host), port
end

--- The problem with the address of a proxy, or nil.
function proxies.problem(proxy)
  if proxy == "" then return nil end
  local scheme, host, port = proxies.parts(proxy)
  local named = host:find "^[A-Za-z0-9._-]+$" or host:find "^%[[%x:.]+%]$"
  if scheme and not schemes[ascii.lower(scheme)] or not named or proxy:find "[%z\1-\32\127]"
    or port ~= "" and (#port > 5 or tonumber(port) > HIGHEST_PORT) then
    return 'expected the address of a proxy, such as "http://proxy.example:3128"'
  end
end

return proxies
