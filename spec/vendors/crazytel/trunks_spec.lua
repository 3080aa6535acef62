-- Crazytel's SIP trunks: what is sent for what was assigned, and what is refused at the line that assigns it.

local patchbay = require "patchbay"
local scripted = require "spec.support.scripted"
local support = require "spec.support.crazytel_trunk"

local answer, raised = scripted.answer, support.raised
local ID = support.ID

-- The body that is sent once `fields` are assigned to a trunk.
local function sent(fields)
  local client, transport = support.client()
  assert(client.sip_trunks:update(ID, fields))
  return scripted.last(transport).body
end

local function refused(field, value)
  local client = support.client()
  return raised(function() client.sip_trunks[ID][field] = value end)
end

describe("an update of a Crazytel trunk", function()
  it("goes by PATCH to the trunk's path, without a slash at its end", function()
    local client, transport = support.client()
    assert(client.sip_trunks:update(ID, { enabled = false }))
    local request = scripted.last(transport)
    assert.same({ "PATCH", "https://crazytel.io/api/v1/sip-trunks/" .. ID, '{"enabled":false}' },
      { request.method, request.url, request.body })
  end)

  it("carries the key in its header alone", function()
    local client, transport = support.client()
    assert(client.sip_trunks:update(ID, { enabled = false }))
    local request = scripted.last(transport)
    assert.same({ ["x-crazytel-api-key"] = support.KEY, ["Content-Type"] = "application/json",
      Accept = "application/json" }, request.headers)
    assert.is_nil((request.url .. request.body):find(support.KEY, 1, true))
  end)

  local FIELDS = {
    { "enabled", false, "false" }, { "password", "SecurePass123", '"SecurePass123"' },
    { "area_code", "02", '"02"' }, { "caller_id_number", "61291234567", '"61291234567"' },
    { "description", "Sales Team Trunk", '"Sales Team Trunk"' }, { "hide_caller_id", false, "false" },
    { "sms_sender", "61412345678", '"61412345678"' }, { "softphone_show_balance", true, "true" },
    { "softphone_sync_sms", false, "false" },
  }
  for _, field in ipairs(FIELDS) do
    it("sends " .. field[1] .. " alone", function()
      assert.equal(('{"%s":%s}'):format(field[1], field[3]), sent { [field[1]] = field[2] })
    end)
  end

  it("sends all fields in the page's order", function()
    local all, parts = {}, {}
    for i, field in ipairs(FIELDS) do
      all[field[1]] = field[2]
      parts[i] = ('"%s":%s'):format(field[1], field[3])
    end
    assert.equal("{" .. table.concat(parts, ",") .. "}", sent(all))
  end)

  it("keeps numbers as text, with the zero they begin with", function()
    assert.equal('sip_trunks.area_code: expected a string, got the number 2; write "2"',
      refused("area_code", 2))
    assert.equal('sip_trunks.caller_id_number: expected a string, got the number 61291234567; write '
      .. '"61291234567"', refused("caller_id_number", 61291234567))
    assert.equal('{"area_code":"02"}', sent { area_code = "02" })
  end)

  it("takes only booleans for switches", function()
    for _, name in ipairs { "enabled", "hide_caller_id", "softphone_show_balance", "softphone_sync_sms" } do
      assert.equal(("sip_trunks.%s: expected a boolean, got the string \"false\"; write false"):format(name),
        refused(name, "false"))
      assert.equal(("sip_trunks.%s: expected a boolean, got the number 0; write false"):format(name),
        refused(name, 0))
    end
  end)

  it("refuses id and username, which cannot be changed", function()
    assert.equal("sip_trunks.id: read-only; the trunk's id cannot be changed", refused("id", ID))
    assert.equal("sip_trunks.username: read-only; the vendor generates it, and it cannot be changed",
      refused("username", "CT123456"))
  end)

  it("refuses names that are no field, and null, which is not documented", function()
    assert.equal('sip_trunks.caller_id: no such field; did you mean "caller_id_number"?',
      refused("caller_id", "61291234567"))
    assert.equal("sip_trunks.description: null is not documented for this field; assign nil to send nothing, "
      .. 'or make the client with undocumented = "allow"', refused("description", patchbay.null))
  end)

  it("refuses an sms_sender that does not start with 614", function()
    local write = '; write "61412345678"'
    for number, remedy in pairs { ["61291234567"] = "", [""] = "", ["+61412345678"] = write,
      ["0412345678"] = write, ["0412 345 678"] = write, ["61-412-345-678"] = write,
      [" 61412345678"] = "; there is white space around it" .. write } do
      assert.equal('sip_trunks.sms_sender: expected a verified number that starts with "614", such as '
        .. '"61412345678", got "' .. number .. '"' .. remedy, refused("sms_sender", number))
    end
  end)

  it("makes what the vendor answers the known state", function()
    local told = { id = ID, username = "CT123456", enabled = false, extra = 1 }
    local client = support.client { answer(200, told) }
    local trunk = client.sip_trunks[ID]
    trunk.enabled = false
    assert(trunk:update())
    assert.same({ "CT123456", false, 1 }, { trunk.username, trunk.enabled, trunk.extra })
    assert.same({}, trunk:changes())
  end)
end)

describe("a Crazytel trunk's password", function()
  local LENGTH, UPPER = "at least 8 characters", "at least 1 upper-case letter"
  local LOWER, DIGIT = "at least 1 lower-case letter", "at least 1 digit"

  it("is refused with each part of the rule that it breaks, and is not shown", function()
    local function rule(...) return "sip_trunks.password: expected " .. table.concat({ ... }, ", ") end
    assert.equal(rule(LENGTH), refused("password", "Abcde12"))
    assert.equal(rule(UPPER), refused("password", "abcdefg1"))
    assert.equal(rule(LOWER), refused("password", "ABCDEFG1"))
    assert.equal(rule(DIGIT), refused("password", "Abcdefgh"))
    assert.equal(rule(UPPER, DIGIT), refused("password", "aaaaaaaa"))
    assert.equal(rule(LENGTH, UPPER, LOWER, DIGIT), refused("password", ""))
    assert.equal('{"password":"Abcdefg1"}', sent { password = "Abcdefg1" })
  end)

  it("is not shown either when it is no text, or none that JSON can carry", function()
    assert.equal("sip_trunks.password: expected a string, got a number", refused("password", 12345678))
    assert.equal("sip_trunks.password: expected a string, got a table", refused("password", { "Secret123" }))
    assert.equal("sip_trunks.password: not valid UTF-8 at byte 9; JSON can carry nothing else",
      refused("password", "Secret12\255"))
    local client = support.client()
    assert.equal("sip_trunks.password: expected " .. UPPER, raised(function()
      client.sip_trunks:create { password = "secret123", caller_id_number = "61291234567" }
    end))
  end)

  it("is in no summary, difference, request, log, hook or error", function()
    for _, secret in ipairs { "SecurePass123", 'Secure/"Pass123', "Sécure\\Pass123" } do
      local out = {}
      local function keep(value)
        out[#out + 1] = type(value) == "table" and patchbay.json.encode(value) or tostring(value)
      end
      local json = patchbay.json.encode(secret)
      local escaped = json:sub(2, -2):gsub("/", "\\/"):gsub("S", "\\u0053"):gsub("é", "\\u00e9")
      local body = ('{"detail":[{"loc":["body","password"],"msg":%s,"input":"%s"}],"password":%s}'):format(
        json, escaped, json)
      local client = support.client({ answer(422, body) }, { log = keep, on_request = keep,
        on_response = function(response) keep(response.body) end })
      local trunk = client.sip_trunks[ID]
      trunk.password, trunk.description = secret, "x"
      keep(tostring(trunk))
      keep(trunk:diff())
      keep(trunk:request())
      local _, err = trunk:update()
      keep(err.message)
      keep(err.body)
      _, err = client.sip_trunks:create { password = secret, caller_id_number = "61291234567" }
      keep(err.message)
      keep(err.body)
      local shown = table.concat(out, "\n")
      assert.truthy(shown:find("***", 1, true))
      assert.is_nil(shown:find("Pass123", 1, true), shown)
    end
  end)

  it("is shown to dry runs as ***, and to changes() as it is", function()
    local shown
    local client, transport = support.client(nil, { dry_run = true,
      on_request = function(request) shown = request.body end })
    local trunk = client.sip_trunks[ID]
    trunk.password = "SecurePass123"
    assert(trunk:update())
    assert.equal('{"password":"***"}', shown)
    assert.equal(0, #transport.requests)
    assert.same({ password = "SecurePass123" }, trunk:changes())
  end)
end)

describe("a Crazytel trunk's id", function()
  local client = support.client()
  local function why(key) return raised(function() return (client.sip_trunks[key]) end) end
  local place = "sip_trunks.id: expected a UUID such as 550e8400-e29b-41d4-a716-446655440000, got "

  it("is a UUID, and nothing that would lead to another path", function()
    assert.equal(place .. '"a/b"', why "a/b")
    assert.equal(place .. '"' .. ID .. '/"', why(ID .. "/"))
    assert.equal(place .. '"../phone-numbers"', why "../phone-numbers")
    assert.equal(place .. '"garbage"', why "garbage")
    assert.equal(place .. '"CT123456"', why "CT123456")
    assert.equal(place .. '" ' .. ID .. '"; there is white space around it; write "' .. ID .. '"',
      why(" " .. ID))
    assert.equal(place .. '"{' .. ID .. '}"; write "' .. ID .. '"', why("{" .. ID .. "}"))
    assert.equal("sip_trunks.id: expected at least 1 character, got 0", why "")
    assert.equal('sip_trunks.id: expected a string, got the number 7', why(7))
    assert.equal("sip_trunks.id: expected a key, got nil", why(nil))
  end)

  it("may be in capitals, whatever the vendor answers", function()
    local answers = { answer(200, { id = ID, enabled = false }) }
    local own, transport = support.client(answers, { undocumented = "allow" })
    assert(own.sip_trunks:update(ID:upper(), { enabled = false }))
    assert.equal("https://crazytel.io/api/v1/sip-trunks/" .. ID:upper(), transport.requests[1].url)
    assert.is_false(assert(own.sip_trunks:get(ID:upper())).enabled)
  end)

  it("in an answer that is another's makes it a failure", function()
    local other = "11111111-d9cb-469f-a165-70867728950e"
    local own = support.client { answer(200, { id = other }) }
    local _, err = own.sip_trunks:update(ID, { enabled = false })
    assert.equal("crazytel sip_trunks.update " .. ID .. ": the response is about another record: " .. other
      .. "; whether the change was applied is not known", err.message)
    assert.same({ "protocol", "unknown" }, { err.kind, err.outcome })
  end)
end)

describe("other calls on Crazytel's trunks", function()
  it("create, with a slash at the path's end, needs password and caller id", function()
    local client, transport = support.client { answer(200, { id = ID, username = "CT123456" }) }
    local fields = { password = "SecurePass123", caller_id_number = "61291234567" }
    local trunk = assert(client.sip_trunks:create(fields))
    assert.same({ ID, "CT123456" }, { trunk.id, trunk.username })
    local request = scripted.last(transport)
    assert.same({ "POST", "https://crazytel.io/api/v1/sip-trunks/",
      '{"password":"SecurePass123","caller_id_number":"61291234567"}' },
      { request.method, request.url, request.body })
    assert.equal("sip_trunks: missing password, caller_id_number (all required)",
      raised(function() client.sip_trunks:create { enabled = true } end))
    assert.equal("sip_trunks: missing caller_id_number (required)",
      raised(function() client.sip_trunks:create { password = "SecurePass123" } end))
  end)

  it("get, list and delete are refused with what would allow them", function()
    local client, transport = support.client()
    local _, err = client.sip_trunks:get(ID)
    assert.equal("crazytel sip_trunks.get: the vendor has this call, but its pages do not say how it is "
      .. 'made; make the client with undocumented = "allow" to try GET /api/v1/sip-trunks/{key}, or say '
      .. 'paths = { ["sip_trunks.get"] = "/…/{key}" }', err.message)
    assert.equal("unsupported", select(2, client.sip_trunks:delete(ID)).kind)
    assert.equal("unsupported", raised(client.sip_trunks.list, client.sip_trunks).kind)
    assert.equal("unsupported", select(2, client.sip_trunks[ID]:replace()).kind)
    assert.equal(0, #transport.requests)
  end)

  it("get, list and delete work against a server that has them, once allowed", function()
    local transport = patchbay.sandbox { seed = 2 }
    local trunks = patchbay.crazytel { transport = transport, undocumented = "allow" }.sip_trunks
    local ids = {}
    for trunk in trunks:list() do ids[#ids + 1] = trunk.id end
    assert.truthy(#ids > 0)
    local trunk = assert(trunks:get(ids[1]))
    trunk.description = "renamed"
    assert(trunk:update())
    assert.same({ "description" }, assert(trunk:confirm()).confirmed)
    assert(trunk:delete())
    assert.equal("not_found", select(2, trunk:fetch()).kind)
  end)
end)
