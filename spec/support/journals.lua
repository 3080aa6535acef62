--- Journals in specs.

local journal = require "patchbay.bulk.journal"

--- `A` and `B`: the digests of two changes.
local journals = { A = journal.digest "a", B = journal.digest "b" }

function journals.count_lines(text) return select(2, text:gsub("\n", "")) end

--- Opens the journal at `path`. `changes`: options that differ from those of a job "move" of three items.
function journals.open(path, changes)
  local options = { job = "move", first = "k1", count = 3 }
  for name, value in pairs(changes or {}) do options[name] = value end
  return journal.open(path, options)
end

--- Runs `body` with the journal at `path` open, and returns what it returns.
function journals.with(path, body, changes)
  local j = assert(journals.open(path, changes))
  local result = body(j)
  j:close()
  return result
end

--- The outcome that the journal at `path` has for an item, or "nothing".
function journals.known(path, key, change)
  return journals.with(path, function(j) return j:known(key, change) or "nothing" end)
end

return journals
