--- The tables in docs/reliability.md: of faults, generated from those that the spec checks, and of what
-- vendors, files and people do (conduct.lua), made by doing it:
--
--   lua spec/support/fault_table.lua docs/reliability.md    rewrites the tables
--   make reliability                                        does the same

local faults = require "spec.support.faults"
local system = require "spec.support.system"

local fault_table = {}

local BEGIN, END = "<!-- faults: written by make reliability -->\n", "<!-- end of faults -->\n"
local CONDUCT_BEGIN = "<!-- conduct: written by make reliability -->\n"
local CONDUCT_END = "<!-- end of conduct -->\n"

local function cell(text) return (text:gsub("|", "\\|")) end

local function code(text) return text == "–" and text or "`" .. text .. "`" end

-- The result of an operation: kind, outcome ("–" for a success) and the number of requests.
local function seen(row, operation)
  local expected = faults.expected(row, operation)
  local outcome = expected.outcome or "–"
  if row.races then outcome = outcome .. "`, `not_sent" end
  return expected.kind or "–", outcome, tostring(expected.arrives)
end

-- The result of a create, if it differs from that of an update.
local function create_column(row)
  local operations = table.concat(faults.operations_of(row), " ")
  if not operations:find "create" then return "" end
  local kind, outcome, arrives = seen(row, "create")
  local update_kind, update_outcome, update_arrives = seen(row, "update")
  if kind ~= update_kind or outcome ~= update_outcome then
    return code(kind) .. ", " .. code(outcome) .. ", " .. arrives
  end
  return arrives ~= update_arrives and arrives or ""
end

--- The text of the table, with a heading for each chapter.
function fault_table.text()
  local lines, chapter = {}, nil
  local function add(...) lines[#lines + 1] = table.concat({ ... }) end
  for _, row in ipairs(faults.rows) do
    if row.chapter ~= chapter then
      chapter = row.chapter
      add("\n### ", chapter, "\n\n",
        "| fault | kind | outcome | attempts | requests | create | message |\n",
        "|---|---|---|---|---|---|---|\n")
    end
    local operation = faults.operations_of(row)[1]
    local kind, outcome, arrives = seen(row, operation)
    local says = type(row.says) == "table" and row.says[1] or row.says
    add("| ", cell(row.name), " | ", code(kind), " | ", code(outcome),
      " | ", tostring(row.tries or 1), " | ", arrives, " | ", create_column(row), " | ",
      says and cell(says) or "", " |\n")
  end
  return table.concat(lines) .. "\n"
end

-- The document with `text` in place of all between two marks.
local function replaced(document, from, to, text)
  local _, first = document:find(from, 1, true)
  local last = document:find(to, 1, true)
  assert(first and last, "the document has no place for the table")
  return document:sub(1, first) .. text .. document:sub(last)
end

--- Returns the document with the table of faults replaced.
function fault_table.put_into(document) return replaced(document, BEGIN, END, fault_table.text()) end

--- Returns the document with the table of what vendors, files and people do replaced.
function fault_table.put_conduct_into(document)
  return replaced(document, CONDUCT_BEGIN, CONDUCT_END, require("spec.support.conduct").text())
end

if arg and arg[0] and arg[0]:find "fault_table.lua$" then
  local document = assert(system.read(arg[1]))
  system.write(arg[1], fault_table.put_conduct_into(fault_table.put_into(document)))
end

return fault_table
