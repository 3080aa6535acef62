--- A simulated vendor whose records lie in a file, so that they outlive a killed process: lines, which people
-- know by their names, and desks that use them. A transport for clients of `durable_vendor.description()`.

local json = require "patchbay.sandbox.json"
local system = require "spec.support.system"

local durable_vendor = {}

local function operations(path)
  return {
    get = { method = "GET", path = path .. "/{key}" }, list = { method = "GET", path = path,
      items = "items" },
    create = { method = "POST", path = path }, update = { method = "PATCH", path = path .. "/{key}" },
    delete = { method = "DELETE", path = path .. "/{key}" },
  }
end

function durable_vendor.description()
  return {
    name = "durable", base_url = "https://api.durable.example",
    credentials = { { "key", type = "string", minLength = 1, secret = true } },
    auth = { scheme = "header", header = "x-key", needs = { "key" } },
    resources = {
      lines = { key = "id", identity = { "name" }, used_by = { "desks.line" },
        operations = operations "/lines",
        fields = { { "id", type = "string", readOnly = true }, { "name", type = "string" },
          { "rings", type = "integer" }, { "pin", type = "string", secret = true, echo = false } } },
      desks = { key = "id", operations = operations "/desks",
        fields = { { "id", type = "string", readOnly = true }, { "line", type = "string" } } },
    },
  }
end

--- The records in `path`: { lines = { id -> record }, desks = …, posts = { name -> number of creates } }.
function durable_vendor.read(path) return assert(json.decode(assert(system.read(path)))) end

--- Writes them at once, as a vendor's database does.
function durable_vendor.write(path, records)
  system.write(path .. ".new", json.encode(records))
  assert(os.rename(path .. ".new", path))
end

local function answer(status, value)
  return { status = status, headers = { ["content-type"] = "application/json" }, body = json.encode(value) }
end

local function by_id(a, b) return a.id < b.id end

local calls = {}

function calls.GET(records, kind, id)
  if id then return records[kind][id] and answer(200, records[kind][id]) or answer(404,
    { message = "none" }) end
  local items = json.array {}
  for _, record in pairs(records[kind]) do items[#items + 1] = record end
  table.sort(items, by_id)
  return answer(200, { items = items })
end

function calls.POST(records, kind, _, body)
  records.count = records.count + 1
  body.id = ("new%d"):format(records.count)
  records[kind][body.id] = body
  records.posts[body.name] = (records.posts[body.name] or 0) + 1
  return answer(201, body), true
end

function calls.PATCH(records, kind, id, body)
  local record = records[kind][id]
  if not record then return answer(404, { message = "none" }) end
  for name, value in pairs(body) do record[name] = value end
  return answer(200, record), true
end

function calls.DELETE(records, kind, id)
  if not records[kind][id] then return answer(404, { message = "none" }) end
  records[kind][id] = nil
  return answer(200, { id = id }), true
end

--- A transport over the records in `path`. `point()` is called before a request arrives and before its
-- response does.
function durable_vendor.transport(path, point)
  return function(request)
    point()
    local kind, id = request.url:match "^https://[^/]+/(%l+)/?([^/?]*)"
    local records = durable_vendor.read(path)
    local shown, changed = calls[request.method](records, kind, id ~= "" and id or nil,
      request.body and json.decode(request.body))
    if changed then durable_vendor.write(path, records) end
    point()
    return shown
  end
end

return durable_vendor
