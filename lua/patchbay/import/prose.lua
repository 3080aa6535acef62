--- Texts of a document as a description has them: short, on one line, nothing invisible in them.

local budgets = require "patchbay.import.budgets"
local core = require "patchbay.core"

local prose = {}

local is_line = core.text.is_line

-- Characters that cannot be seen are taken out one kind at a time; a text with more kinds is left out.
local MOST_INVISIBLE = 16

local function encoded(code)
  if code < 0x80 then return string.char(code) end
  local bytes, first = {}, code < 0x800 and 0xC0 or code < 0x10000 and 0xE0 or 0xF0
  local count = code < 0x800 and 1 or code < 0x10000 and 2 or 3
  for i = count, 1, -1 do
    bytes[i] = string.char(0x80 + code % 64)
    code = (code - code % 64) / 64
  end
  return string.char(first + code) .. table.concat(bytes)
end

-- At most `most` bytes, without a part of a character, and without a part of a word where there are blanks.
local function cut(text, most)
  if #text <= most then return text end
  local last = most - 3
  while last > 0 and text:byte(last + 1) >= 0x80 and text:byte(last + 1) < 0xC0 do last = last - 1 end
  text = text:sub(1, last)
  return (text:match "^(.*%S)%s+%S*$" or text):gsub("[%s,;:.]+$", "") .. "…"
end

local function visible(text)
  for _ = 1, MOST_INVISIBLE do
    local code = core.text.invisible(text)
    if not code then return text end
    local from, to = text:find(encoded(code), 1, true)
    if not from then return nil end
    text = text:sub(1, from - 1) .. text:sub(to + 1)
  end
end

-- The text before the first blank line.
local function first_paragraph(text)
  if text:find "^%s" then return text:match "^%s*(.-)%s*\n%s*\n" or text end
  local at = text:find("\n", 1, true)
  while at do
    if text:find("^%s*\n", at + 1) then return text:sub(1, at - 1) end
    at = text:find("\n", at + 1, true)
  end
  return text
end

--- The first paragraph of a text, on one line; nil where there is none.
function prose.short(text)
  if type(text) ~= "string" or text == "" then return nil end
  -- Most are as they have to be.
  if #text <= budgets.LONGEST_TEXT and is_line(text) then return text end
  -- A long text is cut first, as only its beginning is read.
  text = cut(text, budgets.LONGEST_TEXT * 4)
  text = core.text.one_line(first_paragraph(text))
  if text:find "[\128-\255]" then text = visible(text) end
  if not text or text == "" then return nil end
  return cut(text, budgets.LONGEST_TEXT)
end

--- Whether a name or a value can stand in a description: people see all of it.
function prose.is_visible(text)
  return is_line(text) or not text:find "[%z\1-\31\127]" and not (text:find "[\128-\255]"
    and core.text.invisible(text))
end

return prose
