-- The key of imported records: what an overlay says of all of them.

local patchbay = require "patchbay"
local small = require "spec.support.openapi.small"

local LINE = '"id":{"type":"string"},"label":{"type":"string"}'
local LABEL = '"label":{"type":"string"}'

local function shows(schema)
  return ('{"200":{"description":"ok","content":{"application/json":{"schema":%s}}}}'):format(schema)
end

-- Paths of records that are shown with `shown`, whose path calls them `parameter`; requests have `sent`.
local function paths(name, parameter, shown, sent)
  local record = ('{"type":"object","properties":{%s}}'):format(shown)
  return ('"/%s":{"get":{"responses":%s},"post":{"requestBody":{"content":{"application/json":{"schema":'
    .. '{"type":"object","properties":{%s}}}}},"responses":%s}},'
    .. '"/%s/{%s}":{"parameters":[%s],"get":{"responses":%s},%s}'):format(name,
    shows(('{"type":"array","items":%s}'):format(record)), sent or LABEL, shows(record), name, parameter,
    small.parameter(parameter), shows(record), small.change("patch", sent or LABEL, shown))
end

local function imported(text, overlay)
  local description, report = small.import(small.document(text), overlay)
  assert(description, report)
  patchbay.vendor(description) -- raises where it is no valid one
  return description, report
end

describe("the key of all records", function()
  it("is the overlay's where responses show it, and not the parameter of the path", function()
    local text = paths("lines", "lineId", LINE) .. ","
      .. paths("rooms", "roomId", '"roomId":{"type":"string"},' .. LINE) .. ","
      .. paths("desks", "deskId", LABEL)
    local description, report = imported(text, { key = "id" })
    local resources = description.resources
    assert.same({ "id", "roomId", "deskId" },
      { resources.lines.key, resources.rooms.key, resources.desks.key })
    assert.equal("/lines/{key}", resources.lines.operations.update.path)
    assert.is_nil(resources.lines.operations.list.refused)
    assert.is_nil(resources.lines.operations.create.refused)
    assert.matches("do not show deskId", resources.desks.operations.list.refused)
    assert.truthy(tostring(report))
    -- Without it, a list and a create cannot be used.
    local before = imported(text).resources.lines
    assert.equal("lineId", before.key)
    assert.matches("do not show lineId", before.operations.list.refused)
  end)

  it("goes with an envelope, and after the key of a path", function()
    local text = paths("lines", "lineId", '"data":{"type":"object","properties":{' .. LINE .. "}}")
    assert.equal("id", imported(text, { key = "id" }).resources.lines.key)
    text = paths("lines", "lineId", LINE) .. "," .. paths("rooms", "roomId", LINE)
    local resources = imported(text, { key = "id",
      paths = { ["/rooms/{roomId}"] = { key = "label" } } }).resources
    assert.same({ "id", "label" }, { resources.lines.key, resources.rooms.key })
  end)

  it("is the same in the path and the body where both have its name", function()
    local text = paths("lines", "id", LINE, LINE)
    assert.equal("id_in_path", imported(text).resources.lines.key)
    assert.equal("id", imported(text, { key = "id" }).resources.lines.key)
    -- A body with the name of another parameter keeps the two apart.
    text = paths("rooms", "roomId", LINE, '"roomId":{"type":"string"}') .. "," .. paths("lines", "id", LINE)
    assert.equal("roomId_in_path", imported(text, { key = "id" }).resources.rooms.key)
  end)

  it("is a fault where it meets nothing, or is no name", function()
    for _, case in ipairs { { "uuid", "no path of a record ends with uuid" },
      { 1, "expected the name of a field" }, { "", "expected the name of a field" } } do
      local _, err = small.import(small.document(paths("lines", "lineId", LINE)), { key = case[1] })
      assert.matches("key: " .. case[2], tostring(err), 1, true)
    end
  end)

  it("is that of lists, creates, updates and plans of the sandbox", function()
    local description = imported(paths("lines", "lineId", LINE), { name = "acme", key = "id" })
    local sandbox = patchbay.sandbox.vendor(description, { acme = { records = { lines = 2 } } })
    local client = patchbay.vendor(description) { transport = sandbox,
      token = sandbox.credentials.acme.token }
    local line = assert(client.lines:create { label = "a" })
    line.label = "b"
    assert(line:update())
    local seen = {}
    for each in client.lines:list() do seen[each.id] = each.label end
    assert.equal("b", seen[line.id])
    local plan = assert(patchbay.plan({ acme = client },
      { ["acme.lines"] = { [line.id] = { label = "c" } } }))
    assert(plan:apply())
    assert.equal("c", assert(client.lines:get(line.id)).label)
  end)
end)
