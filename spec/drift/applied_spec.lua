-- patchbay.drift since the last apply of a desired state.

local acme = require "spec.support.acme"
local core = require "patchbay.core"
local drifts = require "spec.support.drifts"
local logs = require "spec.support.changes_logs"
local patchbay = require "patchbay"
local planned = require "spec.support.planned"

local other_client, set, verdicts, why = drifts.other_client, drifts.set, drifts.verdicts, drifts.why

describe("drift since the last apply", function()
  local object, ours, theirs, sandbox, state

  local WANTED = { ["acme.lines"] = { L1 = { rings = 5, pin = "s3cret-wanted" }, L2 = { name = "zwei" },
    L3 = { rings = 3 } } }

  before_each(function()
    object, state = logs.object(), planned.place()
    ours, sandbox = planned.acme { lines = planned.lines(9, { rings = 3 }),
      client = { changes_log = object } }
    theirs = other_client(sandbox)
    assert.is_true(assert(assert(patchbay.plan({ acme = ours }, WANTED, { state = state })):apply()).complete)
  end)

  local function drift(wanted, options)
    options = options or {}
    return assert(patchbay.drift({ acme = options.client or ours }, wanted or WANTED, { state = state,
      changes_log = options.changes_log }))
  end

  it("is empty behind the apply, and sends only reads", function()
    local sent = #sandbox:requests()
    assert.is_true(drift().empty)
    assert.same({}, planned.changes(sandbox, sent))
  end)

  it("names what is not as it was sent, from and to, and whose it is", function()
    set(theirs, "L1", { rings = 6 })
    set(ours, "L2", { name = "two" })
    local found = drift()
    assert.same({ "changed L1 theirs rings:theirs", "changed L2 ours name:ours" }, verdicts(found))
    assert.same({ 5, 6 }, { found.entries[1].fields[1].from, found.entries[1].fields[1].to })
  end)

  it("tells what others have set of a secret, and shows none", function()
    set(theirs, "L1", { pin = "s3cret-theirs" })
    local found = drift()
    assert.same({ "changed L1 theirs pin:theirs" }, verdicts(found))
    assert.is_nil((tostring(found) .. found:json()):find("s3cret", 1, true))
    set(ours, "L1", { pin = "s3cret-ours" })
    assert.same({ "changed L1 ours pin:ours" }, verdicts(drift()))
  end)

  it("takes a file that was edited since for no drift, and names a changed field without its old value",
    function()
      local edited = { ["acme.lines"] = { L1 = { rings = 8, pin = "s3cret-wanted" },
        L2 = { name = "zwei" } } }
      assert.is_true(drift(edited).empty)
      set(theirs, "L1", { rings = 6 })
      local found = drift(edited)
      assert.same({ "changed L1 theirs rings:theirs" }, verdicts(found))
      assert.is_true(found.entries[1].fields[1].from_unknown)
      assert.truthy(tostring(found):find("rings   (not known) -> 6", 1, true), tostring(found))
    end)

  it("does not say whose it is where the state does not say what was there", function()
    set(theirs, "L3", { rings = 9 })
    local found = drift()
    assert.same({ "changed L3 unknown rings:unknown" }, verdicts(found))
    assert.truthy(why(found):find("the file may have been edited since", 1, true), why(found))
    set(ours, "L3", { rings = 8 })
    assert.same({ "changed L3 ours rings:ours" }, verdicts(drift()))
  end)

  it("names records that are gone, and those that were never created", function()
    assert(theirs.lines:delete "L1")
    local wanted = { ["acme.lines"] = { L1 = { rings = 5 }, ["new:later"] = { name = "x" } } }
    local found = drift(wanted)
    assert.same({ "disappeared L1 theirs" }, verdicts(found))
    assert.same({ 'acme.lines new "later" has not been created by an apply, and is not compared' },
      found.notes)
  end)

  it("follows records that an apply created under a name", function()
    local wanted = { ["acme.lines"] = { ["new:first"] = { name = "first", rings = 1 } } }
    assert.is_true(assert(assert(patchbay.plan({ acme = ours }, wanted, { state = state })):apply()).complete)
    assert.is_true(drift(wanted).empty)
    set(theirs, "id", { rings = 2 })
    local found = drift(wanted)
    assert.same({ "changed id theirs rings:theirs" }, verdicts(found))
    assert.equal("acme.lines id", found.entries[1].address)
  end)

  it("needs a state, and says what to do without", function()
    local function problem(...) return tostring(select(2, patchbay.drift(...))) end
    assert.truthy(problem({ acme = ours }, WANTED):find("without a state nothing says what the last apply "
      .. "has set", 1, true))
    assert.truthy(problem({ acme = ours }, WANTED, { state = planned.place() })
      :find("there is no state of an apply; apply the plan first", 1, true))
  end)

  it("finds all faults of a desired state, and reads nothing then", function()
    local sent = #sandbox:requests()
    local found, err = patchbay.drift({ acme = ours }, { ["acme.line"] = {}, ["acme.lines"] = { L1 = {
      ring = 1 } } }, { state = state })
    assert.is_nil(found)
    assert.equal(2, #err.faults)
    assert.equal(sent, #sandbox:requests())
  end)

  it("fails where what the vendor has cannot be read", function()
    local client = acme.client(acme.description(), { { status = 403, headers = {}, body = "{}" } },
      { key = sandbox.credentials.acme.key })
    local found, err = patchbay.drift({ acme = client }, WANTED, { state = state })
    assert.is_nil(found)
    assert.truthy(tostring(err):find("what the vendor has could not be read", 1, true))
    assert.is_table(core)
  end)
end)
