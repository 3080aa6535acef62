-- The brakes of a plan: how much it may change before apply refuses it.

local brakes = require "patchbay.desired.brakes"
local patchbay = require "patchbay"
local planned = require "spec.support.planned"

-- `count` changes of one collection.
local function changes(count, action, collection, affected)
  local list = {}
  for i = 1, count do
    list[i] = { action = action or "update", account = "acme", collection_name = collection or "lines",
      key = "L" .. i,
      fields = {}, affected = affected }
  end
  return list
end

local function refusals(list, options, listed)
  local texts = {}
  for i, one in ipairs(brakes.refusals(list, listed or {}, options or {})) do
    texts[i] = one.option .. ": " .. one.message
  end
  return texts
end

describe("the brakes of a plan", function()
  it("let fifty changes pass, and refuse one more with the option for it", function()
    assert.same({}, refusals(changes(50)))
    assert.same({ "max_changes: the plan: 51 changes are more than 50; max_changes = 51 lets the plan be "
      .. "applied" },
      refusals(changes(51)))
    assert.same({}, refusals(changes(51), { max_changes = 51 }))
    assert.same({ "max_changes: the plan: 2 changes are more than 1; max_changes = 2 lets the plan be "
      .. "applied" },
      refusals(changes(2), { max_changes = 1 }))
  end)

  it("let nothing be deleted unless it is said", function()
    assert.same({ "max_deletes: the plan: 1 record would be deleted, and none may be; max_deletes = 1 lets "
      .. "the plan be "
      .. "applied" }, refusals(changes(1, "delete")))
    assert.same({ "max_deletes: the plan: 3 records would be deleted, and 2 may be; max_deletes = 3 lets the "
      .. "plan be "
      .. "applied" }, refusals(changes(3, "delete"), { max_deletes = 2 }))
    assert.same({}, refusals(changes(3, "delete"), { max_deletes = 3 }))
  end)

  it("let 30 % of a collection change, from ten records on", function()
    local listed = { ["acme.lines"] = 10 }
    assert.same({}, refusals(changes(3), {}, listed))
    assert.same({ "max_share: acme.lines: 4 of 10 records would change, 40 % and more than 30 %; max_share = "
      .. "0.40 lets "
      .. "the plan be applied" }, refusals(changes(4), {}, listed))
    assert.same({}, refusals(changes(4), { max_share = 0.4 }, listed))
    assert.same({}, refusals(changes(9), {}, { ["acme.lines"] = 9 }))
  end)

  it("count no new records towards the share, and no collection whose size is not known", function()
    assert.same({}, refusals(changes(10, "create"), {}, { ["acme.lines"] = 10 }))
    assert.same({}, refusals(changes(10), {}, {}))
  end)

  it("name a share that lets the plan be applied", function()
    local listed = { ["acme.lines"] = 12 }
    local text = refusals(changes(5), {}, listed)[1]
    local share = tonumber(text:match "max_share = ([%d.]+)")
    assert.same({}, refusals(changes(5), { max_share = share }, listed))
  end)

  it("take limits of a collection of its own, and do not count it towards those of the plan", function()
    local list = changes(60)
    for _, change in ipairs(changes(40, "update", "numbers")) do list[#list + 1] = change end
    assert.same({}, refusals(list, { limits = { ["acme.lines"] = { max_changes = 60 } } }))
    assert.same({ 'max_changes: acme.lines: 60 changes are more than 59; limits = { ["acme.lines"] = { '
      .. 'max_changes = 60 '
      .. '} } lets the plan be applied' }, refusals(list,
        { limits = { ["acme.lines"] = { max_changes = 59 } } }))
  end)

  it("refuse more affected records than max_affected, where that is set", function()
    local list = changes(2, "update", "lines", { count = 700, at_least = false, other_form = 0 })
    assert.same({}, refusals(list))
    assert.same({}, refusals(list, { max_affected = 1400 }))
    assert.same({ "max_affected: the plan: 1,400 records would be affected, more than 1,000; max_affected = "
      .. "1400 lets "
      .. "the plan be applied" }, refusals(list, { max_affected = 1000 }))
  end)

  it("refuse with max_affected what was not counted exactly", function()
    local list = changes(1, "update", "lines", { count = 2, at_least = true, other_form = 3 })
    assert.same({ "max_affected: the plan: how many records are affected is not known exactly (at least 2; 3 "
      .. "references "
      .. "in another form), and max_affected is set; apply without max_affected once that has been looked "
        .. "at" },
      refusals(list, { max_affected = 1000 }))
  end)

  it("name every limit that a plan passes", function()
    local list = changes(60, "delete")
    assert.equal(3, #refusals(list, {}, { ["acme.lines"] = 100 }))
  end)
end)

describe("the brakes of patchbay.plan", function()
  it("refuse apply, which sends nothing, and are shown by the plan", function()
    local client, sandbox = planned.acme { lines = planned.lines(12) }
    local plan = assert(patchbay.plan({ acme = client }, planned.wanted(6, { rings = 7 })))
    assert.same({ "acme.lines: 6 of 12 records would change, 50 % and more than 30 %; max_share = 0.50 lets "
      .. "the plan be "
      .. "applied" }, plan.refused)
    local err, text = planned.refused(plan:apply())
    assert.equal("invalid", err.kind)
    assert.equal("not_sent", err.outcome)
    assert.equal("max_share", err.brakes[1].option)
    assert.equal("the plan is refused, and nothing is sent: " .. plan.refused[1], text)
    assert.same({}, planned.changes(sandbox))
    assert.equal(6, assert(plan:apply { max_share = 0.5 }).done)
  end)

  it("count in a file of its own limits what apply raises", function()
    local client = planned.acme { lines = planned.lines(12) }
    local plan = assert(patchbay.plan({ acme = client }, planned.wanted(6, { rings = 7 }),
      { limits = { ["acme.lines"] = { max_share = 0.5 } } }))
    assert.same({}, plan.refused)
    assert.truthy(plan:apply().complete)
  end)

  it("are checked as options: names, values, and collections that there are", function()
    local client = planned.acme()
    local function problem(options)
      local ok, text = pcall(patchbay.plan, { acme = client }, {}, options)
      assert.is_false(ok)
      return (text:gsub("^.-:%d+: ", ""))
    end
    assert.equal('plan.max_changs: no such option; did you mean "max_changes"?', problem { max_changs = 1 })
    assert.equal("plan.max_share: expected a number from 0 to 1, got 30", problem { max_share = 30 })
    assert.truthy(problem { limits = { ["acme.line"] = {} } }:find('did you mean "lines"?', 1, true))
    assert.truthy(problem { limits = { ["acme.lines"] = { max_deletes = -1 } } }:find(
      "expected a whole number of at least 0", 1, true))
    assert.truthy(problem { limits = { ["acme.lines"] = { max_delete = 1 } } }:find('did you mean '
      .. '"max_deletes"?', 1,
      true))
  end)
end)
