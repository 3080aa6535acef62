-- The keys of the records of a desired state.

local declarations = require "spec.support.declarations"

local declared, faults = declarations.declared, declarations.faults

describe("a key", function()
  it("is read by the type of its field", function()
    local made = declared { ["convirza.provisioned_routes"] = { ["12"] = {}, [13] = {}, [14.0] = {} } }
    assert.same({ 12, 13, 14 }, { made.records[1].key, made.records[2].key, made.records[3].key })
    assert.same({ 'telegent.voice_routes[12]: CallRouteId: expected a string, got the number 12' },
      faults { ["telegent.voice_routes"] = { [12] = {} } })
    assert.same({ 'convirza.provisioned_routes["CRID-1"]: provisioned_route_id: expected an integer, got the '
      .. 'string "CRID-1"' }, faults { ["convirza.provisioned_routes"] = { ["CRID-1"] = {} } })
  end)

  it("in two spellings is one record, which is declared twice", function()
    assert.same({ "convirza.provisioned_routes[7]: declared twice: also before; leave one of them out" },
      faults { ["convirza.provisioned_routes"] = { [7] = {}, ["007"] = {} } })
    local id = "0190c7e5-1f2b-7c3d-8e4f-5a6b7c8d9e0f"
    assert.same({ ('crazytel.sip_trunks["%s"]: declared twice: also as crazytel.sip_trunks["%s"]; leave '
      .. "one of them out"):format(id, id:upper()) },
      faults { ["crazytel.sip_trunks"] = { [id] = {}, [id:upper()] = {} } })
  end)

  it("does not hide the faults of the fields when it has one itself", function()
    assert.same({
      'telegent.numbers["18018018011"]: Number: expected a phone number with its country code, such as '
        .. '+18018018011, got "18018018011"; write "+18018018011"',
      'telegent.voice_routes["CRID-1"].CallRouteId: a key cannot be changed; leave it out',
      'telegent.voice_routes["CRID-1"].TrunkIp: no such field; did you mean "TrunkIp1"?',
      'telegent.numbers["18018018011"].VoiceRouteId: ref "nothing": no record of this name is declared: '
        .. 'declare it as [new "nothing"], or write the key of one that exists',
    }, faults {
      ["telegent.voice_routes"] = { ["CRID-1"] = { CallRouteId = "CRID-2", TrunkIp = "1.2.3.4" } },
      ["telegent.numbers"] = { ["18018018011"] = { VoiceRouteId = { ref = "nothing" } } },
    })
  end)

  it("does not come out of the position in a list", function()
    assert.same({ 'telegent.numbers: expected records by their keys, got a list; write ["+18018018011"] = '
      .. "{ … } for each" }, faults { ["telegent.numbers"] = { "+18018018011", "+18018018012" } })
  end)

  it("may stand among the fields, too, but not change", function()
    local made = declared { ["telegent.voice_routes"] = { ["CRID-1"] = { CallRouteId = "CRID-1",
      TrunkIp1 = "1.2.3.4" } } }
    assert.same({ TrunkIp1 = "1.2.3.4" }, made.records[1].fields)
    assert.same({ 'telegent.voice_routes["CRID-1"].CallRouteId: a key cannot be changed; leave it out' },
      faults { ["telegent.voice_routes"] = { ["CRID-1"] = { CallRouteId = "CRID-2" } } })
  end)

  it("is text or a number", function()
    assert.same({ "telegent.voice_routes[boolean]: expected a key, got a boolean",
      "telegent.voice_routes[table]: expected a key, got a table" },
      faults { ["telegent.voice_routes"] = { [{}] = {}, [true] = {} } })
  end)
end)
