--- One update through the floors: from the script down to the vendor and back, with what each of them gets
-- and returns, out of a run against the sandbox.

local patchbay = require "patchbay"
local svg = require "bin.generate.pictures.svg"

local floors = {}

local KEY = "CRID-509de94f-79cc-429b-a317-2102654dabbb"
local SHOWN = "TrunkTransport1"

--- A run, and what it has shown: `body`, `method`, `url`, `authorization` (masked), `status`, `answer` (its
-- text), `value` (of SHOWN).
function floors.run()
  local found = {}
  local telegent = patchbay.telegent {
    transport = patchbay.sandbox(),
    on_request = function(request)
      if request.operation == "update" then
        found.method, found.url, found.body = request.method, request.url, request.body
        for name, value in pairs(request.headers) do
          if name:lower() == "authorization" then found.authorization = value end
        end
      end
    end,
    on_response = function(response)
      if response.request.operation == "update" then
        found.status, found.answer = response.status, response.body
      end
    end,
  }
  local route = telegent.voice_routes[KEY]
  route.TrunkIp1 = "20.87.87.87"
  route.TrunkEnabled2 = false
  assert(route:update())
  found.value = route[SHOWN]
  return found
end

-- ---- the picture ----

local WIDTH, LEFT, BOX_WIDTH = 760, 20, 720
local DOWN, UP = LEFT + 16, LEFT + 392 -- where the texts of both ways begin
local LINE, GAP, TOP = 18, 34, 78

-- The member `name` of an object in JSON, with dots around it.
local function member(text, name)
  return ("{… %s …}"):format(assert(text:match('"' .. name .. '":"[^"]*"'), name))
end

-- A long JSON object on several lines.
local function wrapped(text)
  local lines = {}
  for part in text:gmatch "[^,]+,?" do lines[#lines + 1] = (lines[1] and " " or "") .. part end
  return lines
end

-- The floors: name, folder, what goes down (code), what it does there (words), and the same for the way up.
local function rows_of(found)
  local path = found.url:gsub("^%a+://[^/]*", "")
  return {
    { "script", "", { 'route.TrunkIp1 = "20.87.87.87"', "route.TrunkEnabled2 = false", "route:update()" }, {},
      { ("route.%s == %q"):format(SHOWN, found.value) }, { "or nil, err: kind, message, outcome" } },
    { "record", "src/record, lua/patchbay/record", {},
      { "checks each assignment at its line,", "and keeps it until the vendor has taken it" },
      {}, { "what was sent, and what the response", "shows, is known now" } },
    { "payload", "src/record/payload.c", wrapped(found.body),
      { "the assigned keys, and nothing else" }, {}, {} },
    { "exchange", "lua/patchbay/exchange, lua/patchbay/auth", { "Authorization: " .. found.authorization },
      { "logs in, waits for a slot of the rate" }, {},
      { "a success, and about this record?", "if not: may it be sent again?" } },
    { "host", "src/http, lua/patchbay/hosts", { found.method .. " " .. path },
      { "libcurl, nginx, HAProxy, or your own" }, { ("status %d"):format(found.status) },
      { "TLS is verified; redirects are not followed" } },
    { "vendor", "", {}, { "changes these fields of the route" }, { member(found.answer, SHOWN) },
      { "the whole record" } },
  }
end

--- The picture of what a run has shown.
function floors.picture(found)
  local parts = {
    svg.words(LEFT, 34, "One update, from the script to the vendor and back", "h"),
    svg.words(DOWN, 62, "down", "mark h small"), svg.words(UP, 62, "and back up", "good h small"),
  }
  local y = TOP
  local rows = rows_of(found)
  for i, row in ipairs(rows) do
    local name, folder, down, down_words, up, up_words = row[1], row[2], row[3], row[4], row[5], row[6]
    local lines = math.max(#down + #down_words, #up + #up_words)
    local height = 34 + lines * LINE + 6
    parts[#parts + 1] = svg.box(LEFT, y, BOX_WIDTH, height)
    parts[#parts + 1] = svg.words(DOWN, y + 24, name, "h")
    if folder ~= "" then parts[#parts + 1] = svg.code(DOWN + 92, y + 24, folder, "soft") end
    local function column(x, codes, words, class)
      local at = y + 28 + LINE
      for _, line in ipairs(codes) do
        parts[#parts + 1] = svg.code(x, at, line, class)
        at = at + LINE
      end
      for _, line in ipairs(words) do
        parts[#parts + 1] = svg.words(x, at, line, "soft small")
        at = at + LINE
      end
    end
    column(DOWN, down, down_words, "mark")
    column(UP, up, up_words, "good")
    if rows[i + 1] then
      parts[#parts + 1] = svg.arrow { DOWN + 20, y + height, DOWN + 20, y + height + GAP - 2 }
      parts[#parts + 1] = svg.arrow { UP + 20, y + height + GAP, UP + 20, y + height + 2 }
    end
    y = y + height + GAP
  end
  return svg.page {
    width = WIDTH, height = y - GAP + 20, parts = parts, title = "One update through the floors",
    about = "The script assigns two fields and calls update(). The record checks each assignment at its "
      .. "line. The payload has the assigned keys and nothing else. The exchange logs in and waits for its "
      .. "slot, the host sends the request, the vendor changes the fields. On the way back the host returns "
      .. "the response, the exchange judges it, and what it shows is known to the record: the script reads "
      .. SHOWN .. ".",
  }
end

return floors
