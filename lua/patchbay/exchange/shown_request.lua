--- Requests as text for people, secrets masked: record:request() returns them, and on_request gets them.

local text = require "patchbay.util.text"

-- Bytes of a body: as many as an error keeps.
local LONGEST_BODY = 8192

local function one_line(value) return (value:gsub("[%z\1-\31\127]+", " ")) end

-- The request line, the headers by name, and the body.
local function request_text(request)
  local names, lines = {}, { one_line(("%s %s"):format(request.method, request.url)) }
  for name in pairs(request.headers or {}) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    lines[#lines + 1] = one_line(("%s: %s"):format(name, text.of(request.headers[name])))
  end
  if request.body then
    lines[#lines + 1] = ""
    lines[#lines + 1] = one_line(text.visible_json(text.shorten(request.body, LONGEST_BODY)))
  end
  return table.concat(lines, "\n")
end

local ShownRequest = { __tostring = request_text, __name = "patchbay.request" }

--- Makes a table of `method`, `url`, `headers` and `body` (a string or nil), secrets masked, one that prints.
return function(request) return setmetatable(request, ShownRequest) end
