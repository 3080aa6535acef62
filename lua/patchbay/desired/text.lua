--- A plan as plain text, for a terminal or a log: one line a field, in the order of the changes.
--
--   ~ acme.voice_routes CRID-509…   (1,204 numbers use it)
--       TrunkIp1        198.51.100.10 -> 20.87.87.87
--
-- The same plan gives the same text. Secrets are masked.

local plan_wording = require "patchbay.desired.plan_wording"
local masking = require "patchbay.desired.masking"
local value_text = require "patchbay.desired.value_text"

local text = {}

-- Columns of a line, where the caller does not say: those of a wide terminal, and of this project's pages.
local WIDTH = 100
-- Bytes of a value: an address of a web hook fits, a certificate does not.
local LONGEST_VALUE = 200
-- Bytes of a field's name.
local LONGEST_NAME = 80
-- Bytes of a sentence, a key or an address, which may hold those of a vendor.
local LONGEST_WORDS = 300
-- Names of fields that are longer do not move the values of the others to the right.
local WIDEST_NAME = 32
-- Records that are named for one thing that cannot be undone.
local NAMED = 10

-- action -> its sign, as Terraform has them. A record of which nothing is sent has none.
local SIGNS = { create = "+", update = "~", delete = "-" }
local FIELD = "      "
local GAP = "   "

-- Characters of a text: a good measure of the columns of a field's name.
local function columns(words) return #words - select(2, words:gsub("[\128-\191]", "")) end

local function padded(words, width) return words .. (" "):rep(width - columns(words)) end

local RIGHT_TO_LEFT = value_text.RIGHT_TO_LEFT

-- Appends words in lines of `width` columns: the first one after `first`, the others after `rest`.
local function wrap(lines, words, first, rest, width)
  local line, empty = first, true
  for word in words:gmatch "%S+" do
    if not empty and columns(line) + 1 + columns(word) > width then
      lines[#lines + 1], line, empty = line, rest, true
    end
    line, empty = line .. (empty and "" or " ") .. word, false
  end
  lines[#lines + 1] = line
end

local function add_field(lines, change, field, name, how)
  local old, new, remarks = plan_wording.field(change, field, how)
  local behind = remarks[1] and ("  (%s)"):format(table.concat(remarks, "; ")) or ""
  local start = FIELD .. name .. GAP
  if not (old and new) then
    lines[#lines + 1] = start .. (old or new) .. behind
    return
  end
  local line = start .. old .. " -> " .. new .. behind
  if columns(line) <= how.width and not line:find(RIGHT_TO_LEFT) then
    lines[#lines + 1] = line
  else
    lines[#lines + 1] = start .. old
    lines[#lines + 1] = (" "):rep(columns(start) - 3) .. "-> " .. new .. behind
  end
end

local function add_change(lines, change, how, how_words, how_name)
  local remarks = plan_wording.change_remarks(change)
  local behind = remarks[1] and ("%s(%s)"):format(GAP, table.concat(remarks, "; ")) or ""
  lines[#lines + 1] = ("  %s %s%s"):format(SIGNS[change.action] or " ",
    value_text.words(change.address, how_words), behind)
  local names, width = {}, 0
  local function add_name(name)
    name = value_text.words(name, how_name)
    names[#names + 1] = name
    if columns(name) <= WIDEST_NAME then width = math.max(width, columns(name)) end
  end
  local fields, unread = masking.fields(change), change.unread or {}
  for _, field in ipairs(fields) do add_name(field.field) end
  for _, entry in ipairs(unread) do add_name(entry) end
  for i, field in ipairs(fields) do add_field(lines, change, field, padded(names[i], width), how) end
  for i = 1, #unread do
    lines[#lines + 1] = ("%s%s%s(%s)"):format(FIELD, padded(names[#fields + i], width), GAP,
      plan_wording.unread)
  end
  lines[#lines + 1] = ""
end

local function add_sentences(lines, title, list, how)
  if not list or not list[1] then return end
  lines[#lines + 1] = ""
  lines[#lines + 1] = title
  for _, sentence in ipairs(list) do
    wrap(lines, value_text.words(masking.text(sentence), how), "  - ", "    ", how.width)
  end
end

--- The text of a plan. `options.width`: columns of a line (100); `options.ascii`: whether to write ASCII
-- alone, with escapes for all other characters.
function text.plan(plan, options)
  options = options or {}
  local ascii = options.ascii and true or false
  local function bounded(longest)
    return { longest = longest, ascii = ascii, width = options.width or WIDTH }
  end
  local how, how_words, how_name = bounded(LONGEST_VALUE), bounded(LONGEST_WORDS), bounded(LONGEST_NAME)
  local lines, lost = {}, {}
  for _, change in ipairs(plan.changes) do add_change(lines, change, how, how_words, how_name) end
  -- Records of which nothing can be compared.
  for _, record in ipairs(plan.unread or {}) do
    local change = { address = record.address, fields = {}, unread = record.fields }
    add_change(lines, change, how, how_words, how_name)
  end
  lines[#lines + 1] = "Plan: " .. plan_wording.summary(plan_wording.counts(plan))
  local function shown(words) return value_text.words(masking.text(words), how_words) end
  for i, group in ipairs(plan_wording.lost(plan, NAMED)) do
    lost[i] = plan_wording.lost_sentence(group, shown)
  end
  add_sentences(lines, "This plan is refused:", plan.refused, how_words)
  add_sentences(lines, "Cannot be undone:", lost, bounded(math.huge))
  add_sentences(lines, "Notes:", plan.notes, how_words)
  return table.concat(lines, "\n")
end

return text
