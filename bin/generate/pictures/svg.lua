--- Pictures in SVG: light and dark as the reader's system has it, with a title and a description for those
-- who do not see them. They have no script and load nothing.

local svg = {}

--- Colours come in pairs of a text and its ground, with a contrast of 4.5 to 1 at least (WCAG 2.2, AA);
-- spec/docs/pictures_spec.lua works it out. No colour says anything that a word or a sign does not say, too.
svg.colours = {
  light = { ground = "#ffffff", panel = "#f4f6f8", line = "#7c8692", text = "#1b1f24", soft = "#525b66",
    good = "#0b5c26", warn = "#6f4400", bad = "#98081f", mark = "#0a4fa8" },
  dark = { ground = "#15181c", panel = "#1d2127", line = "#6b7581", text = "#e7eaee", soft = "#a9b2bd",
    good = "#7bd694", warn = "#f2c063", bad = "#ffa59d", mark = "#8fc0ff" },
}

-- The names of colours that texts have; each is a class.
local INKS = { "text", "soft", "good", "warn", "bad", "mark" }

local MONO = 'ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace'
local SANS = 'system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif'

local ESCAPES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

--- A text as XML.
function svg.escape(text) return (text:gsub('[&<>"]', ESCAPES)) end

local escape = svg.escape

-- The number of characters of a text in UTF-8.
local function length(text) return select(2, text:gsub("[^\128-\191]", "")) end

--- The width of one character of monospaced text at a font size of 13.
svg.CELL = 7.8

-- A number without a needless fraction, the same on every Lua.
local function number(value) return (("%.1f"):format(value):gsub("%.0$", "")) end

svg.number = number

--- A line of monospaced text; its width is the same in every font. `class`: names of a colour and of others.
function svg.code(x, y, text, class)
  local indent = #text:match "^ *"
  local shown = text:sub(indent + 1)
  if shown == "" then return "" end
  local width = number(length(shown) * svg.CELL)
  return ('<text class="m %s" x="%s" y="%s" textLength="%s" lengthAdjust="spacingAndGlyphs">%s</text>')
    :format(class or "text", number(x + indent * svg.CELL), number(y), width, escape(shown))
end

--- A line of text in words. `class`: names of a colour and of others; "text" is the colour if none is named.
function svg.words(x, y, text, class)
  local has_ink = false
  for word in (class or ""):gmatch "%S+" do has_ink = has_ink or svg.colours.light[word] ~= nil end
  class = has_ink and class or "text " .. (class or "")
  return ('<text class="%s" x="%s" y="%s">%s</text>'):format(class, number(x), number(y), escape(text))
end

--- A box with round corners.
function svg.box(x, y, width, height, class)
  return ('<rect class="%s" x="%s" y="%s" width="%s" height="%s" rx="6"/>'):format(class or "box", number(x),
    number(y), number(width), number(height))
end

--- An arrow along the points { x, y, x, y, … }.
function svg.arrow(points)
  local pairs_of = {}
  for i = 1, #points, 2 do pairs_of[#pairs_of + 1] = number(points[i]) .. "," .. number(points[i + 1]) end
  return ('<polyline class="arrow" points="%s" marker-end="url(#head)"/>'):format(table.concat(pairs_of, " "))
end

local function variables(colours)
  local list, names = {}, {}
  for name in pairs(colours) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do list[i] = ("--%s:%s"):format(name, colours[name]) end
  return table.concat(list, ";")
end

local function style_sheet(more)
  local lines = {
    ":root{color-scheme:light dark;" .. variables(svg.colours.light) .. "}",
    "@media (prefers-color-scheme:dark){:root{" .. variables(svg.colours.dark) .. "}}",
    "text{font:14px " .. SANS .. ";white-space:pre}", ".m{font:13px " .. MONO .. "}",
    ".h{font-weight:600}", ".small{font-size:12px}",
    ".ground{fill:var(--ground);stroke:var(--line)}", ".box{fill:var(--panel);stroke:var(--line)}",
    ".bar{fill:var(--panel)}",
    ".arrow{fill:none;stroke:var(--soft);stroke-width:1.5}", ".head{fill:var(--soft)}",
  }
  for _, ink in ipairs(INKS) do lines[#lines + 1] = (".%s{fill:var(--%s)}"):format(ink, ink) end
  return table.concat(lines, "\n") .. "\n" .. (more or "")
end

--- A whole picture. `picture`: `width`, `height`, `title`, `about` (the description), `style` (more rules, or
-- nil), `parts` (list of elements).
function svg.page(picture)
  local width, height = number(picture.width), number(picture.height)
  return table.concat({
    ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" width="%s" height="%s" role="img" '
      .. 'aria-labelledby="title about">'):format(width, height, width, height),
    '<title id="title">' .. escape(picture.title) .. "</title>",
    '<desc id="about">' .. escape(picture.about) .. "</desc>",
    "<style>\n" .. style_sheet(picture.style) .. "</style>",
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
      .. 'orient="auto"><path class="head" d="M0,0 L8,4 L0,8 z"/></marker></defs>',
    ('<rect class="ground" x="0.5" y="0.5" width="%s" height="%s" rx="8"/>'):format(number(picture.width - 1),
      number(picture.height - 1)),
    table.concat(picture.parts, "\n"), "</svg>", "" }, "\n")
end

return svg
