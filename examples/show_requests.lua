-- Prints the changes that the sandbox server has received over HTTP: method, path, status and body of each.
--
--   eval "$(bin/patchbay-sandbox --background)"      a server that simulates the vendors, and its credentials
--   lua5.4 examples/update_route.lua                 or any other script
--   lua5.4 examples/show_requests.lua [N]            leaves out the first N requests
--   lua5.4 examples/show_requests.lua --count        prints only the number of requests
--
-- Exit status: 0, or 1 with the reason on standard error.

local patchbay = require "patchbay"

local SHOWN, LONGEST = 3, 400 -- requests in full, and bytes of a body

-- The sandbox's own calls need no login; any token will do.
local client = patchbay.telegent { token = "none" }
local requests, err = client:call("GET", "/_sandbox/requests")
if not requests then
  io.stderr:write("show_requests: ", tostring(err), "\n")
  os.exit(1)
end

if arg[1] == "--count" then
  print(#requests)
  os.exit(0)
end

local function shown(body)
  body = body:gsub('("password":")[^"]*', "%1***") -- the sandbox masks nothing
  if #body <= LONGEST then return body end
  return ("%s … (%d bytes in all)"):format(body:sub(1, LONGEST / 2), #body)
end

local changes, reads, logins = 0, 0, 0
for i = (tonumber(arg[1]) or 0) + 1, #requests do
  local request = requests[i]
  if request.path:find "oauth" then logins = logins + 1
  elseif request.method == "GET" then reads = reads + 1
  else
    changes = changes + 1
    if changes <= SHOWN then
      print(("%s %s -> %s\n%s"):format(request.method, request.path, tostring(request.status),
        shown(request.body or "")))
    end
  end
end
if changes > SHOWN then print(("… and %d more like these"):format(changes - SHOWN)) end
print(("changes: %d, logins: %d, reads: %d"):format(changes, logins, reads))
