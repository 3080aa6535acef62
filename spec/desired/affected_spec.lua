-- The blast radius of a plan: how many records refer to those that it changes.

local acme = require "spec.support.acme"
local patchbay = require "patchbay"
local planned = require "spec.support.planned"

local TRUNK = "CRID-509de94f-79cc-429b-a317-2102654dabbb"
local URL_ROUTE = "CRID-4dec6beb-3985-444b-8c06-8baa5jjvawe"

local function trunk(fields) return { ["telegent.voice_routes"] = { [TRUNK] = fields
  or { TrunkIp1 = "20.87.87.87" } } } end

-- The numbers of the sandbox that use a route.
local function users(sandbox, route)
  local count = 0
  for _, number in pairs(sandbox:state().telegent.numbers) do
    if number.VoiceRouteId == route then count = count + 1 end
  end
  return count
end

describe("the blast radius", function()
  it("is the number of records that use the changed one, by one listing", function()
    local client, sandbox = planned.telegent { numbers = 40 }
    local expected = users(sandbox, TRUNK)
    local plan = assert(patchbay.plan({ telegent = client }, trunk(), { state = false }))
    assert.same({ count = expected, at_least = false, other_form = 0, by = { "numbers" } },
      plan.changes[1].affected)
    assert.truthy(expected > 1)
    assert.truthy(tostring(plan):find(("(%d numbers use it)"):format(expected), 1, true))
  end)

  it("reads the list once, for all changed records", function()
    local client, sandbox = planned.telegent { numbers = 5 }
    local plan = assert(patchbay.plan({ telegent = client }, { ["telegent.voice_routes"] = {
      [TRUNK] = { TrunkIp1 = "20.87.87.87" }, [URL_ROUTE] = { RouteName = "Flow" } } }))
    assert.equal(2, #plan.changes)
    local inventory = 0
    for _, request in ipairs(sandbox:requests()) do
      if request.path == "/v1.0/numbers/inventory" then inventory = inventory + 1 end
    end
    local pages = inventory
    for _, change in ipairs(plan.changes) do assert.equal(users(sandbox, change.key),
      change.affected.count) end
    local before = #sandbox:requests()
    for _ in client.numbers:list() do before = before + 0 end
    assert.equal(#sandbox:requests() - before, pages)
  end)

  it("is left out with blast = false, and where nothing is changed that others use", function()
    local client, sandbox = planned.telegent { numbers = 5 }
    local plan = assert(patchbay.plan({ telegent = client }, trunk(), { blast = false }))
    assert.is_nil(plan.changes[1].affected)
    assert(patchbay.plan({ telegent = client }, trunk { TrunkIp1 = "198.51.100.10" }))
    for _, request in ipairs(sandbox:requests()) do assert.not_equal("/v1.0/numbers/inventory",
      request.path) end
  end)

  -- The sandbox answers with ids of another form, as a read in the vendor's example does.
  local function in_another_form(times)
    local sandbox = patchbay.sandbox { telegent = { numbers = 6 } }
    local left = times
    local settings = { transport = function(request)
      local answer = sandbox:send(request)
      if request.url:find("inventory", 1, true) then
        answer.body = answer.body:gsub('"VoiceRouteId":"' .. TRUNK:gsub("%-", "%%-") .. '"', function(found)
          left = left - 1
          return left >= 0 and '"VoiceRouteId":"T9992774"' or found
        end)
      end
      return answer
    end }
    for name, value in pairs(sandbox.credentials.telegent) do settings[name] = value end
    return patchbay.telegent(settings), sandbox
  end

  it("is at least that many where references are in another form, and max_affected refuses then", function()
    local client, sandbox = in_another_form(2)
    local expected = users(sandbox, TRUNK) - 2
    local plan = assert(patchbay.plan({ telegent = client }, trunk(), { max_affected = 1000 }))
    assert.same({ count = expected, at_least = true, other_form = 2, by = { "numbers" } },
      plan.changes[1].affected)
    assert.truthy(tostring(plan):find(("at least %d numbers use it; 2 name their reference in another "
      .. "form"):format(
      expected), 1, true) or tostring(plan):find("at least", 1, true))
    local err, text = planned.refused(plan:apply())
    assert.equal("max_affected", err.brakes[1].option)
    assert.truthy(text:find("is not known exactly", 1, true))
    assert.same({}, planned.changes(sandbox))
    -- Without the limit it is shown, and applied.
    plan = assert(patchbay.plan({ telegent = client }, trunk()))
    assert.truthy(plan:apply().complete)
  end)

  it("refuses beyond max_affected", function()
    local client, sandbox = planned.telegent { numbers = 40 }
    local plan = assert(patchbay.plan({ telegent = client }, trunk(), { max_affected = 5 }))
    local _, text = planned.refused(plan:apply())
    assert.truthy(text:find(("%d records would be affected, more than 5"):format(users(sandbox, TRUNK)), 1,
      true))
    assert.same({}, planned.changes(sandbox))
  end)

  local function with_users(operations)
    local description = acme.description(nil, { used_by = { "desks.line" } })
    description.resources.desks = { key = "id", operations = operations, fields = {
      { "id", type = "string", readOnly = true }, { "line", type = "string" } } }
    return description
  end

  it("says so where the users cannot be listed", function()
    local description = with_users { get = { method = "GET", path = "/desks/{key}" } }
    local sandbox = patchbay.sandbox.vendor(description,
      { acme = { records = { lines = planned.lines(1) } } })
    local client = patchbay.vendor(description) { key = sandbox.credentials.acme.key, transport = sandbox }
    local plan = assert(patchbay.plan({ acme = client }, planned.wanted(1, { rings = 9 })))
    assert.same({ count = 0, at_least = true, other_form = 0, by = { "desks" },
      unknown = "the vendor documents no list of desks" }, plan.changes[1].affected)
    assert.truthy(plan:apply().complete)
  end)

  it("is an error where the list cannot be read, with the option that leaves it out", function()
    local description = with_users { list = { method = "GET", path = "/desks", items = "desks" } }
    local sandbox = patchbay.sandbox.vendor(description,
      { acme = { records = { lines = planned.lines(1) } } })
    local client = patchbay.vendor(description) { key = sandbox.credentials.acme.key, transport = sandbox,
      retries = 0 }
    sandbox:fail { match = "/desks", status = 500, times = "always" }
    local err, text = planned.refused(patchbay.plan({ acme = client }, planned.wanted(1, { rings = 9 })))
    assert.equal("not_sent", err.outcome)
    assert.truthy(text:find("the plan needs that list to count how many desks are affected; blast = false "
      .. "leaves that out",
      1, true), text)
  end)
end)
