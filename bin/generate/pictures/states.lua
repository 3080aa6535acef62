--- The states of a field: assigned, in flight, known, unknown, contradicted, with the values that a script
-- sees in each, out of a run against the sandbox.

local patchbay = require "patchbay"
local svg = require "bin.generate.pictures.svg"

local states = {}

local KEY, FIELD = "CRID-509de94f-79cc-429b-a317-2102654dabbb", "TrunkIp1"
local UPDATE = "/v1.0/voice/routes/update"
local NEW, OTHER = "20.87.87.87", "198.51.100.99"

-- A sandbox whose transport calls `before()` when an update is about to be sent, and that shows OTHER in the
-- place of what was sent while `contradicts()` is true.
local function transport_of(sandbox, before, contradicts)
  local transport = {}
  function transport.send(_, request)
    local is_update = request.url:find(UPDATE, 1, true)
    if is_update then before() end
    local response, why = sandbox:send(request)
    if response and is_update and contradicts() then
      local count
      response.body, count = response.body:gsub('("' .. FIELD .. '":)"[^"]*"', "%1\"" .. OTHER .. '"')
      assert(count == 1, "the response does not show " .. FIELD)
    end
    return response, why
  end
  return setmetatable(transport, { __index = function(_, name)
    local member = sandbox[name]
    if type(member) ~= "function" then return member end
    return function(_, ...) return member(sandbox, ...) end
  end })
end

--- By state: `reads` (the value that the record shows), `assigned` and `known` (nil for none), and of a
-- failure `kind` and `outcome`.
function states.run()
  local found, sandbox, record = {}, patchbay.sandbox(), nil
  local contradicts = false
  local function note(state, err)
    local difference = record:diff()[1]
    found[state] = { reads = record[FIELD], assigned = record:changes()[FIELD],
      known = difference and difference.from or not difference and record[FIELD] or nil,
      kind = err and err.kind, outcome = err and err.outcome }
  end
  local transport = transport_of(sandbox, function() note "in flight" end, function() return contradicts end)
  -- A retry would send the same again.
  local telegent = patchbay.telegent { transport = transport, retries = 0 }

  -- A record as the vendor has it in the beginning.
  local function fresh()
    record = telegent.voice_routes[KEY]
    record[FIELD] = "198.51.100.10"
    assert(record:update())
  end

  fresh()
  note "before"
  record[FIELD] = NEW
  note "assigned"
  assert(record:update())
  note "known"

  fresh()
  record[FIELD] = NEW
  sandbox:fail { drop = "after", match = UPDATE }
  local _, err = record:update()
  note("unknown", err)
  assert(record:confirm())
  note "confirmed"

  fresh()
  record[FIELD] = NEW
  contradicts = true
  _, err = record:update()
  contradicts = false
  note("contradicted", err)

  local faults = { refused = { status = 400, body = "{}" }, ["not sent"] = { drop = "connect" } }
  for state, fault in pairs(faults) do
    fresh()
    record[FIELD] = NEW
    fault.match = UPDATE
    sandbox:fail(fault)
    _, err = record:update()
    note(state, err)
  end
  return found
end

-- ---- the picture ----

local WIDTH, BOX_WIDTH, BOX_HEIGHT = 760, 212, 104
local COLUMNS = { 20, 274, 528 }
local ROWS = { 64, 318 }

-- The place of an arrow from the left end of its box.
local ARROW = 26

-- By column, why a field in flight comes to the state below.
local REASONS = {
  { "the response shows it,", "or confirms the update" },
  { "no response came: it may", "have been applied or not" },
  { "the response shows", "another value" },
}

local CLASSES = { before = "good", assigned = "mark", ["in flight"] = "warn", known = "good",
  unknown = "warn", contradicted = "bad" }

-- A state's box: its name and the two values.
local function box(parts, column, row, name, state, title)
  local x, y = COLUMNS[column], ROWS[row]
  parts[#parts + 1] = svg.box(x, y, BOX_WIDTH, BOX_HEIGHT)
  parts[#parts + 1] = svg.words(x + 14, y + 26, title or name, "h " .. CLASSES[name])
  parts[#parts + 1] = svg.code(x + 14, y + 52, "known     " .. (state.known or "–"), "text")
  parts[#parts + 1] = svg.code(x + 14, y + 72, "assigned  " .. (state.assigned or "–"),
    state.assigned and "text" or "soft")
  if state.outcome then
    parts[#parts + 1] = svg.code(x + 14, y + 92, ("err.kind  %q"):format(state.kind), CLASSES[name])
  end
end

--- The picture of found states.
function states.picture(found)
  local parts = {
    svg.words(20, 34, "One field, route.TrunkIp1, from the assignment to what is known of it", "h"),
  }
  box(parts, 1, 1, "before", found.before, "known")
  box(parts, 2, 1, "assigned", found.assigned)
  box(parts, 3, 1, "in flight", found["in flight"])
  box(parts, 1, 2, "known", found.known)
  box(parts, 2, 2, "unknown", found.unknown)
  box(parts, 3, 2, "contradicted", found.contradicted)

  local middle = ROWS[1] + BOX_HEIGHT / 2
  parts[#parts + 1] = svg.arrow { COLUMNS[1] + BOX_WIDTH, middle, COLUMNS[2] - 2, middle }
  parts[#parts + 1] = svg.arrow { COLUMNS[2] + BOX_WIDTH, middle - 14, COLUMNS[3] - 2, middle - 14 }
  parts[#parts + 1] = svg.arrow { COLUMNS[3], middle + 22, COLUMNS[2] + BOX_WIDTH + 2, middle + 22 }
  -- Under the upper boxes: what each arrow stands for.
  local bottom = ROWS[1] + BOX_HEIGHT
  local assignment = ("route.%s = %q"):format(FIELD, found.assigned.assigned)
  parts[#parts + 1] = svg.code(COLUMNS[1], bottom + 22, assignment)
  parts[#parts + 1] = svg.words(COLUMNS[1], bottom + 40, "checked at this line; nothing is sent",
    "soft small")
  parts[#parts + 1] = svg.code(COLUMNS[2] + 20, bottom + 22, "route:update() sends it")
  local outcomes = ("outcome %q, %q: as before"):format(found["not sent"].outcome, found.refused.outcome)
  parts[#parts + 1] = svg.words(COLUMNS[2] + 20, bottom + 40, outcomes, "soft small")

  -- From "in flight" down to the three results.
  local from, rail = COLUMNS[3] + ARROW, ROWS[2] - 74
  for i, x in ipairs(COLUMNS) do
    local to = x + ARROW
    parts[#parts + 1] = svg.arrow { from, bottom, from, rail, to, rail, to, ROWS[2] - 2 }
    for j, words in ipairs(REASONS[i]) do
      parts[#parts + 1] = svg.words(to + 12, rail + 12 + 18 * j, words, "soft small")
    end
  end

  -- From "unknown" to the others.
  assert(found.confirmed.known == NEW and found.confirmed.assigned == NEW)
  local below = ROWS[2] + BOX_HEIGHT
  local centre = COLUMNS[2] + BOX_WIDTH / 2
  for _, x in ipairs { COLUMNS[1], COLUMNS[3] } do
    local to = x + BOX_WIDTH / 2
    parts[#parts + 1] = svg.arrow { centre, below, centre, below + 30, to, below + 30, to, below + 2 }
  end
  parts[#parts + 1] = svg.code(COLUMNS[2] + 14, below + 54, "route:confirm()")
  parts[#parts + 1] = svg.words(COLUMNS[2] + 14, below + 72, "reads the record back", "soft small")
  parts[#parts + 1] = svg.words(COLUMNS[1] + 14, below + 54, "the vendor has it; it stays assigned",
    "soft small")
  parts[#parts + 1] = svg.words(COLUMNS[3] + 14, below + 54, "the vendor has another value", "soft small")
  return svg.page {
    width = WIDTH, height = below + 92, parts = parts, title = "The states of a field",
    about = "A field is known. An assignment makes it assigned. update() sends it: it is in flight. If it "
      .. "was not sent, or the vendor refuses it, it is assigned as before. If the response shows the value, "
      .. "it is known. If no response comes, it is unknown whether the change was applied, and the value "
      .. "stays assigned; confirm() reads the record back and decides. If the response shows another value, "
      .. "that is known, and the assigned value stays assigned.",
  }
end

return states
