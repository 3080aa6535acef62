-- Random states of the vendors' own resources and random assignments to them: what a record says of its
-- changes, what it shows and what is sent agree, by a merge that knows nothing of how records work.
--
--   PB_SEED=n     another course; the default is always the same one
--   PB_ROUNDS=n   how many records of each resource

local json = require "patchbay.sandbox.json"
local patchbay = require "patchbay"
local secrets = require "spec.support.secrets"


local SEED = tonumber(os.getenv "PB_SEED") or 20261121
local ROUNDS = tonumber(os.getenv "PB_ROUNDS") or 40
local STEPS = 25

local null = patchbay.null

-- The same course on every Lua: Park and Miller's generator.
local x

local function random(n)
  x = x * 16807 % 2147483647
  return x % n + 1
end

local function one_of(list) return list[random(#list)] end

-- Values by what a description says, for the rules that chance would not meet.
local by_pattern = {
  ["^CRID-"] = "CRID-%d", ["^MRID-"] = "MRID-%d", ["^(AID|DID)-"] = "AID-%d", ["^TSUID-"] = "TSUID-%d",
  ["^[0-9]+$"] = "%d", ["^[0-9]*$"] = "%d", ["^614"] = "61412%d",
}
local by_format = {
  uri = "https://example.com/%d", uuid = "01234567-89ab-cdef-0123-4567890%05d", e164 = "+1801%d",
  phone = "61412%d",
}
local texts = { "", "a", "two words", 'a "quoted" \\ text', "ä€😀", "line\nbreak", ("long "):rep(50) }

local any_value

local function value_of(field, deep)
  if field.nullable and random(4) == 1 then return null end
  if field.enum then return one_of(field.enum) end
  local number = random(89999) + 10000
  if field.pattern or field.format then
    return (by_pattern[field.pattern] or by_format[field.format]):format(number)
  end
  if field.allOf then return "Secret-" .. number end
  if field.maxLength then return ("8"):rep(field.maxLength) end
  if field.type == "string" then
    local text = one_of(texts)
    return field.secret and secrets.MARK .. text or text
  end
  if field.type == "boolean" then return random(2) == 1 end
  if field.type == "integer" then return one_of { 0, -1, number, 9007199254740991 } end
  if field.type == "number" then return one_of { 0.5, -2.25, number, 1e300 } end
  if field.type == "array" then
    local list = {}
    for i = 1, random(4) - 1 do list[i] = value_of(field.items, deep) end
    return patchbay.array(list)
  end
  if field.type == "object" then
    local object = {}
    for _, member in ipairs(field.properties) do
      if random(2) == 1 then object[member[1]] = value_of(member, deep) end
    end
    return object
  end
  return any_value()
end

-- Of a field whose type is not documented.
function any_value()
  return one_of { true, false, 7, "text", "" }
end

-- ---- plain tables ----

local function equal(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for name, value in pairs(a) do
    if not equal(value, b[name]) then return false end
  end
  for name in pairs(b) do
    if a[name] == nil then return false end
  end
  return true
end

local function copy(value)
  if type(value) ~= "table" then return value end
  local new = {}
  for name, member in pairs(value) do new[name] = copy(member) end
  return new
end

local function at(value, path)
  for name in path:gmatch "[^.]+" do
    if type(value) ~= "table" then return nil end
    value = value[name]
  end
  return value
end

-- The description of the field at a path.
local function described(fields, path)
  local name, rest = path:match "^([^.]+)%.?(.*)$"
  for _, field in ipairs(fields) do
    if field[1] == name then return rest == "" and field or described(field.properties, rest) end
  end
end

-- Every value that is no object of the description, by its path.
local function leaves(fields, value, path, found)
  for _, field in ipairs(fields) do
    local member = value[field[1]]
    if field.type == "object" and type(member) == "table" then
      leaves(field.properties, member, path .. field[1] .. ".", found)
    elseif member ~= nil then
      found[path .. field[1]] = member
    end
  end
  return found
end

-- The content of a record, as a plain table.
local function shown(fields, part)
  local plain = {}
  for _, field in ipairs(fields) do
    local value = part[field[1]]
    if field.type == "object" and type(value) == "table" then value = shown(field.properties, value) end
    if value ~= nil then plain[field[1]] = copy(value) end
  end
  return plain
end

-- An object of which nothing is known reads as an object without fields.
local function without_empty_objects(fields, value)
  local plain = {}
  for _, field in ipairs(fields) do
    local member = value[field[1]]
    if field.type == "object" and type(member) == "table" then
      member = without_empty_objects(field.properties, member)
      if next(member) == nil then member = nil end
    end
    plain[field[1]] = member
  end
  return plain
end

-- ---- the vendors ----

local accounts = {
  telegent = { token = "t" },
  convirza = { token = "t" },
  crazytel = { api_key = "k" },
}
local keys = {
  voice_routes = "CRID-1", message_routes = "MRID-1", numbers = "+18015550100",
  provisioned_routes = 17, sip_trunks = "01234567-89ab-cdef-0123-456789012345", phone_numbers = "61291234567",
}

-- A resource of a vendor, at which whatever is read is `state`, and what is sent is noted.
local function open(vendor, name)
  local api = require("patchbay.apis." .. vendor)
  local opened = { fields = api.resources[name].fields, key_name = api.resources[name].key, key = keys[name],
    operations = api.resources[name].operations, secrets = {} }
  for _, field in ipairs(opened.fields) do opened.secrets[field[1]] = field.secret end
  local options = { undocumented = "allow", retries = 0, rate = 1e9 }
  for option, value in pairs(accounts[vendor]) do options[option] = value end
  function options.transport(request)
    if opened.fault then return nil, opened.fault end
    if request.method == "GET" then
      local answer = copy(opened.state)
      if api.envelope then answer = { [api.envelope.code] = 200, [api.envelope.data] = answer } end
      return { status = 200, body = json.encode(answer) }
    end
    opened.sent = request.body
    local body = { [opened.key_name] = opened.key }
    if api.envelope then body = { [api.envelope.code] = 200, [api.envelope.data] = body } end
    return { status = 200, body = json.encode(body) }
  end
  opened.collection = patchbay[vendor](options)[name]
  return opened
end

-- ---- one record ----

local log

local function note(...) log[#log + 1] = string.format(...) end

local function show(value)
  if value == null then return "null" end
  local good, text = pcall(json.encode, value)
  return good and text or tostring(value)
end

local function check(what, expected, got)
  if equal(expected, got) then return end
  error(("%s\nexpected %s\ngot      %s\nafter\n  %s\n(PB_SEED=%d)"):format(what, show(expected), show(got),
    table.concat(log, "\n  "), SEED), 0)
end

-- Forgets what was assigned at the path and below.
local function forget(last, path)
  for known in pairs(last) do
    if known == path or known:sub(1, #path + 1) == path .. "." then last[known] = nil end
  end
end

-- A random field, with the part of the record it is in: where, its path and the description.
local function choose(fields, part, path)
  local field
  repeat field = one_of(fields) until not field.readOnly
  if field.type == "object" and random(3) > 1 then
    return choose(field.properties, part[field[1]], path .. field[1] .. ".")
  end
  return part, path .. field[1], field
end

local function step(opened, record, last)
  local action = random(10)
  if action == 10 and random(3) == 1 then
    note "revert()"
    record:revert()
    for path in pairs(last) do last[path] = nil end
    return
  end
  local part, path, field = choose(opened.fields, record, "")
  if action >= 9 then
    local name = path:match "^[^.]+"
    note("revert %s", name)
    record:revert(name)
    forget(last, name)
  elseif action == 8 then
    note("%s = nil", path)
    part[field[1]] = nil
    forget(last, path)
  else
    -- The value it has counts as assigned, too.
    local value = action == 7 and at(opened.state, path) or value_of(field)
    if value == nil then value = value_of(field) end
    note("%s = %s", path, show(value))
    part[field[1]] = value
    forget(last, path)
    if field.type == "object" and value ~= null then
      leaves(field.properties, value, path .. ".", last)
    else
      last[path] = value
    end
  end
end

-- The state with what was sent in it: whole fields, as every server can be relied upon to take them.
local function merge(opened, body)
  local merged = copy(opened.state)
  for name, value in pairs(body) do
    if name ~= opened.key_name or not opened.operations.update.key_in then merged[name] = value end
  end
  return merged
end

-- Whether there are objects among the changes that are not in the state.
local function has_unknown_objects(fields, changes, state)
  for _, field in ipairs(fields) do
    local change, known = changes[field[1]], state[field[1]]
    if field.type == "object" and type(change) == "table" then
      if type(known) ~= "table" or has_unknown_objects(field.properties, change, known) then return true end
    end
  end
  return false
end

local function masked(opened, path, value)
  return opened.secrets[path] and value ~= nil and value ~= null and "***" or value
end

local function check_all(opened, record, last)
  local fields = opened.fields
  check("changes()", last, leaves(fields, record:changes(), "", {}))

  -- An object that was assigned as a whole is one difference.
  local to, from = {}, {}
  for _, change in ipairs(record:diff()) do
    local field = described(fields, change.field)
    if field.type == "object" and type(change.to) == "table" then
      leaves(field.properties, change.to, change.field .. ".", to)
      for path in pairs(leaves(field.properties, change.to, change.field .. ".", {})) do
        from[path] = at(change.from, path:sub(#change.field + 2))
      end
    else
      to[change.field], from[change.field] = change.to, change.from
    end
  end
  local expected_to, expected_from = {}, {}
  for path, value in pairs(last) do
    expected_to[path] = masked(opened, path, value)
    expected_from[path] = masked(opened, path, at(opened.state, path))
  end
  check("diff(), to", expected_to, to)
  check("diff(), from", expected_from, from)

  local request = record:request()
  if next(record:changes()) == nil then
    if request and request.body then
      local body = json.decode(request.body)
      body[opened.key_name] = nil
      check("a request without changes", {}, body)
    end
    return
  end
  if not request then
    -- A nested change needs the object that it is in, of which nothing is known.
    check("no request", true, has_unknown_objects(fields, record:changes(), opened.state))
    return
  end
  local body = json.decode(request.body)
  if opened.operations.update.key_in then
    check("the key in the body", opened.key, body[opened.key_name])
  end
  for path in pairs(last) do check("sent: " .. path, true, body[path:match "^[^.]+"] ~= nil) end
  -- Masked values are compared as such.
  local visible = shown(fields, record)
  for name in pairs(opened.secrets) do
    if record:changes()[name] ~= nil then visible[name] = masked(opened, name, visible[name]) end
  end
  check("the request, merged into the state", without_empty_objects(fields, merge(opened, body)),
    without_empty_objects(fields, visible))
end

local function settle(opened, record, last)
  local before = record:changes()
  if next(before) == nil then return end
  if random(4) == 1 then
    note "update, and the connection fails"
    opened.fault = "the line is cut"
    local done, err = record:update()
    opened.fault = nil
    check("a failed update", nil, done)
    if err.kind ~= "incomplete" then check("what it is", "network", err.kind) end
    check("what stays assigned", before, record:changes())
    return
  end
  opened.sent = nil
  local done, err = record:update()
  if not done then
    check("why nothing was sent", "incomplete", err.kind)
    check("what was sent", nil, opened.sent)
    check("what stays assigned", before, record:changes())
    return
  end
  note("update: %s", opened.sent)
  opened.state = merge(opened, json.decode(opened.sent))
  for path in pairs(last) do last[path] = nil end
  check("what is left of the changes", {}, record:changes())
  check("what is left of the diff", {}, record:diff())
  check("what is shown after the update", without_empty_objects(opened.fields, opened.state),
    without_empty_objects(opened.fields, shown(opened.fields, record)))
end

local function random_state(opened)
  local state = { [opened.key_name] = opened.key }
  for _, field in ipairs(opened.fields) do
    if field[1] ~= opened.key_name and not field.writeOnly and random(3) > 1 then
      local value = value_of(field)
      -- Of a list that is shown as empty whatever is in it, an empty one shows nothing.
      if not (field.echo == "empty" and #value == 0) then state[field[1]] = value end
    end
  end
  return state
end

local function play(vendor, name)
  local opened = open(vendor, name)
  for round = 1, ROUNDS do
    opened.state = random_state(opened)
    log = { ("round %d: %s"):format(round, show(opened.state)) }
    local record = opened.collection[opened.key]
    if opened.operations.get then
      assert(record:fetch())
    else
      opened.state = { [opened.key_name] = opened.key }
    end
    local last = {}
    for _ = 1, STEPS do
      step(opened, record, last)
      if random(3) == 1 then check_all(opened, record, last) end
      if random(8) == 1 then settle(opened, record, last) end
    end
    check_all(opened, record, last)
  end
end

describe("what a record says, shows and sends agrees", function()
  for _, vendor in ipairs { "telegent", "convirza", "crazytel" } do
    local names = {}
    for name, resource in pairs(require("patchbay.apis." .. vendor).resources) do
      if resource.operations.update then names[#names + 1] = name end
    end
    table.sort(names)
    for _, name in ipairs(names) do
      local resource = ("%s at %s"):format(name, vendor)
      it("for " .. resource .. ", whatever is assigned and taken back, in whatever order", function()
        x = SEED % 2147483646 + 1
        play(vendor, name)
      end)
    end
  end
end)
