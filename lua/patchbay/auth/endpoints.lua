--- The endpoints for which tokens are obtained, where each endpoint of a vendor needs a token of its own.

local endpoints = {}

--- A function from a call's URL to the endpoint that its token is for; "" where one token serves all. `deps`:
-- see auth/init.lua.
function endpoints.reader(description, deps)
  if description.scope ~= "endpoint" then return function() return "" end end
  local base, other = deps.base_url, deps.settings.token_endpoint_base
  -- The endpoint of the last URL: bulk runs ask for the same one again and again.
  local last_url, last_endpoint
  return function(url)
    if url == last_url then return last_endpoint end
    local endpoint = url:gsub("%?.*$", "")
    if other and endpoint:sub(1, #base) == base then
      endpoint = other:gsub("/+$", "") .. endpoint:sub(#base + 1)
    end
    last_url, last_endpoint = url, endpoint
    return endpoint
  end
end

return endpoints
