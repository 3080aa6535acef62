--- Plans in specs: clients of simulated vendors, places in memory to keep files in, and the requests that
-- were sent.

local acme = require "spec.support.acme"
local patchbay = require "patchbay"

local planned = {}

--- A place for a state or a plan, with its whole text in `text`. `calls` counts by method.
function planned.place(text)
  local place = { text = text, calls = { read = 0, append = 0, replace = 0 } }
  local function count(name) place.calls[name] = place.calls[name] + 1 end
  function place.read()
    count "read"
    return place.text
  end
  function place:append(more)
    count "append"
    self.text = (self.text or "") .. more
    return true
  end
  function place:replace(new)
    count "replace"
    self.text = new
    return true
  end
  return place
end

--- A client of the vendor in spec/support/acme.lua, which the sandbox simulates, and the sandbox.
-- `given.lines`: its records; `given.description`, `given.lines_description`: changes of the description;
-- `given.sandbox`: further options of the sandbox; `given.client`: of the client.
function planned.acme(given)
  given = given or {}
  local description = acme.description(given.description, given.lines_description)
  local options = { records = { lines = given.lines } }
  for name, value in pairs(given.sandbox or {}) do options[name] = value end
  local sandbox = patchbay.sandbox.vendor(description, { acme = options })
  local settings = { key = sandbox.credentials.acme.key, transport = sandbox }
  for name, value in pairs(given.client or {}) do settings[name] = value end
  return patchbay.vendor(description)(settings), sandbox
end

--- `count` lines: L1 … with the names "line 1" ….
function planned.lines(count, fields)
  local list = {}
  for i = 1, count do
    list[i] = { id = "L" .. i, name = "line " .. i }
    for name, value in pairs(fields or {}) do list[i][name] = value end
  end
  return list
end

--- A desired state of lines: the records with these keys (L1 …) get `fields`, or what that function returns.
function planned.wanted(count, fields)
  local lines = {}
  for i = 1, count do
    lines["L" .. i] = type(fields) == "function" and fields(i) or fields
  end
  return { ["acme.lines"] = lines }
end

--- A client of the simulated Telegent, and the sandbox.
function planned.telegent(options, client)
  local sandbox = patchbay.sandbox { telegent = options }
  local settings = { transport = sandbox }
  for name, value in pairs(sandbox.credentials.telegent) do settings[name] = value end
  for name, value in pairs(client or {}) do settings[name] = value end
  return patchbay.telegent(settings), sandbox
end

local function is_login(request) return request.path:find("oauth2", 1, true) ~= nil end

--- The changes among the requests, as "METHOD path body". `from`: after so many requests.
function planned.changes(sandbox, from)
  local list = {}
  for i, request in ipairs(sandbox:requests()) do
    if i > (from or 0) and request.method ~= "GET" and not is_login(request) then
      list[#list + 1] = ("%s %s%s"):format(request.method, request.path, request.body and " " .. request.body
        or "")
    end
  end
  return list
end

--- The number of reads among the requests.
function planned.reads(sandbox, from)
  local count = 0
  for i, request in ipairs(sandbox:requests()) do
    if i > (from or 0) and request.method == "GET" then count = count + 1 end
  end
  return count
end

--- The error value of a call that returned one; its message besides.
function planned.refused(value, err)
  assert(value == nil, "an error was expected")
  return err, tostring(err)
end

return planned
