--- A plan as one page for a change ticket. The page is complete in itself: it has no script, and loads
-- nothing. Its policy keeps a browser from either, whatever a value of a vendor may be.

local core = require "patchbay.core"
local masking = require "patchbay.desired.masking"
local plan_wording = require "patchbay.desired.plan_wording"
local style = require "patchbay.desired.html_style"
local value_text = require "patchbay.desired.value_text"
local wording = require "patchbay.bulk.wording"

local html = {}

-- Bytes that are shown of a value, and of a name or a sentence.
local VALUE, WORDS = { longest = 500 }, { longest = 300 }
-- Records that are named for one thing that cannot be undone, and of those that are used most.
local NAMED, MOST_USED = 20, 10
-- Records of a group that is printed on one page, where they fit on one.
local FEW = 8
-- Records in one table. A browser lays out the tables that are in view: more of them, each smaller, open
-- faster.
local PART = 100

local ESCAPES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

-- One line of text as HTML. Text that is written from right to left does not turn the text beside it.
local function escape(line)
  line = line:gsub("[&<>\"']", ESCAPES)
  return line:find "[\128-\255]" and "<bdi>" .. line .. "</bdi>" or line
end

-- Words of a vendor, a file or a program.
local function words(line) return escape(value_text.words(masking.text(line), WORDS)) end

local VERBS = { create = "Create", update = "Update", delete = "Delete" }
local SIGNS = { create = "+", update = "~", delete = "\226\136\146" } -- a minus sign, as wide as the others

-- ---- the tables of changes ----

-- A cell with a value; with words about it, where there is none.
local function cell(shown)
  local about = shown:match "^%((.*)%)$"
  return about and "<td><i>" .. escape(about) .. "</i></td>" or "<td>" .. escape(shown) .. "</td>"
end

local NOTHING = "<td></td>"

-- Remarks, on a line of their own; "" for none.
local function small(remarks)
  return remarks[1] and "<small>" .. escape(table.concat(remarks, "; ")) .. "</small>" or ""
end

local function field_row(change, field)
  local old, new, remarks = plan_wording.field(change, field, VALUE)
  return ('<tr><th scope="row">%s%s</th>%s%s</tr>'):format(words(field.field), small(remarks),
    old and cell(old) or NOTHING, new and cell(new) or NOTHING)
end

local UNREAD = "<td><i>cannot be read</i></td><td><i>sent when forced</i></td>"

local function unread_row(field)
  return ('<tr><th scope="row">%s</th>%s</tr>'):format(words(field), UNREAD)
end

-- A record: a row for its name, and one for each field. `id`: its place in the plan.
local function add_record(lines, change, id)
  local remarks = plan_wording.change_remarks(change)
  local undo = change.undo or {}
  if undo.possible == false then remarks[#remarks + 1] = "cannot be undone in full" end
  local verb = VERBS[change.action]
  local name = (verb and SIGNS[change.action] .. " " .. verb .. " " or "") .. words(change.address)
  lines[#lines + 1] = id and ('<tbody id="c%d">'):format(id) or "<tbody>"
  lines[#lines + 1] = '<tr class="record"><th scope="rowgroup" colspan="3">' .. name .. small(remarks)
    .. "</th></tr>"
  for _, field in ipairs(masking.fields(change)) do lines[#lines + 1] = field_row(change, field) end
  for _, field in ipairs(change.unread or {}) do lines[#lines + 1] = unread_row(field) end
  lines[#lines + 1] = "</tbody>"
end

local HEAD = '<thead><tr><th scope="col">Field</th><th scope="col">Now</th><th scope="col">Planned</th>'
  .. "</tr></thead>"

-- Records that belong together, in tables. `group`: { class =, title =, caption =, and the list of
-- { change =, id = } }.
local function add_group(lines, group)
  local count, is_large = wording.count, #group > PART
  local class = #group <= FEW and group.class .. " few" or group.class
  lines[#lines + 1] = ('<section class="%s"><h2>%s</h2>'):format(class, group.title)
  for first = 1, #group, PART do
    local last = math.min(first + PART - 1, #group)
    local caption = is_large and ("%s to %s of %s"):format(count(first), count(last), count(#group))
      or group.caption
    lines[#lines + 1] = is_large and '<div class="part">' or "<div>"
    lines[#lines + 1] = "<table><caption>" .. caption .. "</caption>" .. HEAD
    for i = first, last do add_record(lines, group[i].change, group[i].id) end
    lines[#lines + 1] = "</table></div>"
  end
  lines[#lines + 1] = "</section>"
end

local CAPTIONS = {
  create = "The records to be created, with their values.",
  update = "Each field that changes, as it is and as it is to be.",
  delete = "The records to be deleted, with their known values.",
}

-- The changes in their order, those of one action in one collection together.
local function groups_of(plan)
  local groups, last = {}, nil
  for i, change in ipairs(plan.changes) do
    local name = change.account .. "." .. change.collection_name
    if not last or last.class ~= change.action or last.name ~= name then
      last = { class = change.action, name = name, caption = CAPTIONS[change.action] }
      groups[#groups + 1] = last
    end
    last[#last + 1] = { change = change, id = i }
  end
  for _, group in ipairs(groups) do
    group.title = ("%s %s of %s"):format(VERBS[group.class], wording.some(#group, "record", "records"),
      words(group.name))
  end
  if plan.unread and plan.unread[1] then
    local group = { class = "unread", title = "Cannot be compared",
      caption = "Fields that the vendor does not show. They are sent when forced." }
    for i, record in ipairs(plan.unread) do
      group[i] = { change = { address = record.address, fields = {}, unread = record.fields } }
    end
    groups[#groups + 1] = group
  end
  return groups
end

-- ---- the sections before the changes ----

local function add_list(lines, tag, list)
  lines[#lines + 1] = "<" .. tag .. ">"
  for _, item in ipairs(list) do lines[#lines + 1] = "<li>" .. item .. "</li>" end
  lines[#lines + 1] = "</" .. tag .. ">"
end

local function add_section(lines, title, class, tag, list)
  if not list[1] then return end
  lines[#lines + 1] = ('<section%s><h2>%s</h2>'):format(class and (' class="%s"'):format(class) or "", title)
  add_list(lines, tag, list)
  lines[#lines + 1] = "</section>"
end

local function listed(list)
  local new = {}
  for i, sentence in ipairs(list or {}) do new[i] = words(sentence) end
  return new
end

-- The records that most others use, as links to their changes.
local function most_used(plan)
  local used, list = {}, {}
  for i, change in ipairs(plan.changes) do
    if change.affected then used[#used + 1] = { change = change, id = i } end
  end
  table.sort(used, function(a, b)
    local one, other = a.change.affected.count, b.change.affected.count
    if one ~= other then return one > other end
    return a.id < b.id
  end)
  for i = 1, math.min(MOST_USED, #used) do
    list[i] = ('<a href="#c%d">%s</a>: %s'):format(used[i].id, words(used[i].change.address),
      escape(plan_wording.usage(used[i].change)))
  end
  if #used > MOST_USED then list[#list + 1] = ("and %s more"):format(wording.count(#used - MOST_USED)) end
  return list
end

local function lost_of(plan)
  local list = {}
  for i, group in ipairs(plan_wording.lost(plan, NAMED)) do
    list[i] = plan_wording.lost_sentence(group, words)
  end
  return list
end

-- The time at which the plan was made, for people: theirs, with its zone.
local function made_at(plan)
  local seconds = type(plan.made_at) == "string" and core.text.parse_time(plan.made_at, "date-time")
  if not seconds then return nil end
  return ('<time datetime="%s">%s</time>'):format(escape(plan.made_at),
    escape(os.date("%Y-%m-%d %H:%M:%S %z", math.floor(seconds))))
end

local function counts_list(counts)
  local function item(class, sign, number, text)
    return ('<li class="%s"><b>%s%s</b>%s</li>'):format(class, sign, wording.count(number), text)
  end
  local items = {}
  for i, action in ipairs { "create", "update", "delete" } do
    items[i] = item(action, SIGNS[action] .. " ", counts[action], "to " .. action)
  end
  items[#items + 1] = item("unchanged", "", counts.unchanged, "unchanged")
  return '<ul class="counts">' .. table.concat(items) .. "</ul>"
end

--- The page of a plan, as text in UTF-8.
function html.plan(plan)
  local counts = plan_wording.counts(plan)
  local title, source = plan.kind == "undo" and "Undo" or "Plan", plan.source and words(plan.source)
  local made, about = made_at(plan), {}
  if made then about[1] = "made " .. made end
  if plan.id then about[#about + 1] = "id " .. words(plan.id) end
  local lines = {
    '<!DOCTYPE html>', '<html lang="en">', "<head>", '<meta charset="utf-8">',
    [[<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">]],
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">', '<meta name="color-scheme" content="light dark">',
    ("<title>%s: %s</title>"):format(title, plan_wording.summary(counts)),
    "<style>", style .. "</style>", "</head>", "<body>", "<main>",
    ("<h1>%s%s</h1>"):format(title, source and " of " .. source or ""),
  }
  if about[1] then lines[#lines + 1] = ('<p class="soft">%s</p>'):format(table.concat(about, " · ")) end
  lines[#lines + 1] = counts_list(counts)
  if not plan.changes[1] then lines[#lines + 1] = "<p>There is nothing to change.</p>" end
  add_section(lines, "Apply refuses this plan", "refused", "ul", listed(plan.refused))
  add_section(lines, "In use by others", nil, "ul", most_used(plan))
  add_section(lines, "Cannot be undone", nil, "ul", lost_of(plan))
  add_section(lines, "Notes", nil, "ul", listed(plan.notes))
  for _, group in ipairs(groups_of(plan)) do add_group(lines, group) end
  lines[#lines + 1] = "</main>\n</body>\n</html>\n"
  return table.concat(lines, "\n")
end

return html
