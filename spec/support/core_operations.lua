-- Every operation of the core, for specs that refuse it memory: lists of { name, operation, prepare }.
--
--   operations   on a record: each either happens or does not; `prepare` runs on the record before
--   readings     on a record: nothing changes
--   others       without a record
--   fresh()      a record for them
--   seen(r)      everything that can be seen of it, as text

local core = require "patchbay.core"
local record, json, null = core.record, core.json, core.json.null

-- A response in the vendors' form.
local answer = [[{"Id":"R-1","AccountId":"DID-0123456789","Name":"A route \u00e4\n with an escape",]]
  .. [["Transport":"TLS","Enabled":true,"Priority":12,"Weight":1.5,]]
  .. [["Big":123456789012345678901234567890,"Password":"a-password","Ips":[{"Ip":"192.0.2.1",]]
  .. [["Since":"2024-05-01"},{"Ip":"192.0.2.2","Since":"2024-05-02"},{"Ip":"192.0.2.3"}],]]
  .. [["Sms":{"Url":"https://example.com/sms?x=1","Retry":{"Count":3,"List":[1,2,3,4]}},]]
  .. [["Tags":{"a":"1","b":"2"},"Nothing":null,"Empty":[],"AlsoEmpty":{},]]
  .. [["VoiceUrl":"https://example.com/voice","VoiceUrlMethod":"POST",]]
  .. [["CallbackUrl":"https://example.com/callback","TrunkIp1":"20.87.87.87","TrunkIp2":"20.87.87.88",]]
  .. [["TrunkPort1":"5060","TrunkPort2":"5061","TrunkUri1":"https://trunk.example.com/1",]]
  .. [["HeaderManipulation":"HMI0000000","EnableSipRefer":false,"SymmetricRtp":true,"CnamLookup":false,]]
  .. [["CallRouteStatus":"Active",]]
  .. [["TerminationUriSubdomain":"a-rather-long-name-that-is-not-kept-with-the-short-ones",]]
  .. [["WssUri":null}]]

local description = { type = "object", additionalProperties = true, properties = {
  { "Id", type = "string", readOnly = true },
  { "Name", type = "string", maxLength = 100 },
  { "Transport", type = "string", enum = { "UDP", "TCP", "TLS" }, nullable = true },
  { "Enabled", type = "boolean" },
  { "Priority", type = "integer", minimum = 0 },
  { "Port", type = "string", pattern = "^[0-9]{1,5}$", expected = "digits" },
  { "Password", type = "string", secret = true, allOf = { { minLength = 8 }, { pattern = "[A-Z]" } } },
  { "AFieldWithANameThatIsLongerThanWhatLuaKeepsAmongItsShortStrings", type = "string", format = "uri" },
  { "Ips", type = "array", items = { type = "object", required = { "Ip" }, properties = {
    { "Ip", type = "string", format = "ipv4" }, { "Since", type = "string", readOnly = true } } } },
  { "Free" },
  { "Codecs", type = "array", uniqueItems = true },
  { "Limits", type = "object", maxProperties = 9, additionalProperties = { type = "number",
    multipleOf = 0.1 } },
  { "Target", discriminator = { propertyName = "type" }, oneOf = {
    { type = "string", phone = true }, { type = "array", items = { type = "integer", enum = { 1, 2 } } },
    { type = "object", properties = { { "type", type = "string", const = "sip" }, { "uri",
      type = "string" } } },
    { type = "object", properties = { { "type", type = "string", const = "pstn" }, { "number",
      type = "string" } } },
  } },
  { "Sms", type = "object", nullable = true, properties = {
    { "Url", type = "string" },
    { "Retry", type = "object", additionalProperties = true, properties = {
      { "Count", type = "integer" }, { "List", type = "array", items = { type = "integer" } },
      { "Wait", type = "object", properties = { { "Seconds", type = "integer" } } } } } } },
} }

local function fold(_, state, sent, said, read)
  local new = {}
  if not read then
    for name, value in pairs(state or {}) do new[name] = value end
    for name, value in pairs(sent or {}) do new[name] = value end
  end
  if type(said) == "string" then said = json.decode(said) end
  for name, value in pairs(said or {}) do new[name] = value end
  return new
end

local schema = core.schema.compile(description)
local record_type = record.type(schema, "routes", {}, fold, "Id")
local long = "AFieldWithANameThatIsLongerThanWhatLuaKeepsAmongItsShortStrings"

local function fresh()
  local r = record.new(record_type, "R-1")
  record.load(r, answer)
  r.Name, r.Priority, r[long] = "assigned", 5, "https://example.com/"
  r.Sms.Retry.Count = 7
  r.Extra, r.Other = { 1, { a = 2 } }, "x"
  r.Ips[2] = { Ip = "192.0.2.9" }
  return r
end

-- Everything that can be seen of a record.
local function seen(r)
  local parts = {}
  for _, merged in ipairs { false, true } do
    local text, problem, why = record.payload(r, true, merged)
    parts[#parts + 1] = tostring(text) .. tostring(problem) .. tostring(why)
  end
  local names, _, rest = record.names(r)
  for name in pairs(rest) do names[#names + 1] = name end
  table.sort(names)
  parts[#parts + 1] = table.concat(names, " ")
  parts[#parts + 1] = record.sent(r) and "sent " .. #json.encode(record.sent(r)) or "never sent"
  return table.concat(parts, "\n")
end

local whole = { Url = "u", Retry = { Count = 1, List = { 1, 2, 3 }, Wait = { Seconds = 5 },
  Odd = { "odd" } } }
local list = { { Ip = "192.0.2.4" }, { Ip = "192.0.2.5" } }
local decoded = json.decode(answer)
local only = json.decode((record.payload(fresh(), true)))

local codecs = { "PCMU", { a = 1, b = { 1.5, "x" } }, { a = 1 }, 2 ^ 60, json.number "1e400",
  ("G722 "):rep(100) }
local target = { type = "pstn", number = "+15551234567" }
local limits = { rate = 0.3, burst = 10 }
local form_fields = {}
for i = 1, 12 do form_fields[i] = { "field_" .. i, type = "string", secret = i == 3 } end
local form_schema = core.schema.compile({ type = "object", properties = form_fields }, false, "form")
local form = core.mask.new { "s3cr3t" }

local held -- what an operation uses beside its record

local operations = {
  { "assign a text", function(r) r.Name = "b" end },
  { "assign a number", function(r) r.Priority = 6.0 end },
  { "assign to a field with a long name", function(r) r[long] = "sip:a@example.com" end },
  { "take back", function(r) r.Name = nil end },
  { "assign a list", function(r) r.Ips = list end },
  { "assign anything", function(r) r.Free = decoded end },
  { "assign a field without a description", function(r) r["A new " .. "one"] = list end },
  { "take back a field without a description", function(r) r.Extra = nil end },
  { "assign a nested field", function(r) r.Sms.Retry.Wait.Seconds = 9 end },
  { "assign a nested field without a description", function(r) r.Sms.Retry.Extra = { 1 } end },
  { "assign a whole object", function(r) r.Sms = whole end },
  { "assign a whole nested object", function(r) r.Sms.Retry = whole.Retry end },
  { "assign a union", function(r) r.Target = target end },
  { "assign unique items", function(r) r.Codecs = codecs end },
  { "assign an object of many members", function(r) r.Limits = limits end },
  { "assign a member of an object of many", function(r) r.Limits.more = 0.7 end,
    function(r) r.Limits = limits end },
  { "assign null", function(r) r.Sms = null end },
  { "assign below null", function() held.Retry.Odd = { 1 } end, function(r)
    held = r.Sms
    r.Sms = null
  end },
  { "take back an object", function(r) r.Sms = nil end },
  { "assign a part of another record", function(r) r.Sms = held end, function() held = fresh().Sms end },
  { "assign several", function(r) r{ Name = "c", Ips = list, Sms = whole, New = 1, Newer = list } end },
  { "assign by function", function(r) assert(record.assign(r, { Name = "c", Sms = whole, New = list })) end },
  { "change a list in place", function(r) r.Sms.Retry.List[1] = 9 end },
  { "change what has no description in place", function(r) r.Tags.a = "3" end },
  { "clear", record.clear },
  { "apply", function(r) record.apply(r, answer) end },
  { "apply without an answer", function(r) record.apply(r) end },
  { "apply leaves", function(r) record.apply(r, nil, true) end },
  { "apply with further assignments", function(r) record.apply(r, nil, false, only) end, function(r)
    r.Name, r.New = "later", 1
    r.Sms.Url = "later"
  end },
  { "load", function(r) record.load(r, answer) end },
  { "load a table", function(r) record.load(r, { Name = "n", Sms = { Url = "u" } }) end },
  { "adopt", function(r) record.adopt(r, { Name = "n" }, answer) end },
}

local values_encoder = json.encoder(function(r) return record.values(r, "mask") end)

local readings = {
  { "read fields", function(r) return r.Name, r.Ips[1].Ip, r.Sms.Retry.List[1], r.Tags.a, r.Empty,
    r.Big end },
  { "payload", function(r) assert(record.payload(r, true)) end },
  { "merged payload", function(r) assert(record.payload(r, true, true)) end },
  { "leaves, masked", function(r) assert(record.payload(r, true, false, true, true)) end },
  { "names", record.names },
  { "entries", record.entries },
  { "plain", function(r) record.plain(r, false) record.plain(r, true) end },
  { "state", record.state },
  { "values", function(r)
    record.values(r, "mask", { other = true }, string.upper)
    record.values(r, "omit")
  end },
  { "show a value", function(r) record.shown(r, "Ips", list, "mask") end },
  { "judge", function(r) record.judge(r, "Ips", list, list) record.judge(r.Sms, "Url", "a", "b") end },
  { "set assignments aside", function(r)
    local aside = record.set_aside(r, { { node = r, name = "Name" }, { node = r, name = "Extra" },
      { node = r, name = "Ips" }, { node = r.Sms.Retry, name = "Count" } })
    record.restore(r, aside)
  end },
  { "encode a record", function(r) values_encoder(r) end },
}

-- Secrets that share parts, hold escapes and blanks, and a text with many of them, escaped twice and coded;
-- in the body also as members.
local secrets = { "planted-secret-one", "planted-secret-two", "with\\u0041escape", "of two words" }
local masker = core.mask.new(secrets)
local secret_text = ("planted-secret-one %70lanted-secret-two \\\\u006ff two words, "):rep(20)
  .. "cGxhbnRlZC1zZWNyZXQtb25l"
local secret_body = json.encode { token = { 1, 2, "x" },
  list = { secret_text, json.encode { Password = "y" } } }
local names = { "password", "token" }

local function masked(method, text, ...)
  local shown = masker[method](masker, text, ...)
  assert(not shown:find("planted", 1, true) and shown:find("***", 1, true), shown)
end

local desired = [[local on = { Enabled = true, Ips = array {}, Weight = 1.5, Note = null }
  return { ["a.routes"] = { ["R-1"] = on, ["R-2"] = { a = { b = { c = ("x") .. 1 } } }, [new "main"] = on,
    ["R-1"] = on }, ["a.numbers"] = { ["+1"] = { Route = ref "main", Other = ref("a.routes", "main") } } }]]

-- Files of this user's alone. The last run leaves none behind.
local secret_file = os.tmpname()

local function use_own_files()
  assert(core.own_file.make_folders(secret_file))
  assert(core.own_file.replace(secret_file .. ".part", secret_file, "secret"))
  local file = assert(core.own_file.open(secret_file))
  assert(file:read(10) == "secret")
  file:close()
  assert(core.own_file.lock(secret_file)):close()
  assert(not core.own_file.open(secret_file .. "/none"))
  os.remove(secret_file)
end

local many = "[" .. ("{},"):rep(600) .. "{}]"
local long_path = ("/lines/{id}"):rep(60)
local long_pointer = "#/" .. ("a"):rep(300) .. "/~1b"

local others = {
  { "files of this user's alone", use_own_files },
  { "compile", function() core.schema.compile(description) end },
  { "type and record", function() record.new(record.type(schema, "routes", {}, fold, "Id"), "R-1") end },
  { "check", function() assert(core.schema.check(schema, { Name = "n", Ips = list, Free = decoded,
    New = 1, Codecs = codecs, Target = target, Limits = limits })) end },
  { "check what is wrong", function()
    for name, value in pairs { Codecs = { codecs, codecs }, Target = { type = "spi" },
      Limits = { a = 0.05 } } do
      assert(not core.schema.check(schema, { [name] = value }))
    end
  end },
  { "compare a union", function() assert(record.same(schema, "Target", target, { type = "PSTN",
    number = "+15551234567" })) end },
  { "compile for forms", function()
    core.schema.compile({ type = "object", properties = form_fields }, false, "form")
  end },
  { "check for a form", function() assert(core.schema.check(form_schema, { field_1 = "a" })) end },
  { "form.encode", function() assert(core.form.encode(json.encode(decoded.Tags))) end },
  { "form.encode of what is nested", function() assert(not core.form.encode(answer)) end },
  { "mask a form", function() form:body(("field_3=abc&x=s3cr3t&"):rep(50), { "field_3" }) end },
  { "evaluate a text", function() assert(core.isolated.evaluate(desired, {}, {}, 1e6, 1e7, 10)) end },
  { "find duplicates", function() assert(core.isolated.duplicates(desired)[1]) end },
  { "decode", function() assert(json.decode(answer)) end },
  { "decode with the order kept", function()
    local twice = answer:gsub("}$", ',"Name":"again","\\u0049d":1}')
    assert(#select(2, json.decode_ordered(twice)) == 2)
  end },
  { "decode more objects than a short text has", function() assert(json.decode(many)) end },
  { "document.template", function() assert(core.document.template(long_path)) end },
  { "document.pointer", function() assert(core.document.pointer(long_pointer)) end },
  { "document.spelling", function() assert(core.document.spelling(long_path)) end },
  { "document.first_in", function() assert(core.document.first_in(long_path, "no\nlines")) end },
  { "encode", function() assert(json.encode(decoded)) end },
  { "json.check", function() assert(json.check(answer)) end },
  { "find", function() assert(json.find(answer, "TrunkPort2")) end },
  { "a masker", function() core.mask.new(secrets) end },
  { "mask a text", function() masked("text", secret_text) end },
  { "mask a body", function() masked("body", secret_body, names) end },
  { "mask a body that was cut off", function() masked("body", secret_body:sub(1, -20), names) end },
  { "number", function() assert(json.number "123456789012345678901234567890") end },
}

return { operations = operations, readings = readings, others = others, fresh = fresh, seen = seen }
