--- The page of a plan for a change ticket, out of a run against the sandbox; and a picture of it, which reads
-- the page's own HTML.

local patchbay = require "patchbay"
local svg = require "bin.generate.pictures.svg"

local plan_page = {}

local DESIRED = {
  ["telegent.voice_routes"] = {
    ["CRID-509de94f-79cc-429b-a317-2102654dabbb"] = { TrunkIp1 = "20.87.87.87", TrunkEnabled2 = false },
    ["new:main trunk"] = { RouteName = "Main trunk", RouteType = "Trunk", TrunkIp1 = "198.51.100.10" },
  },
  ["telegent.numbers"] = {
    ["+18018018011"] = { VoiceRouteId = { ref = "main trunk" } },
    ["+18018018012"] = { VoiceEnabled = false },
  },
}

--- The page. The plan's id and the time at which it was made differ in each run; here they are fixed.
function plan_page.html()
  local telegent = patchbay.telegent { transport = patchbay.sandbox() }
  local plan = assert(patchbay.plan({ telegent = telegent }, DESIRED, { undo = "routes.undo" }))
  local page, count = plan:html():gsub('<p class="soft">made .-</p>',
    '<p class="soft">made <time datetime="2026-05-04T09:30:00Z">2026-05-04 09:30:00 +0000</time> · '
      .. "id 5d41402abc4b2a76</p>")
  assert(count == 1, "the page does not say when it was made")
  return page
end

-- ---- the picture ----

local WIDTH, LEFT, LINE = 760, 24, 24
local COLUMNS = { LEFT + 12, LEFT + 210, LEFT + 440 }
local INKS = { create = "good", update = "warn", delete = "bad", unchanged = "soft" }
-- Characters that fit a column, in the order of COLUMNS; longer values end with "…".
local FIT = { 24, 28, 33 }

local REFERENCES = { ["&amp;"] = "&", ["&lt;"] = "<", ["&gt;"] = ">", ["&quot;"] = '"', ["&#39;"] = "'" }

-- The text of a piece of HTML.
local function text_of(html) return (html:gsub("<[^>]*>", ""):gsub("&[^;]*;", REFERENCES)) end

-- A value, cut so that it fits a column of code.
local function fit(text, column)
  if #text <= FIT[column] then return text end
  return text:sub(1, FIT[column] - 1) .. "…"
end

--- The picture of a page.
function plan_page.picture(page)
  local parts, y = {}, 46
  local function words(x, text, class) parts[#parts + 1] = svg.words(x, y, text, class) end
  parts[1] = svg.words(LEFT, y, text_of(page:match "<h1>(.-)</h1>"), "h large")
  y = y + 24
  words(LEFT, text_of(page:match '<p class="soft">(.-)</p>'), "soft small")
  y = y + 18
  local x, tile = LEFT, (WIDTH - 2 * LEFT - 30) / 4
  for class, item in page:match('<ul class="counts">(.-)</ul>'):gmatch '<li class="(%a+)">(.-)</li>' do
    local number, about = item:match "<b>(.-)</b>(.*)"
    parts[#parts + 1] = svg.box(x, y, tile, 62)
    parts[#parts + 1] = svg.words(x + 14, y + 28, number, "h large " .. INKS[class])
    parts[#parts + 1] = svg.words(x + 14, y + 48, about, "small " .. INKS[class])
    x = x + tile + 10
  end
  y = y + 62
  for class, section in page:gmatch '<section([^>]*)>(.-)</section>' do
    local ink = INKS[class:match '"(%a+)'] or "text"
    y = y + 38
    words(LEFT, text_of(section:match "<h2>(.-)</h2>"), "h")
    for item in section:gmatch "<li>(.-)</li>" do
      y = y + LINE
      words(COLUMNS[1], "• " .. text_of(item), "small")
    end
    for row in section:gmatch "<tr[^>]*>(.-)</tr>" do
      local cells = {}
      for attributes, cell in row:gmatch "<t[hd]([^>]*)>(.-)</t[hd]>" do
        cells[#cells + 1] = { attributes = attributes, html = cell }
      end
      y = y + LINE
      if cells[1].attributes:find "colspan" then
        parts[#parts + 1] = svg.box(LEFT, y - 17, WIDTH - 2 * LEFT, LINE, "bar")
        local small = cells[1].html:match "<small>(.-)</small>"
        words(COLUMNS[1], text_of((cells[1].html:gsub("<small>.*", ""))), "h " .. ink)
        if small then
          y = y + 20
          words(COLUMNS[1] + 14, text_of(small), "soft small")
        end
      else
        local is_head = cells[1].attributes:find 'scope="col"'
        for i, cell in ipairs(cells) do
          local text = text_of(cell.html)
          if is_head then
            words(COLUMNS[i], text, "soft small h")
          elseif i == 1 or cell.html:find "<i>" then
            words(COLUMNS[i] + (i == 1 and 14 or 0), text, i == 1 and "text" or "soft small")
          else
            parts[#parts + 1] = svg.code(COLUMNS[i], y, fit(text, i), "text")
          end
        end
      end
    end
  end
  return svg.page {
    width = WIDTH, height = y + 26, parts = parts, style = ".large{font-size:20px}\n",
    title = "The page of a plan",
    about = "A page for a change ticket: how many records are created, updated and deleted, which of them "
      .. "others use, and each field as it is and as it is planned.",
  }
end

return plan_page
