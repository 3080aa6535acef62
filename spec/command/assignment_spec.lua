-- The assignments of a command line: what the texts mean, and the faults in them.

local assignment = require "patchbay.command.assignment"
local collections = require "patchbay.record.collection"
local patchbay = require "patchbay"
local system = require "spec.support.system"

describe("assignments of the command line", function()
  local routes, provisioned

  setup(function()
    local telegent = patchbay.telegent { account_key = "DID-00000000-0000-4000-8000-000000000000",
      account_secret = "s", base_url = "http://127.0.0.1:1" }
    local convirza = patchbay.convirza { email = "a@example.com", password = "p", undocumented = "allow",
      base_url = "http://127.0.0.1:1", login_url = "http://127.0.0.1:1" }
    routes = collections.internals(telegent.voice_routes)
    provisioned = collections.internals(convirza.provisioned_routes)
  end)

  local function none() error "standard input was read" end

  local function read(collection, words, input) return assignment.read(words, collection, input or none) end

  local function value(collection, word, input)
    local list, faults = read(collection, { word }, input)
    assert(list, faults and faults[1])
    return list[1].value, list[1].path
  end

  local function faults(collection, ...)
    local list, found = read(collection, { ... })
    assert.is_nil(list)
    return found
  end

  it("are read by the type of the field", function()
    assert.equal("20.87.87.87", value(routes, "TrunkIp1=20.87.87.87"))
    assert.equal(true, value(routes, "TrunkEnabled1=true"))
    assert.equal(false, value(routes, "TrunkEnabled1=FALSE"))
    assert.equal("5060", value(routes, "TrunkPort1=5060"))
    assert.equal(7, value(routes, "Trunk1Weight=007"))
    assert.equal(12.5, value(provisioned, "call_value=12.5"))
    assert.same({ 1, 2 }, value(provisioned, "sms_settings.assigned_users=[1,2]"))
    assert.same({ { IpAddress = "192.0.2.1" } }, value(routes, 'IpWhitelist=[{"IpAddress":"192.0.2.1"}]'))
  end)

  it("take each digit of a number", function()
    local written = patchbay.json.encode { (value(provisioned, "org_unit_id=99999999999999999999")) }
    assert.equal("[99999999999999999999]", written)
  end)

  it("take the entries of an enumeration in the documented spelling, whatever their letter case", function()
    assert.equal("UDP", value(routes, "TrunkTransport1=udp"))
    assert.same({ 'TrunkTransport1=UPD: expected "UDP", "TCP" or "TLS", got "UPD"; did you mean "UDP"?' },
      faults(routes, "TrunkTransport1=UPD"))
  end)

  it("have an empty text, JSON, and fields within objects", function()
    assert.equal("", value(routes, "RouteName="))
    assert.equal("x=y", value(routes, "RouteName=x=y"))
    assert.equal("null", value(routes, "RouteName=null"))
    assert.equal("@x", value(routes, 'RouteName:="@x"'))
    assert.equal(patchbay.null, value(provisioned, "assigned_agent_id:=null") or patchbay.null)
    local given, path = value(provisioned, "routing_configuration.config.ringto=2125550123")
    assert.equal("2125550123", given)
    assert.equal("routing_configuration.config.ringto", path)
  end)

  it("take the content of a file without the line end at its end, and keep all others", function()
    local path = os.tmpname()
    system.write(path, "one\ntwo\r\n")
    assert.equal("one\ntwo", value(routes, "RouteName=@" .. path))
    system.write(path, '"JSON"\n')
    assert.equal("JSON", value(routes, "RouteName:=@" .. path))
    os.remove(path)
    local found = faults(routes, "RouteName=@" .. path)
    assert.truthy(found[1]:find("cannot be opened: No such file or directory; the text itself is written "
      .. "RouteName:='\"@…\"'", 1, true), found[1])
  end)

  it("read standard input once", function()
    local asked = 0
    local function input()
      asked = asked + 1
      return "s3cret\n"
    end
    assert.equal("s3cret", value(routes, "VoicePasswordToken=-", input))
    local list, found = read(routes, { "VoicePasswordToken=-", "RouteName=-" }, input)
    assert.is_nil(list)
    assert.same({ "RouteName=-: standard input is read once, and VoicePasswordToken has it already; give "
      .. "this one as RouteName=@FILE" }, found)
    assert.equal(2, asked)
  end)

  it("have all their faults at once, each with its remedy", function()
    assert.same({
      'TrunkIp=…: no such field; did you mean "TrunkIp1"?',
      'TrunkEnabled1=yes: expected a boolean, got the string "yes"; write true',
      "x: expected Field=text, Field:=json, Field=@FILE or Field=-",
      "TrunkIp1:…: expected Field=value; did you mean TrunkIp1:=…?",
      "TrunkPort1:=5060: expected a string, got the number 5060; write TrunkPort1=5060",
      "=…: no field is named before =",
      "CallRouteStatus=Active: read-only: the vendor sets it, it cannot be assigned",
    }, faults(routes, "TrunkIp=1", "TrunkEnabled1=yes", "x", "TrunkIp1:5", "TrunkPort1:=5060", "=5",
      "CallRouteStatus=Active"))
    assert.same({ "TrunkIp1=2: it is given twice; leave one of them out" },
      faults(routes, "TrunkIp1=1", "TrunkIp1=2"))
    local whole = 'sms_settings={"unclaimed_sms":true}'
    assert.same({ "sms_settings.unclaimed_sms=true: sms_settings.unclaimed_sms is a part of sms_settings, "
      .. "which is given as a whole; leave one of them out" },
      faults(provisioned, whole, "sms_settings.unclaimed_sms=true"))
    assert.same({ "sms_settings=x: it takes an object, which is written as JSON, such as sms_settings:='{…}' "
      .. '(expected a value at byte 1, got "x")' }, faults(provisioned, "sms_settings=x"))
    assert.same({ "sms_enabled.x=…: sms_enabled is no object: it has no fields in it" },
      faults(provisioned, "sms_enabled.x=1"))
    assert.same({ 'call_value=1e400: expected a number, got the string "1e400"; write call_value:=1e400',
      'customSourceList:=[{"custom_source_id":5}]: in customSourceList[1].custom_source_id: expected a '
      .. 'string, got the number 5; write "5"' },
      faults(provisioned, "call_value=1e400", 'customSourceList:=[{"custom_source_id":5}]'))
    assert.same({ "RouteName:=nul: not JSON: expected null at byte 4, got the end of the text; for the text "
      .. "as it stands write RouteName=…" }, faults(routes, "RouteName:=nul"))
  end)

  it("never show a secret in a fault, nor what a file says", function()
    local secret = ("s3cret\1"):rep(3)
    for _, found in ipairs { faults(routes, "VoicePasswordToken:=5" .. "7318"),
      faults(routes, "VoicePasswordToken:=" .. secret) } do
      assert.is_nil(found[1]:find "7318")
      assert.is_nil(found[1]:find "s3cret")
    end
    local path = os.tmpname()
    system.write(path, "maybe-s3cret")
    local found = faults(routes, "TrunkEnabled1=@" .. path)
    assert.is_nil(found[1]:find "s3cret", found[1])
    os.remove(path)
  end)
end)
