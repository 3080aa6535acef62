-- update { changed_only = true } of random records, beside a simple model of its effect on the vendor's.
--
--   PB_ROUNDS=n   the number of records

local acme = require "spec.support.acme"
local core = require "patchbay.core"
local scripted = require "spec.support.scripted"

local ROUNDS = tonumber(os.getenv "PB_ROUNDS") or 500

local VALUES = { name = { "", "a", "b", " a" }, rings = { 0, 1, 2 }, recorded = { true, false },
  tags = { {}, { "a" }, { "a", "b" }, { "b", "a" } },
  options = { {}, { music = "m" }, { volume = 1 }, { music = "m", volume = 2 } } }
local NAMES = { "name", "rings", "recorded", "tags", "options" }

-- A generator of its own, so that each run has the same rounds.
local function generator(seed)
  return function(count)
    seed = (seed * 16807) % 2147483647
    return seed % count + 1
  end
end

-- A value without what does not count: empty ones, and white space at the ends.
local function normal(value)
  if type(value) == "string" then value = value:match "^%s*(.-)%s*$" end
  if value == "" or value == core.json.null then return nil end
  if type(value) ~= "table" then return value end
  local copy = {}
  for name, member in pairs(value) do copy[name] = normal(member) end
  return next(copy) ~= nil and copy or nil
end

-- Makes a random assignment, or a change in place.
local function change(line, random)
  local name, how = NAMES[random(#NAMES)], random(4)
  if name == "options" and how == 1 then
    line.options.music = ({ "m", "x" })[random(2)]
  elseif name == "options" and how == 2 then
    line.options.volume = random(3)
  elseif name == "tags" and how == 1 and line.tags then
    line.tags[#line.tags + 1] = "z"
    if random(2) == 1 then line.tags[#line.tags] = nil end
  elseif how == 4 then
    line[name] = nil
  else
    line[name] = VALUES[name][random(#VALUES[name])]
  end
end

local function round(random)
  local vendor, sent = { id = "1" }, 0
  for _, name in ipairs(NAMES) do
    if random(5) > 1 then vendor[name] = VALUES[name][random(#VALUES[name])] end
  end
  local made = acme.client(acme.description(), function(request)
    local body = request.body and core.json.decode(request.body)
    if body then sent = sent + 1 end
    for name, value in pairs(body or {}) do vendor[name] = value end
    return scripted.answer(200, vendor)
  end)
  local line = assert(made.lines:get "1")
  for _ = 1, random(5) - 1 do change(line, random) end
  local wanted, diff, differs = line:values(), line:diff(), false
  for _, entry in ipairs(diff) do differs = differs or entry.changed ~= false end
  local ok, err = line:update { changed_only = true, if_unchanged = random(3) == 1 }
  if not ok then
    assert(err.kind == "incomplete" and sent == 0, tostring(err))
    return
  end
  assert.equal(differs and 1 or 0, sent, tostring(diff))
  assert.same({}, line:changes())
  for _, name in ipairs(NAMES) do
    assert.same({ normal(wanted[name]) }, { normal(vendor[name]) }, name .. "\n" .. tostring(diff))
    line[name] = wanted[name]
  end
  assert(line:update { changed_only = true })
  for _, name in ipairs(NAMES) do
    assert.same({ normal(wanted[name]) }, { normal(vendor[name]) }, name .. ", again")
  end
end

describe("an update of changes only, at random", function()
  it("leaves the vendor with what was wanted, and sends something only where something differs", function()
    local random = generator(20260403)
    for _ = 1, ROUNDS do round(random) end
  end)
end)
