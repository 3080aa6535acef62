-- Records of all vendors: the input is a row of assignments, reverts, reads, fetches and updates, with
-- answers good and bad. After each step what is assigned, what is shown of it, and what would be sent agree;
-- what is sent, laid over what is known by hand, is what the record shows.

local cjson = require "cjson".new()
local core = require "patchbay.core"
local input = require "spec.support.fuzz_input"
local patchbay = require "patchbay"
local documented = require("spec.support.response_model").documented

local assigned_values = require("patchbay.record.diff").assignments
local json, equal = core.json, input.equal
local null = json.null

-- ---- the vendors, on a transport that answers what the input says ----

local answer -- the next one: a function
local answered -- the fields in it, where it has any

local transport = { time = 1775217600 }
function transport.send(_, request)
  if request.url:lower():find("/oauth", 1, true) then
    return { status = 200, headers = {}, body = '{"successful":true,"token":"t","tokenExpiry":"05/02/2035 '
      .. '06:36:13 PM","access_token":"t","refresh_token":"r","expires_in":"2035-01-01T00:00:00Z"}' }
  end
  return answer(request)
end
function transport.sleep(_, seconds) transport.time = transport.time + seconds end
function transport.now() return transport.time end
function transport.clock() return transport.time end

local options = { transport = transport, retries = 0, undocumented = "allow" }
local function with(credentials)
  for name, value in pairs(options) do credentials[name] = value end
  return credentials
end
local function strict(credentials)
  credentials = with(credentials)
  credentials.undocumented = nil
  return credentials
end
local telegent = patchbay.telegent(strict { account_key = "DID-1", account_secret = "account-secret" })
local convirza = patchbay.convirza(with { email = "a@example.com", password = "pass-word" })
local crazytel = patchbay.crazytel(strict { api_key = "crazytel-key" })

local collections = {
  { telegent.voice_routes, "CRID-509de94f-79cc-429b-a317-2102654dabbb" },
  { convirza.provisioned_routes, 12345 },
  { crazytel.sip_trunks, "550e8400-e29b-41d4-a716-446655440000" },
  { telegent.numbers, "+18018018011" },
  { crazytel.phone_numbers, "61291234567" },
  { telegent.message_routes, "MRID-73af1e73-d7b3-4696-bdd9-5b407d9e99ee" },
}
for _, entry in ipairs(collections) do
  local description = core.record.owner(entry[1][entry[2]]).resource.description
  entry.fields, entry.key = description.fields, description.key
  entry.lenient = entry[1] == convirza.provisioned_routes
end

-- ---- values for fields ----

local texts = { "", "a", "5061", "UDP", "TLS", "https://example.com/x", "614000", "CRID-1", "MRID-2",
  "Passw0rd!", "550e8400-e29b-41d4-a716-446655440000", "p2p", "\195\169", "***", "AID-3",
  "12345678901234567890" }

local function value_for(choices, field, depth)
  local kind = choices:byte()
  if kind > 225 or depth == 0 then return choices:value(3) end
  if kind > 215 then return null end
  if field.type == "string" then
    return field.enum and kind % 3 > 0 and choices:one_of(field.enum) or choices:one_of(texts)
  end
  if field.type == "boolean" then return kind % 2 == 1 end
  if field.type == "integer" then return choices:below(200) end
  if field.type == "number" then return choices:number() end
  local made = {}
  if field.type == "array" then
    for i = 1, choices:below(3) do made[i] = value_for(choices, field.items or {}, depth - 1) end
    return made
  elseif field.type == "object" then
    for _, property in ipairs(field.properties or {}) do
      if choices:below(3) == 0 then made[property[1]] = value_for(choices, property, depth - 1) end
    end
    return made
  end
  return choices:one_of(texts)
end

local function state_for(choices, fields)
  local state = {}
  for _, field in ipairs(fields) do
    if choices:below(2) == 1 then state[field[1]] = value_for(choices, field, 4) end
  end
  return state
end

local statuses = { 200, 200, 200, 204, 201, 400, 401, 404, 409, 422, 429, 500, 503, 301, 100, 999 }

-- A body that no vendor of ours need ever send, or a good one.
local function answer_for(choices, fields)
  local kind, status = choices:below(8), choices:one_of(statuses)
  local headers, body = {}, ""
  answered = {}
  if kind >= 4 then
    local state = state_for(choices, fields)
    local good, text = pcall(json.encode, state)
    body, answered = good and text or "{}", good and state or {}
  elseif kind == 3 then
    body, answered = choices:text(), nil
  elseif kind == 2 then body = '{"code":' .. choices:below(250) * 4 .. ',"data":{}}'
  elseif kind == 1 then
    headers["retry-after"] = choices:one_of { "1", "-5", "x", "9e9", "99999999999999999" }
  end
  if choices:below(10) == 9 then
    local fault = { kind = choices:one_of { "network", "timeout", "tls" }, message = "it broke",
      maybe_sent = choices:below(2) == 1 }
    return function() return nil, fault end
  end
  return function() return { status = status, headers = headers, body = body } end
end

-- ---- what has to agree ----

local function names_of(fields)
  local names = {}
  for _, field in ipairs(fields) do names[field[1]] = field end
  return names
end

-- The numbers of two texts of JSON are one kind.
local function read(text)
  local good, value = pcall(cjson.decode, text)
  assert(good or tostring(value):find "nest", tostring(value) .. "\n" .. text)
  return (json.decode(text))
end

local function top(path) return path:match "^[^.]+" end

-- The value at `path` ("a.b") in a plain value.
local function at_path(value, path)
  for name in path:gmatch "[^.]+" do
    if type(value) ~= "table" then return nil end
    value = value[name]
  end
  return value
end

-- Lists the changes: each field, and for an object that is not assigned as a whole each field in it.
local function check_listed(fields, changes, listed, path)
  for _, field in ipairs(fields) do
    local value, item = changes[field[1]], listed[path .. field[1]]
    if item then
      assert(field.secret and item.to == "***" or equal(item.to, value), item.field .. " differs in diff()")
    elseif value ~= nil then
      assert(field.type == "object", path .. field[1] .. " is in changes() and not in diff()")
      check_listed(field.properties, value, listed, path .. field[1] .. ".")
    end
  end
end

-- Assignments that are set aside are not sent, and are all there again when they are put back.
local function check_aside(record, changes, text)
  local assignments = assigned_values(record)
  local aside = core.record.set_aside(record, assignments)
  local left = core.record.payload(record, false, false, true, false)
  core.record.restore(record, aside)
  assert(left == nil, "something is left where all was set aside")
  assert(equal(record:changes(), changes), "an assignment that was set aside is lost")
  assert(core.record.payload(record, false, false, false, false) == text, "another payload than before")
end

-- values() has what each field reads, and masks what is secret in it.
local function check_values(record)
  local plain, count = record:values { secrets = "keep" }, 0
  for name, value in patchbay.pairs(record) do
    -- A list that the vendor has sent in the place of an object reads as an object without anything in it.
    if core.record.is(value) then
      value = type(plain[name]) == "table" and plain[name][1] ~= nil and plain[name]
        or patchbay.values(value, { secrets = "keep" })
    end
    assert(equal(plain[name], value), name .. " is another one in values()")
    count = count + 1
  end
  for _ in pairs(plain) do count = count - 1 end
  assert(count == 0, "values() has more than pairs()")
  for name, value in pairs(record:values()) do
    assert(type(value) == "table" or value == plain[name] or type(value) == "string", name)
  end
end

local function check_views(entry, record, shadow)
  local fields = names_of(entry.fields)
  local changes, diff, state = record:changes(), record:diff(), core.record.state(record) or {}
  local changed = {}
  for _, item in ipairs(diff) do changed[item.field] = item end
  local listed = {}
  for field in pairs(changed) do
    local name = fields[field] and field or top(field)
    local value = changes[field]
    if value == nil then value = at_path(changes, field) end
    assert(value ~= nil, field .. " is in diff() and not in changes()")
    listed[name] = true
  end
  for name in pairs(changes) do assert(listed[name], name .. " is in changes() and not in diff()") end
  check_listed(entry.fields, changes, changed, "")
  for name, value in pairs(shadow) do
    assert(equal(value, changes[name]), name .. " is not what was last assigned")
  end
  for name in pairs(changes) do
    local field = fields[name]
    assert((field and field.type == "object") or shadow[name] ~= nil, name .. " was never assigned")
  end
  assert(type(tostring(record)) == "string")
  for name, value in pairs(shadow) do
    assert(equal(record[name], value), name .. " is not read as it was assigned")
  end
  for name, value in pairs(state) do
    local nested = fields[name] and fields[name].type == "object"
    if changes[name] == nil and not nested and name ~= entry.key then
      local seen = fields[name] and documented(fields[name], value) or value
      assert(equal(record[name], seen), name .. " is not read as it is known")
    end
  end
  local text, problem = core.record.payload(record, false, false, false, false)
  check_values(record)
  local could, request, err = pcall(record.request, record)
  assert(could == (problem ~= "invalid"), request)
  if not could then return end -- a list was changed in place into what the field cannot hold
  if next(changes) == nil then
    assert(request == nil and err == nil, "something would be sent though nothing is assigned")
    return
  end
  if not text then
    assert(problem == "incomplete", problem)
    assert(request == nil and err.kind == "incomplete", "a request of what cannot be sent")
    return
  end
  check_aside(record, changes, text)
  local payload = read(text)
  for name in pairs(payload) do assert(changes[name] ~= nil, name .. " would be sent and is not assigned") end
  for name, value in pairs(changes) do
    local field = fields[name]
    if field and field.type == "object" then assert(payload[name] ~= nil, name .. " would not be sent")
    else assert(equal(payload[name], value), name .. " would be sent as something else") end
  end
  -- The vendor's state afterwards, if it stores the payload unchanged.
  local merged, shown = {}, core.record.plain(record, true)
  for name, value in pairs(state) do merged[name] = value end
  for name, value in pairs(payload) do merged[name] = value end
  assert(equal(merged, shown), "what is sent, over what is known, is not what the record shows")
  if request then
    local body = read(request.body)
    for name, value in pairs(changes) do
      local field = fields[name]
      if field and field.secret and value ~= null then assert(body[name] == "***", name .. " is shown")
      elseif not (field and field.type == "object") then assert(equal(body[name], value), name) end
    end
  else
    assert(err.kind == "incomplete" or err.kind == "unsupported", err.message)
  end
end

local function assign(entry, record, shadow, choices)
  local field = choices:one_of(entry.fields)
  local name, value = field[1], value_for(choices, field, 4)
  local good, why = pcall(function() record[name] = value end)
  if good then
    local now = core.record.plain(record, false)[name]
    assert(equal(now, value), name .. " is not what was assigned")
    if field.type ~= "object" then shadow[name] = now end
    -- All of it is sent, and nothing else, whatever is known.
    local text = core.record.payload(record, false, false, false, false)
    assert(not text or equal(json.decode(text)[name], value), name .. " is not sent as it was assigned")
  else
    assert(tostring(why):find(name, 1, true) or field.type == "object", why)
  end
end

local function copy(value)
  if type(value) ~= "table" then return value end
  local made = setmetatable({}, getmetatable(value))
  for name, member in pairs(value) do made[name] = copy(member) end
  return made
end

-- record{ A = 1, B = 2 }: all of them or none.
local function assign_several(entry, record, shadow, choices)
  local values, before = state_for(choices, entry.fields), record:changes()
  if choices:below(3) > 0 then values[entry.key] = nil end
  local good = pcall(record, values)
  local changes = record:changes()
  if not good then return assert(equal(before, changes), "some of several were assigned") end
  for name, value in pairs(values) do
    assert(equal(changes[name], value), name .. " is not what was assigned")
  end
  for _, field in ipairs(entry.fields) do
    if values[field[1]] ~= nil and field.type ~= "object" then shadow[field[1]] = changes[field[1]] end
  end
end

-- A list that a script has read is the record's: what it changes in it is assigned.
local function change_list(entry, record, shadow, choices)
  local lists = {}
  for _, field in ipairs(entry.fields) do
    if field.type == "array" then lists[#lists + 1] = field end
  end
  if #lists == 0 then return end
  local field = choices:one_of(lists)
  local name, list = field[1], record[field[1]]
  if type(list) ~= "table" then return end
  if choices:below(3) == 0 then list[#list] = nil
  else list[#list + 1] = value_for(choices, field.items, 3) end
  shadow[name] = copy(record:changes()[name])
  local known = (core.record.state(record) or {})[name]
  assert(equal(shadow[name] or known, list), name .. " was changed in place, and is not assigned")
end

-- Where undocumented fields are let through, any name is one.
local function assign_unknown(entry, record, shadow, choices)
  local name, value = choices:one_of { "new_field", "a b", "\195\169" }, choices:value(3)
  local good = pcall(function() record[name] = value end)
  if entry.lenient then
    if not good then return assert(not pcall(json.encode, value), "a value of JSON was refused") end
    shadow[name] = copy(value)
  else
    assert(not good, "a field that there is not was assigned")
  end
end

local function assign_nested(entry, record, choices)
  local node, fields = record, entry.fields
  for _ = 1, 4 do
    local nested = {}
    for _, field in ipairs(fields) do
      if field.type == "object" and field.properties then nested[#nested + 1] = field end
    end
    if #nested == 0 or (node ~= record and choices:below(3) == 0) then break end
    local field = choices:one_of(nested)
    local inner = node[field[1]]
    if not core.record.is(inner) then return end
    node, fields = inner, field.properties
  end
  if node == record then return end
  local field = choices:one_of(fields)
  local value = choices:below(5) > 0 and value_for(choices, field, 3) or nil
  pcall(function() node[field[1]] = value end)
end

local function update(entry, record, shadow, choices)
  answer = answer_for(choices, entry.fields)
  local before = record:changes()
  local was, incomplete = core.record.payload(record, false, false, false, false)
  local could, updated, err = pcall(record.update, record)
  assert(could == (incomplete ~= "invalid"), updated)
  if not could then return end
  if updated then
    assert(next(record:changes()) == nil, "an update left something assigned")
    for name in pairs(shadow) do shadow[name] = nil end
    assert(was or incomplete == "nothing", "what could not be sent was")
    for name, value in pairs(was and json.decode(was) or {}) do
      if answered and answered[name] == nil then
        assert(equal(core.record.state(record)[name], value), name .. " was sent, and is not known")
      end
    end
  else
    assert(type(err.kind) == "string" and type(err.message) == "string" and #tostring(err) > 10)
    assert(err.outcome == "not_sent" or err.outcome == "refused" or err.outcome == "unknown", err.outcome)
    assert(not tostring(err):find("account-secret", 1, true) and not tostring(err):find("pass-word", 1, true)
      and not tostring(err):find("crazytel-key", 1, true), "a secret is in an error")
    assert(equal(before, record:changes()), "a failed update changed what is assigned")
    -- A value that a response shows instead is known from then on, and an object is sent with what is known.
    local now = core.record.payload(record, false, false, false, false)
    assert(was == now or err.kind == "differs", "and what would be sent")
  end
end

local function revert(entry, record, shadow, choices)
  if choices:below(4) == 0 then
    record:revert()
    for name in pairs(shadow) do shadow[name] = nil end
    assert(next(record:changes()) == nil)
    return
  end
  local name = choices:one_of(entry.fields)[1]
  if choices:below(2) == 0 then record[name] = nil
  else record:revert(name) end
  shadow[name] = nil
  assert(record:changes()[name] == nil, name .. " is still assigned")
end

local function fetch(entry, record, choices)
  answer = answer_for(choices, entry.fields)
  local before = record:changes()
  local fetched, err = record:fetch()
  assert(fetched or (type(err.kind) == "string" and type(err.message) == "string"))
  assert(equal(before, record:changes()), "a fetch changed what is assigned")
end

-- Every field that is shown is known.
local function go_through(record)
  for name, value in getmetatable(record).__pairs(record) do
    assert(value ~= nil and equal(record[name], value), name)
  end
end

-- patchbay.exchange.redact keeps 16 maskers, of three blocks each.
local CACHED = 16 * 3

local function run(bytes)
  local choices = input.new(bytes)
  local entry = choices:one_of(collections)
  local record, shadow = entry[1][entry[2]], {}
  if choices:below(2) == 1 then
    local good, text = pcall(json.encode, state_for(choices, entry.fields))
    if good then core.record.load(record, text) end
  end
  for _ = 1, 60 do
    local step = choices:below(20)
    if step < 6 then assign(entry, record, shadow, choices)
    elseif step > 18 then assign_unknown(entry, record, shadow, choices)
    elseif step > 17 then assign_several(entry, record, shadow, choices)
    elseif step > 15 then change_list(entry, record, shadow, choices)
    elseif step < 9 then assign_nested(entry, record, choices)
    elseif step < 11 then revert(entry, record, shadow, choices)
    elseif step < 13 then update(entry, record, shadow, choices)
    elseif step < 14 then fetch(entry, record, choices)
    else go_through(record) end
    check_views(entry, record, shadow)
    if choices:done() then break end
  end
end

return run, CACHED
