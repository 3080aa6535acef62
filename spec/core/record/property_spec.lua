-- Random descriptions, states and assignments: the core's records do what the model says, step by step.
--
--   PB_SEED=n     the seed; the default is fixed
--   PB_ROUNDS=n   the number of records

local core = require "patchbay.core"
local support = require "spec.support.core_record"
local model = require "spec.support.record_model"

local fold, changed = support.fold, support.changed
local record, null = core.record, core.json.null

local SEED = tonumber(os.getenv "PB_SEED") or 20250607
local ROUNDS = tonumber(os.getenv "PB_ROUNDS") or 150
local STEPS = 30

-- The same sequence on every Lua: Park and Miller's generator.
local function generator(seed)
  local x = seed % 2147483646 + 1
  return function(n)
    x = x * 16807 % 2147483647
    return x % n + 1
  end
end

local random

local function one_of(list) return list[random(#list)] end

local words = { "a", "b", "udp", "x y", "" }

local item = { type = "object", properties = { { "v", type = "string" }, { "w", type = "integer" },
  { "since", type = "string", readOnly = true } } }

local function random_fields(depth)
  local fields = {}
  for i = 1, random(4) + (depth == 0 and 2 or 0) do
    local name = "f" .. i
    local kind = random(depth < 3 and 8 or 5)
    if kind == 1 then fields[i] = { name, type = "string", nullable = random(2) == 1 }
    elseif kind == 2 then fields[i] = { name, type = "integer" }
    elseif kind == 3 then fields[i] = { name, type = "boolean", readOnly = random(3) == 1 }
    elseif kind == 4 then fields[i] = { name, type = "array", items = { type = "integer" } }
    elseif kind == 5 then fields[i] = { name, type = "array", items = item }
    else
      fields[i] = { name, type = "object", nullable = true, properties = random_fields(depth + 1) }
    end
  end
  return fields
end

-- A value of the field; `known`: a vendor's value, which may contain fields that cannot be assigned.
local function random_value(field, known)
  if field.nullable and random(6) == 1 then return null end
  if field.type == "string" then return one_of(words) end
  if field.type == "integer" then return random(9) - 1 end
  if field.type == "boolean" then return random(2) == 1 end
  local value = {}
  if field.type == "array" then
    for i = 1, random(4) - 1 do value[i] = random_value(field.items, known) end
    return value
  end
  for _, member in ipairs(field.properties) do
    if random(2) == 1 and (known or not member.readOnly) then value[member[1]] = random_value(member,
      known) end
  end
  if known and field ~= item and random(3) == 1 then value["x" .. random(3)] = one_of { 5, "odd", { 1, 2 },
    { y = true } } end
  return value
end

local function random_state(fields)
  local state
  repeat state = random_value({ type = "object", properties = fields }, true) until state ~= null
  return state
end

-- For assert: the steps so far, one line each.
local log

local function show(value)
  if value == null then return "null" end
  if type(value) ~= "table" then return tostring(value) end
  local good, text = pcall(core.json.encode, value)
  return good and text or tostring(value)
end

local function fail(what, expected, got)
  error(("%s\nexpected %s\ngot      %s\nafter\n  %s\n(PB_SEED=%d)"):format(what, show(expected), show(got),
    table.concat(log, "\n  "), SEED), 0)
end

local function check(what, expected, got)
  if not model.equal(expected, got) then fail(what, expected, got) end
end

-- All fields of the node and below read as the model says.
local function check_reads(node, part, path)
  for _, field in ipairs(node.fields) do
    local name = field[1]
    local expected, got = model.read(node, name), part[name]
    local child = node.children[name]
    if child and expected == child then
      if not record.is(got) then fail("reading " .. path .. name, "a part of the record", got) end
      check_reads(child, got, path .. name .. ".")
    else
      check("reading " .. path .. name, expected, got)
    end
  end
end

local function check_all(root, r, deep)
  for _, how in ipairs { { false, false }, { false, true }, { true, false } } do
    local merged, leaves = how[1], how[2]
    local expected, why = model.payload(root, merged, leaves)
    local got, problem = record.payload(r, false, merged, leaves)
    local name = merged and "merged payload" or leaves and "payload of leaves" or "payload"
    check(name, expected, got)
    check("why no " .. name, why, problem)
  end
  check("changed", model.changed(root), changed(r))
  check("plain", model.plain(root, false), record.plain(r, false))
  check("merged plain", model.plain(root, true), record.plain(r, true))
  check("state", root.state, record.state(r))
  if deep then check_reads(root, r, "") end
end

-- Every part of the record, with its node of the model: { node, part, path }.
local function collect(list, node, part, path)
  list[#list + 1] = { node = node, part = part, path = path }
  for _, field in ipairs(node.fields) do
    if field.type == "object" then
      collect(list, node.children[field[1]], part[field[1]], path .. field[1] .. ".")
    end
  end
  return list
end

-- A response in the forms that the core accepts: the table itself, or its text.
local function answered(value)
  if random(2) == 1 then return model.copy(value) end
  return core.json.encode(value)
end

local function note(...) log[#log + 1] = string.format(...) end

local function change_list(r, place)
  local names = {}
  for _, field in ipairs(place.node.fields) do
    if field.type == "array" and type(place.part[field[1]]) == "table" then names[#names + 1] = field end
  end
  if #names == 0 then return end
  local field = one_of(names)
  local list = place.part[field[1]]
  if #list > 0 and random(2) == 1 then list[#list] = nil
  else list[#list + 1] = random_value(field.items) end
  -- The core notices a change at the next read, and not if it is undone before that; so read now.
  changed(r)
  model.changed_in_place(place.node, field[1], list)
  note("%s%s in place: %s", place.path, field[1], show(list))
end

local function step(root, r, places)
  local place = one_of(places)
  local node, part = place.node, place.part
  local field = one_of(node.fields)
  local action = random(20)
  if action <= 9 then
    if field.readOnly then return end
    local value = random_value(field)
    note("%s%s = %s", place.path, field[1], show(value))
    part[field[1]] = value
    model.assign(node, field[1], value)
  elseif action <= 11 then
    note("%s%s = nil", place.path, field[1])
    part[field[1]] = nil
    model.assign(node, field[1], nil)
  elseif action <= 13 then
    local values = random_value { type = "object", properties = node.fields }
    note("%s{ %s }", place.path, show(values))
    part(values)
    model.assign_all(node, values)
  elseif action <= 15 then
    change_list(r, place)
  elseif action == 16 then
    local wrong = one_of { print, { [2] = 1 }, { nope = 1 }, "\255" }
    note("%s%s = something wrong", place.path, field[1])
    if pcall(function() part[field[1]] = wrong end) then fail("a wrong value was taken", nil, wrong) end
  elseif action == 17 then
    note "clear"
    record.clear(r)
    model.clear(root)
  elseif action == 18 then
    local state = random_state(root.fields)
    note("load %s", show(state))
    record.load(r, answered(state))
    root.state = model.copy(state)
  else
    local answer = random(2) == 1 and random_state(root.fields) or nil
    local leaves = random(3) == 1
    note("settle %s %s", show(answer), tostring(leaves))
    record.apply(r, answer and answered(answer), leaves)
    model.settle(root, answer, leaves)
  end
end

describe("a record does what its model does", function()
  it("whatever is assigned, read, sent and answered, in whatever order", function()
    random = generator(SEED)
    for round = 1, ROUNDS do
      local fields = random_fields(0)
      log = { "round " .. round }
      local r = record.new(record.type(core.schema.compile { type = "object", properties = fields }, "t", {},
        fold), "k")
      local root = model.new(fields)
      local places = collect({}, root, r, "")
      for _ = 1, STEPS do
        step(root, r, places)
        -- Sometimes several changes come before anything is looked at.
        if random(3) > 1 then check_all(root, r, random(2) == 1) end
      end
      check_all(root, r, true)
    end
  end)
end)
