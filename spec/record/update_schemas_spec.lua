-- Payloads of updates, checked by an independent validator against the vendors' own schemas in spec/data.

local json = require "patchbay.sandbox.json"
local patchbay = require "patchbay"
local route = require "spec.support.convirza_route"
local scripted = require "spec.support.scripted"
local system = require "spec.support.system"
local validator = require "spec.support.validator"

local unpack = unpack or table.unpack -- luacheck: ignore 113 143

local function read(path) return (json.decode(assert(system.read(path)))) end

local function echo(request)
  if request.url:find("oauth2", 1, true) then
    return scripted.answer(200, { token = "t", successful = true })
  end
  return scripted.answer(200, request.body)
end

-- `key`: the member of the body that names the record; where it stands in the path, there is none.
local kinds = {
  { vendor = "telegent", name = "voice_routes", key = "CallRouteId" },
  { vendor = "telegent", name = "numbers", key = "Number" },
  { vendor = "telegent", name = "message_routes", key = "MessageRouteId" },
  { vendor = "crazytel", name = "sip_trunks", id = "0f8fad5b-d9cb-469f-a165-70867728950e" },
  { vendor = "crazytel", name = "phone_numbers", key = "did_number" },
  { vendor = "convirza", name = "provisioned_routes", id = route.ID },
}

local credentials = {
  telegent = { account_key = "DID-1", account_secret = "s" },
  crazytel = { api_key = "k" },
  convirza = { token = "t" },
}

local function client_of(vendor)
  local options = { transport = scripted.new(echo) }
  for name, value in pairs(credentials[vendor]) do options[name] = value end
  return patchbay[vendor](options), options.transport
end

for _, kind in ipairs(kinds) do
  kind.file = kind.vendor .. "_updates.json"
  kind.schema = read("spec/data/" .. kind.file)[kind.name]
  kind.examples = kind.schema.examples or { json.decode(route.EXAMPLE) }
  kind.id = kind.id or kind.examples[1][kind.key]
  kind.client, kind.transport = client_of(kind.vendor)
  kind.names = {}
  for name in pairs(kind.schema.properties) do
    if name ~= kind.key then kind.names[#kind.names + 1] = name end
  end
  table.sort(kind.names)
end

local function record_of(kind) return kind.client[kind.name][kind.id] end

-- The payload of an update with these assignments, as text.
local function sent(kind, assignments, options)
  local record = record_of(kind)
  record(assignments)
  assert(record:update(options))
  return scripted.last(kind.transport).body
end

-- The body that is to be sent: the assignments, and the key where it belongs there.
local function whole(kind, assignments)
  local body = {}
  for name, value in pairs(assignments) do body[name] = value end
  if kind.key then body[kind.key] = kind.id end
  return body
end

local function allows_null(rules) return type(rules.type) == "table" end

-- Values that the vendor takes for a field: those of the examples, and all that are enumerated.
local function good_values(kind, name)
  local rules, values = kind.schema.properties[name], {}
  for _, example in ipairs(kind.examples) do
    if example[name] ~= nil then values[#values + 1] = example[name] end
  end
  for _, value in ipairs(rules.enum or {}) do values[#values + 1] = value end
  if rules.type == "boolean" then values[#values + 1], values[#values + 2] = true, false end
  if allows_null(rules) then values[#values + 1] = json.null end
  return values
end

-- Values that the vendor does not take; none where its page names no type.
local function bad_values(rules)
  local kind = allows_null(rules) and "string" or rules.type
  local values = ({
    string = { 12345, true, { a = "b" } }, boolean = { "true", 1 }, integer = { "10", 1.5, true },
    number = { "10", true }, object = { "text", true }, array = { "text", true },
  })[kind] or {}
  if rules.enum then values[#values + 1] = "no such value" end
  if rules.format == "uri" then values[#values + 1] = "no URI" end
  if rules.format == "uuid" then values[#values + 1] = "no UUID" end
  if kind and not allows_null(rules) then values[#values + 1] = json.null end
  return values
end

-- The texts of a list, sorted; nil for none.
local function texts(list)
  if not list then return nil end
  local found = {}
  for _, value in ipairs(list) do
    if value ~= json.null then found[#found + 1] = value end
  end
  table.sort(found)
  return found
end

-- Each field alone, with every value that is known: a list of assignments.
local function single(kind)
  local list = {}
  for _, name in ipairs(kind.names) do
    local values = good_values(kind, name)
    assert(#values > 0, name)
    for _, value in ipairs(values) do list[#list + 1] = { [name] = value } end
  end
  return list
end

-- The page's examples, and every two fields together.
local function together(kind)
  local list = {}
  for i, example in ipairs(kind.examples) do
    list[i] = {}
    for name, value in pairs(example) do
      if name ~= kind.key then list[i][name] = value end
    end
  end
  for i, first in ipairs(kind.names) do
    for j = i + 1, #kind.names do
      local second = kind.names[j]
      list[#list + 1] = { [first] = good_values(kind, first)[1], [second] = good_values(kind, second)[1] }
    end
  end
  return list
end

-- Assignments that the vendor does not take.
local function wrong(kind)
  local list = { { no_such_field = 1 } }
  for _, name in ipairs(kind.names) do
    for _, value in ipairs(bad_values(kind.schema.properties[name])) do
      list[#list + 1] = { [name] = value }
    end
  end
  return list
end

-- One nested field each: a list of { path, value }.
local function leaves(value, path, list)
  if type(value) == "table" and #value == 0 then
    for name, inner in pairs(value) do
      local further = { unpack(path) }
      further[#further + 1] = name
      leaves(inner, further, list)
    end
  else
    list[#list + 1] = { path = path, value = value }
  end
  return list
end

-- Assigns a nested field and nothing else: what is sent, and what is to be.
local function sent_leaf(kind, leaf)
  local record, expected = record_of(kind), {}
  local node, within = record, expected
  for i = 1, #leaf.path - 1 do
    node, within[leaf.path[i]] = node[leaf.path[i]], {}
    within = within[leaf.path[i]]
  end
  local last = leaf.path[#leaf.path]
  node[last], within[last] = leaf.value, leaf.value
  assert(record:update { nested = "leaves" })
  return scripted.last(kind.transport).body, expected
end

describe("an update", function()
  local nested = kinds[#kinds]

  for _, kind in ipairs(kinds) do
    local what = ("of %s.%s"):format(kind.vendor, kind.name)

    it(what .. " sends each field alone as itself and the key, with every value that is known", function()
      for _, assigned in ipairs(single(kind)) do
        assert.same(whole(kind, assigned), (json.decode(sent(kind, assigned))))
      end
    end)

    it(what .. " sends the page's examples as they are, and every two fields together #slow", function()
      for _, assigned in ipairs(together(kind)) do
        assert.same(whole(kind, assigned), (json.decode(sent(kind, assigned))))
      end
    end)

    it(what .. " cannot be given what the vendor does not take", function()
      for _, assigned in ipairs(wrong(kind)) do
        local name, value = next(assigned)
        local record = record_of(kind)
        assert.is_false((pcall(function() record[name] = value end)), name .. " took " .. tostring(value))
      end
    end)

    it(what .. " has the fields that the page has and their values, no more and no fewer", function()
      local described = {}
      for _, field in ipairs(require("patchbay.apis." .. kind.vendor).resources[kind.name].fields) do
        if not field.readOnly and not field.undocumented then
          described[#described + 1] = field[1]
          assert.same(texts(kind.schema.properties[field[1]].enum), texts(field.enum), field[1])
        end
      end
      table.sort(described)
      assert.same(kind.names, described)
    end)
  end

  it("of one nested field sends the way down to it and nothing else", function()
    local list = leaves(nested.examples[1], {}, {})
    assert.equal(46, #list)
    for _, leaf in ipairs(list) do
      local body, expected = sent_leaf(nested, leaf)
      assert.same(expected, (json.decode(body)))
    end
  end)

  it("is taken by the vendor's schema, and what is wrong is not #slow", function()
    local bodies, counts = {}, { [true] = 0, [false] = 0 }
    local function judge(kind, body, good)
      bodies[#bodies + 1] = { file = kind.file, schema = kind.name, body = body, good = good }
      counts[good] = counts[good] + 1
    end
    for _, kind in ipairs(kinds) do
      for _, assigned in ipairs(single(kind)) do judge(kind, sent(kind, assigned), true) end
      for _, assigned in ipairs(together(kind)) do judge(kind, sent(kind, assigned), true) end
      for _, assigned in ipairs(wrong(kind)) do
        judge(kind, patchbay.json.encode(whole(kind, assigned)), false)
      end
      if kind.key then judge(kind, patchbay.json.encode(single(kind)[1]), false) end -- without its key
    end
    for _, leaf in ipairs(leaves(nested.examples[1], {}, {})) do
      judge(nested, (sent_leaf(nested, leaf)), true)
    end
    local surprises = {}
    for i, verdict in ipairs(validator.verdicts(bodies)) do
      local one = bodies[i]
      if (verdict == "ok") ~= one.good then
        surprises[#surprises + 1] = ("%s %s: %s"):format(one.schema, one.body, verdict)
      end
    end
    assert.same({}, surprises)
    assert.truthy(counts[true] > 1000 and counts[false] > 250,
      ("%d good, %d wrong"):format(counts[true], counts[false]))
  end)
end)
