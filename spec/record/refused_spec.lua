-- Fields and operations that a description refuses, with a reason.

local acme = require "spec.support.acme"
local scripted = require "spec.support.scripted"
local patchbay = require "patchbay"
local support = require "spec.support.telegent_client"

local REASON = "its variants cannot be told apart"
local FIELD = "refused: " .. REASON .. "; client:call(method, path, body) sends anything"
local CALL = "refused: it takes XML; client:call(method, path, body) makes any call"

-- A vendor of lines whose plan, and what is in their options and steps, is refused in part.
local function description(on_create)
  return acme.description({}, { fields = {
    { "id", type = "string", readOnly = true },
    { "name", type = "string" },
    { "plan", type = "string", refused = REASON, on_create = on_create },
    { "options", type = "object", properties = { { "music", type = "string" },
      { "volume", type = "integer", refused = REASON, remedy = "ask the vendor" } } },
    { "steps", type = "array", items = { type = "object", properties = { { "say", type = "string" },
      { "voice", refused = REASON } } } },
  } })
end

local SHOWN = { id = "1", name = "n", plan = "gold", options = { music = "m", volume = 5 },
  steps = { { say = "s", voice = "v" } } }

describe("a refused field", function()
  it("raises where it is assigned, with the reason and the way that is left", function()
    local made, transport = acme.client(description(), {})
    local line = made.lines["1"]
    for _, case in ipairs {
      { "lines.plan: " .. FIELD, function() line.plan = "x" end },
      { "lines.plan: " .. FIELD, function() line { plan = "x" } end },
      { "lines.plan: " .. FIELD, function() line.plan = patchbay.null end },
      { "lines.plan: " .. FIELD, function() made.lines:update("1", { plan = "x" }) end },
      { "lines.plan: " .. FIELD, function() made.lines:create { plan = "x" } end },
      { "lines.options.volume: " .. FIELD .. "; ask the vendor", function() line.options.volume = 1 end },
      { "lines.options.volume: " .. FIELD .. "; ask the vendor",
        function() line.options = { volume = 1 } end },
      { "lines.steps[1].voice: " .. FIELD, function() line.steps = { { voice = "x" } } end },
    } do
      local problem, number = support.raised(case[2])
      assert.equal(case[1], problem)
      assert.is_number(number)
    end
    assert.same({}, line:changes())
    assert.same({}, transport.requests)
  end)

  it("raises also where everything undocumented is allowed", function()
    local made = acme.client(description(), {}, { undocumented = "allow" })
    assert.equal("lines.plan: " .. FIELD, (support.raised(function() made.lines["1"].plan = "x" end)))
  end)

  it("is read, and sent back with the object around it, and by a full update", function()
    local made, transport = acme.client(description(), { SHOWN })
    local line = assert(made.lines:get "1")
    assert.equal("gold", line.plan)
    line.options.music = "x"
    line:update()
    line.steps[1].say = "t"
    line:revert "options"
    line:update()
    line:revert()
    line.name = "y"
    line:replace()
    assert.same({ "GET /lines/1", 'PATCH /lines/1 {"options":{"music":"x","volume":5}}',
      'PATCH /lines/1 {"steps":[{"say":"t","voice":"v"}]}',
      'PUT /lines/1 {"name":"y","plan":"gold","options":{"music":"m","volume":5},'
        .. '"steps":[{"say":"s","voice":"v"}]}',
    }, acme.sent(transport))
  end)

  it("is not reset by a full update while it is not known", function()
    local made = acme.client(description(), {})
    local line = made.lines["1"]
    line.name, line.options, line.steps = "n", { music = "m" }, {}
    local _, err = line:replace()
    assert.same({ "plan", "options.volume" }, err.missing)
  end)

  it("may be refused in other calls than create", function()
    local made, transport = acme.client(description { refused = false }, { SHOWN })
    assert(made.lines:create { plan = "gold" })
    assert.same({ 'POST /lines {"plan":"gold"}' }, acme.sent(transport))
  end)
end)

describe("a refused operation", function()
  local operations = { "get", "list", "create", "update", "replace", "delete" }

  local function client()
    local described = acme.description()
    for _, name in ipairs(operations) do
      described.resources.lines.operations[name] = { refused = "it takes XML" }
    end
    return acme.client(described, {})
  end

  it("raises where it is called, with the reason and the way that is left", function()
    local made, transport = client()
    local line = made.lines["1"]
    line.name = "x"
    for name, calls in pairs {
      get = { function() made.lines:get "1" end, function() line:fetch() end, function() line:confirm() end },
      list = { function() made.lines:list() end },
      create = { function() made.lines:create { name = "x" } end },
      update = { function() line:update() end, function() made.lines:update("1", { name = "x" }) end,
        function() line:request() end, function() patchbay.update(line) end },
      replace = { function() line:replace { reset_missing = true } end },
      delete = { function() made.lines:delete "1" end, function() line:delete() end },
    } do
      for _, call in ipairs(calls) do
        local problem, number = support.raised(call)
        assert.equal(("lines.%s: %s"):format(name, CALL), problem)
        assert.equal(debug.getinfo(call, "S").linedefined, number)
      end
    end
    assert.same({ name = "x" }, line:changes())
    assert.same({}, transport.requests)
  end)

  it("may be a read that another call needs", function()
    local described = acme.description()
    described.resources.lines.operations.get = { refused = "it answers XML" }
    local made, transport = acme.client(described, { scripted.answer(200, '{"id":"1","name":"x"}') })
    local ok, err = made.lines:update("1", { name = "x" }, { wait = 5 })
    assert.is_nil(ok)
    assert.equal("unsupported", err.kind)
    assert.equal("acme lines.get: refused: it answers XML; client:call(method, path, body) makes any call",
      err.message)
    assert(made.lines:update("1", { name = "x" }))
    assert.equal(1, #transport.requests)
  end)

  it("has no path for an option to change", function()
    local described = acme.description()
    described.resources.lines.operations.get = { refused = "it answers XML" }
    local problem = support.raised(function()
      acme.client(described, {}, { paths = { ["lines.get"] = "/x/{key}" } })
    end)
    assert.truthy(problem:find('option paths: the call "lines.get" is refused, and has no path', 1, true),
      problem)
  end)
end)
