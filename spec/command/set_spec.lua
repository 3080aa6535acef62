-- patchbay set: the difference, the question, what is sent, and what is said of it.

local command = require "spec.support.command"
local system = require "spec.support.system"

local ROUTE = "CRID-509de94f-79cc-429b-a317-2102654dabbb"

describe("patchbay set", function()
  local lacks = command.lacks()
  if lacks then
    pending(lacks)
    return
  end

  local server

  setup(function() server = command.start() end)
  teardown(function() if server then server:stop() end end)
  before_each(function() server:reset() end)

  local SET = "set telegent.voice_routes " .. ROUTE .. " "

  local DIFF = "~ telegent.voice_routes " .. ROUTE .. "\n"
    .. '    TrunkIp1       "198.51.100.10" -> "20.87.87.87"\n'
    .. "    TrunkEnabled2  true -> false\n"

  it("shows what would change with --dry-run, and exits with 2", function()
    local out, err, status = server:run(SET .. "TrunkIp1=20.87.87.87 TrunkEnabled2=false --dry-run")
    assert.equal(DIFF, out)
    assert.equal("", err)
    assert.equal(2, status)
    assert.same({}, server:changes())
  end)

  it("sends what differs after --yes, with one read and one change", function()
    local out, err, status = server:run(SET .. "TrunkIp1=20.87.87.87 TrunkEnabled2=false TrunkPort1=5060 "
      .. "--yes")
    assert.equal("", err)
    assert.equal(0, status)
    assert.truthy(out:find("TrunkPort1     \"5060\" (unchanged)", 1, true), out)
    assert.truthy(out:find(": changed\n$"), out)
    local changes = server:changes()
    assert.equal(1, #changes)
    assert.truthy(changes[1]:find('"TrunkIp1":"20.87.87.87"', 1, true), changes[1])
    assert.is_nil(changes[1]:find("TrunkPort1", 1, true))
    local reads = 0
    for _, request in ipairs(server:control("GET", "requests")) do
      if request.path:find "/voice/routes" then reads = reads + 1 end
    end
    assert.equal(2, reads)
  end)

  it("sends nothing where the record is so already, and exits with 0; with --force it sends", function()
    local words = SET .. "TrunkIp1=198.51.100.10 --yes"
    local out, _, status = server:run(words)
    assert.equal(("telegent.voice_routes %s: nothing to change, and nothing was sent\n"):format(ROUTE), out)
    assert.equal(0, status)
    assert.same({}, server:changes())
    _, _, status = server:run(words .. " --force")
    assert.equal(0, status)
    assert.equal(1, #server:changes())
  end)

  it("asks on a terminal, and takes no for an answer", function()
    local out, status = server:terminal(SET .. "TrunkIp1=20.87.87.87", { answer = "n\n" })
    assert.truthy(out:find("Send it? [y/N]", 1, true), out)
    assert.truthy(out:find("patchbay: nothing was changed", 1, true), out)
    assert.equal(1, status)
    assert.same({}, server:changes())
    out, status = server:terminal(SET .. "TrunkIp1=20.87.87.87", { answer = "y\n" })
    assert.equal(0, status, out)
    assert.equal(1, #server:changes())
  end)

  it("sends nothing, not even a read, without a terminal and --yes", function()
    local _, err, status = server:run(SET .. "TrunkIp1=20.87.87.87")
    assert.truthy(err:find("no terminal to ask on, and nothing was sent; --yes answers", 1, true), err)
    assert.equal(1, status)
    assert.same({}, server:control("GET", "requests"))
  end)

  it("sends nothing for a mistake, and names it with what was meant", function()
    for words, message in pairs {
      ["set telegent.voice_routs X TrunkIp1=1"] = "telegent.voice_routs: telegent has no collection "
        .. '"voice_routs"; did you mean "voice_routes"?',
      [SET .. "TrunkIp=1"] = 'TrunkIp=…: no such field; did you mean "TrunkIp1"?',
      [SET] = "what is to change? Give fields, such as RouteName=…",
      ["set telegent.voice_routes TrunkIp1=1"] = "which record of telegent.voice_routes? Its CallRouteId "
        .. "comes before the fields",
    } do
      local _, err, status = server:run(words .. " --yes")
      assert.equal("patchbay: " .. message .. "\n", err)
      assert.equal(64, status)
    end
    local _, err, status = server:run(SET .. "TrunkTransport1=UPD TrunkEnabled1=no --yes")
    assert.equal(64, status)
    assert.truthy(err:find("^patchbay: 2 faults; nothing was sent\n  TrunkTransport1=UPD: "), err)
    assert.same({}, server:control("GET", "requests"))
  end)

  it("takes a secret from standard input and shows it nowhere", function()
    local line = server:command(SET .. "VoicePasswordToken=- --yes -o json")
    local out, err, status = system.run("echo dogs3cretcat | { " .. line .. "\n}")
    assert.equal(0, status, err)
    assert.is_nil((out .. err):find("s3cret", 1, true))
    assert.truthy(out:find('"outcome":"changed"', 1, true), out)
    assert.truthy(out:find('"to":"***"', 1, true), out)
    assert.truthy(server:changes()[1]:find('"VoicePasswordToken":"dogs3cretcat"', 1, true))
  end)

  it("sends nothing where standard input is closed or empty, or standard output cannot be written", function()
    local line = server:command(SET .. "VoicePasswordToken=- --yes")
    for input, message in pairs {
      ["</dev/null"] = "standard input is empty; the empty text is written VoicePasswordToken=",
      ["<&-"] = "standard input cannot be read: Bad file descriptor",
    } do
      local _, err, status = system.run(line .. " " .. input)
      assert.equal(("patchbay: VoicePasswordToken=…: %s\n"):format(message), err)
      assert.equal(64, status)
    end
    line = server:command(SET .. "TrunkIp1=20.87.87.87 --yes")
    for _, output in ipairs { ">&-", ">/dev/full" } do
      local _, err, status = system.run(("{ %s %s\n}"):format(line, output))
      assert.truthy(err:find("^patchbay: standard output cannot be written: "), err)
      assert.equal(1, status)
    end
    assert.same({}, server:changes())
  end)

  it("does not show the value of a misspelt secret", function()
    for _, word in ipairs { "VoicePasswordTokn=dogs3cretcat", "VoicePasswordToken:dogs3cretcat",
      "VoicePasswordTokn:=dogs3cretcat", "VoicePasswordToken:=dogs3cretcat" } do
      local out, err, status = server:run(SET .. word .. " --yes")
      assert.equal(64, status)
      assert.is_nil((out .. err):find("s3cret", 1, true), err)
    end
    assert.same({}, server:control("GET", "requests"))
  end)

  it("puts the new value on a line of its own where letters go from right to left", function()
    local out = server:run(SET .. "RouteName=שלום --dry-run")
    assert.truthy(out:find('\n    RouteName  "Main SIP Trunk"\n      -> "שלום"\n', 1, true), out)
  end)

  it("writes JSON, too, where the record cannot be read", function()
    server:fail { match = "/v1.0/voice/routes", status = 404, times = "always" }
    local out, err, status = server:run(SET .. "TrunkIp1=20.87.87.87 --yes -o json")
    assert.equal(1, status)
    assert.truthy(err:find("not found (404)", 1, true), err)
    assert.truthy(out:find '^{"changes":%[%],.*"error":{"kind":"not_found",.*"outcome":"failed"', out)
    assert.same({}, server:changes())
  end)

  it("does not show a value that is typed for standard input", function()
    local out, status = server:terminal(SET .. "VoicePasswordToken=- --yes", { answer = "dogs3cretcat" })
    assert.equal(0, status, out)
    assert.truthy(out:find("Value [not shown]", 1, true), out)
    assert.is_nil(out:find("s3cret", 1, true))
    assert.truthy(server:changes()[1]:find('"VoicePasswordToken":"dogs3cretcat"', 1, true))
  end)

  it("says that the outcome is unknown where the answer was lost", function()
    server:fail { match = "/v1.0/voice/routes/update", drop = "after", times = "always" }
    local out, err, status = server:run(SET .. "TrunkIp1=20.87.87.87 --yes -o json")
    assert.equal(1, status)
    assert.truthy(out:find('"outcome":"failed"', 1, true), out)
    assert.truthy(err:find("the change may have been made or not: look at the record before you send it "
      .. "again (patchbay get telegent.voice_routes " .. ROUTE .. ")", 1, true), err)
  end)

  it("changes a record whose vendor documents no read of it, and says what is not known", function()
    local out, err, status = server:run ("set crazytel.sip_trunks 550e8400-e29b-41d4-a716-446655440000 "
      .. "description=Office --dry-run")
    assert.equal(2, status, err)
    assert.truthy(out:find("(the vendor documents no call that reads it: what it has now is not known)", 1,
      true), out)
    assert.truthy(out:find("(not known) -> \"Office\"", 1, true), out)
  end)

  it("refuses a part of an object whose other parts are not known, before it asks", function()
    local out, err, status = server:run("set convirza.provisioned_routes 12345 "
      .. "routing_configuration.config.ringto=2125550199 --dry-run")
    assert.equal("", out)
    assert.equal(1, status)
    assert.truthy(err:find("routing_configuration", 1, true), err)
    assert.same({}, server:changes())
  end)

  it("writes ASCII alone where the terminal has nothing else", function()
    local out, _, status = server:run(SET .. "'RouteName=Zentrale Köln' --dry-run", "export LC_ALL=C")
    assert.equal(2, status)
    assert.is_nil(out:find "[\128-\255]", out)
    assert.truthy(out:find("K\\u{00F6}ln", 1, true), out)
  end)
end)
