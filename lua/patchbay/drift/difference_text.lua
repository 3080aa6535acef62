--- A comparison as plain text, for a terminal or a log: one line a field, as plans have them.
--
--   ~ acme.voice_routes CRID-509…   (theirs)
--       TrunkIp1   198.51.100.10 -> 20.87.87.87
--
-- The same comparison gives the same text. Secrets are masked.

local core = require "patchbay.core"
local value_text = require "patchbay.desired.value_text"
local wording = require "patchbay.bulk.wording"

local difference_text = {}

-- As for plans, see desired/text.lua.
local WIDTH = 100
local LONGEST_VALUE = 200
local LONGEST_NAME = 80
local LONGEST_WORDS = 300
local WIDEST_NAME = 32
-- Records that are named for one thing that is not known.
local NAMED = 3

local SIGNS = { appeared = "+", disappeared = "-", changed = "~" }
local FIELD, GAP = "      ", "   "

local count = wording.count

local function columns(words) return #words - select(2, words:gsub("[\128-\191]", "")) end

local RIGHT_TO_LEFT = value_text.RIGHT_TO_LEFT

-- A time in the reader's own zone.
local function local_time(value)
  local seconds = core.text.parse_time(value, "date-time")
  return seconds and os.date("%Y-%m-%d %H:%M:%S %z", math.floor(seconds)) or value
end

-- Whose change it is, in words; nil for a comparison of two snapshots.
local function verdict_of(item)
  if not item.by then return nil end
  local words = item.by
  if item.by == "ours" and item.at then
    words = ("ours%s, %s"):format(item.user and ", by " .. item.user or "",
      local_time(item.at))
  elseif item.why then
    words = ("%s: %s"):format(item.by, item.why)
  end
  return words
end

-- The verdict that all fields share; nil where there is none, or they have several.
local function shared_verdict(entry)
  if entry.change ~= "changed" then return verdict_of(entry) end
  local first = entry.fields[1] and verdict_of(entry.fields[1])
  for _, field in ipairs(entry.fields) do
    if verdict_of(field) ~= first then return nil end
  end
  return first
end

local function value_of(value, field, how)
  if value == nil then return "(nothing)" end
  if field.secret and value ~= core.json.null then return tostring(value) end
  return value_text.of(value, how)
end

-- The two sides of a field; one of them is nil where the record appeared or disappeared.
local function sides(entry, field, how)
  if entry.change == "appeared" then return nil, value_of(field.to, field, how) end
  if entry.change == "disappeared" then return value_of(field.from, field, how), nil end
  if field.secret then return value_of(field.from, field, how), value_of(field.to, field, how) end
  if field.from_unknown then return "(not known)", value_of(field.to, field, how) end
  if field.from ~= nil and field.to ~= nil then return value_text.pair(field.from, field.to, how) end
  return value_of(field.from, field, how), value_of(field.to, field, how)
end

local function add_field(lines, entry, field, name, how, verdict)
  local old, new = sides(entry, field, how)
  local remarks = {}
  if entry.change == "changed" and field.secret then remarks[1] = "changes" end
  if old and old == new and not field.secret then remarks[1] = "changes in what is masked" end
  remarks[#remarks + 1] = verdict
  local behind = remarks[1] and ("  (%s)"):format(value_text.words(table.concat(remarks, "; "),
    how.words)) or ""
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

local function is_nothing(value)
  return value == nil or value == core.json.null or value == ""
    or type(value) == "table" and next(value) == nil
end

-- The fields to show: of a record that appeared or disappeared those with a value.
local function shown_fields(entry)
  if entry.change == "changed" then return entry.fields end
  local list = {}
  for _, field in ipairs(entry.fields or {}) do
    local value = field.to
    if entry.change == "disappeared" then value = field.from end
    if not is_nothing(value) then list[#list + 1] = field end
  end
  return list
end

local function add_entry(lines, entry, how)
  local verdict = shared_verdict(entry)
  lines[#lines + 1] = ("  %s %s%s"):format(SIGNS[entry.change], value_text.words(entry.address, how.words),
    verdict and ("%s(%s)"):format(GAP, value_text.words(verdict, how.words)) or "")
  local names, width, fields = {}, 0, shown_fields(entry)
  for i, field in ipairs(fields) do
    names[i] = value_text.words(field.field, how.name)
    if columns(names[i]) <= WIDEST_NAME then width = math.max(width, columns(names[i])) end
  end
  for i, field in ipairs(fields) do
    add_field(lines, entry, field, names[i] .. (" "):rep(width - columns(names[i])), how,
      (not verdict or entry.change ~= "changed") and verdict_of(field) or nil)
  end
  lines[#lines + 1] = ""
end

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

local function add_sentences(lines, title, list, how)
  if not list or not list[1] then return end
  lines[#lines + 1] = ""
  lines[#lines + 1] = title
  for _, sentence in ipairs(list) do
    wrap(lines, value_text.words(core.text.hide_userinfo(sentence), how.sentence), "  - ", "    ", how.width)
  end
end

-- The values and records that are not known in one of both, as sentences.
local function unknown_sentences(comparison)
  local list = {}
  for i, group in ipairs(comparison.unknown) do
    local keys = {}
    for j, key in ipairs(group.keys) do
      if j <= NAMED then keys[j] = tostring(key) end
    end
    local which = keys[1] and (" of %s%s"):format(table.concat(keys, ", "), group.count > #keys
      and (" and %s more"):format(count(group.count - #keys)) or "") or ""
    list[i] = ("%s: %s%s: %s"):format(group.collection, group.field or "the record", which, group.why)
  end
  return list
end

local TITLES = { compare = "Compared", drift = "Drift" }

-- How many differences are whose: "1 ours, 2 theirs, 0 unknown".
local function whose(comparison)
  local by = comparison.by
  if not by then return "" end
  return ("; of these %s ours, %s theirs, %s unknown"):format(count(by.ours), count(by.theirs),
    count(by.unknown))
end

--- The text of a comparison. `options.width`: columns of a line (100); `options.ascii`: whether to write
-- ASCII alone, with escapes for all other characters.
function difference_text.of(comparison, options)
  options = options or {}
  local ascii, width = options.ascii and true or false, options.width or WIDTH
  local how = { longest = LONGEST_VALUE, ascii = ascii, width = width,
    words = { longest = LONGEST_WORDS, ascii = ascii }, name = { longest = LONGEST_NAME, ascii = ascii },
    sentence = { longest = LONGEST_WORDS, ascii = ascii } }
  local lines, counts = {}, comparison.counts
  for _, entry in ipairs(comparison.entries) do add_entry(lines, entry, how) end
  lines[#lines + 1] = ("%s: %s appeared, %s disappeared, %s changed%s"):format(TITLES[comparison.kind],
    count(counts.appeared), count(counts.disappeared), count(counts.changed), whose(comparison))
  if not comparison.complete then
    lines[#lines + 1] = "Not complete: see the notes."
  end
  add_sentences(lines, "The record of changes has holes, so that what changed may be ours:", comparison.holes,
    how)
  add_sentences(lines, "Not known in one of both, and not compared:", unknown_sentences(comparison), how)
  add_sentences(lines, "Notes:", comparison.notes, how)
  return table.concat(lines, "\n")
end

return difference_text
