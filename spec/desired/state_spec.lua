-- The state file: what the last apply sent, as keyed digests, and the keys of records that were created.

local core = require "patchbay.core"
local patchbay = require "patchbay"
local server = require "spec.support.server"
local states = require "patchbay.desired.state"
local system = require "spec.support.system"
local wait = require "spec.support.wait"

local read, write, exists = system.read, system.write, system.exists

local ADDRESS, FULL = "telegent.voice_routes CRID-1", "telegent.voice_routes"

local paths = {}

local function new_path()
  local path = os.tmpname()
  os.remove(path)
  paths[#paths + 1] = path
  return path
end

local function client(options)
  local given = { account_key = "DID-1", account_secret = "a-made-up-secret" }
  for name, value in pairs(options or {}) do given[name] = value end
  return patchbay.telegent(given)
end

local function open(place, options, write_it)
  return states.open(place, { telegent = client(options) }, { write = write_it })
end

-- Opens the state for writing, hands it to `body`, and closes it.
local function with(place, body, options)
  local state = assert(open(place, options, true))
  body(state)
  state:close()
end

local function without_times(text) return (text:gsub("%d+%-%d+%-%d+T%d+:%d+:%d+Z", "TIME")) end

-- A refusal says `why`, and leaves the file as it was.
local function refuses(path, why, options)
  local before = read(path)
  for _, write_it in ipairs { false, true } do
    local state, err = open(path, options, write_it)
    assert.is_nil(state)
    assert.equal(path .. ": " .. why, err.message)
    assert.equal("not_sent", err.outcome)
  end
  assert.equal(before, read(path))
end

-- A place of a script's own: `text` is what it holds.
local function object()
  local made = { text = nil, calls = {} }
  function made.read(self) return self.text end
  function made.append(self, text)
    self.calls[#self.calls + 1] = "append"
    self.text = (self.text or "") .. text
    return true
  end
  function made.replace(self, text)
    self.calls[#self.calls + 1] = "replace"
    self.text = text
    return true
  end
  return made
end

after_each(function()
  for _, path in ipairs(paths) do
    os.remove(path)
    os.remove(path .. ".part")
  end
  paths = {}
end)
teardown(server.stop_all)

describe("a state", function()
  it("knows what was sent, by field, and how it compares with another value", function()
    local path = new_path()
    with(path, function(state) state:remember(ADDRESS, { TrunkIp1 = "192.0.2.1", TrunkEnabled1 = false }) end)
    local state = assert(open(path))
    assert.equal("same", state:compare(ADDRESS, "TrunkIp1", "192.0.2.1"))
    assert.equal("other", state:compare(ADDRESS, "TrunkIp1", "192.0.2.2"))
    assert.equal("same", state:compare(ADDRESS, "TrunkEnabled1", false))
    assert.is_nil(state:compare(ADDRESS, "TrunkIp2", "192.0.2.1"))
    assert.is_nil(state:compare("telegent.voice_routes CRID-2", "TrunkIp1", "192.0.2.1"))
    assert.is_nil(state:compare("other.voice_routes CRID-1", "TrunkIp1", "192.0.2.1"))
  end)

  it("compares objects member by member, and a list as a whole", function()
    local path, address = new_path(), "telegent.voice_routes CRID-7"
    with(path, function(state) state:remember(address, { config = { a = 1, b = { c = { "x", "y" } } } }) end)
    local state = assert(open(path))
    assert.equal("same", state:compare(address, "config", { b = { c = { "x", "y" } }, a = 1 }))
    assert.equal("same", state:compare(address, "config.b.c", { "x", "y" }))
    assert.equal("other", state:compare(address, "config.b.c", { "y", "x" }))
    assert.equal("other", state:compare(address, "config", { a = 2 }))
    assert.is_nil(state:compare(address, "config", { a = 1, d = 1 }))
  end)

  it("does not mind the order of a list whose order does not count", function()
    local path = new_path()
    with(path, function(state)
      state:remember(ADDRESS, { IpWhitelist = { { IpAddress = "192.0.2.1" }, { IpAddress = "192.0.2.2" } } })
    end)
    local state = assert(open(path))
    assert.equal("same", state:compare(ADDRESS, "IpWhitelist", { { IpAddress = "192.0.2.2" },
      { IpAddress = "192.0.2.1" } }))
    assert.equal("other", state:compare(ADDRESS, "IpWhitelist", { { IpAddress = "192.0.2.2" } }))
  end)

  it("takes 1.0 for 1, on every Lua", function()
    local path = new_path()
    with(path, function(state) state:remember(ADDRESS, { Trunk1Weight = 1.0, list = { 2.0 } }) end)
    local state = assert(open(path))
    assert.equal("same", state:compare(ADDRESS, "Trunk1Weight", 1))
    assert.equal("same", state:compare(ADDRESS, "list", { 2 }))
  end)

  it("is JSON lines without a value, a secret or anything of the credentials", function()
    local path = new_path()
    with(path, function(state)
      state:remember(ADDRESS, { VoicePasswordToken = "a-made-up-password", TrunkIp1 = "192.0.2.1" })
      state:creating(FULL, "main trunk")
      state:created(FULL, "main trunk", "CRID-9")
    end)
    local text = without_times(read(path))
    local first, account = text:match "^([^\n]*)\n([^\n]*)\n"
    assert.equal(('{"patchbay_state":1,"version":"%s","at":"TIME"}'):format(patchbay._VERSION), first)
    assert.truthy(account:find('^{"account":"telegent","vendor":"telegent",'))
    assert.truthy(text:find('{"creating":"main trunk","in":"telegent.voice_routes","at":"TIME"}', 1, true))
    assert.truthy(text:find('{"created":"main '
      .. 'trunk","in":"telegent.voice_routes","key":"CRID-9","at":"TIME"}', 1,
      true))
    for _, secret in ipairs { "a-made-up-password", "192.0.2.1", "a-made-up-secret", "DID-1",
      core.journal.digest("192.0.2.1"):sub(1, 16) } do
      assert.is_nil(text:find(secret, 1, true))
    end
  end)

  it("gives the same value another digest in another field, record and account", function()
    local seen = {}
    for _, secret in ipairs { "one-made-up-secret", "another-made-up-secret" } do
      local state = states.none { telegent = client { account_secret = secret } }
      for _, address in ipairs { ADDRESS, "telegent.voice_routes CRID-2" } do
        for _, field in ipairs { "TrunkIp1", "TrunkIp2" } do
          local digest = state:digest(state.contexts.telegent, "192.0.2.1", address, field)
          assert.truthy(digest:find "^%x+$" and #digest == 32)
          assert.is_nil(seen[digest])
          seen[digest] = true
        end
      end
    end
  end)

  it("has HMAC-SHA-256 as RFC 4231 gives it", function()
    local hmac = core.journal.hmac
    assert.equal("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
      hmac("Jefe", "what do ya want for nothing?"))
    assert.equal("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
      hmac(("\11"):rep(20), "Hi There"))
    assert.equal("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
      hmac(("\170"):rep(131), "Test Using Larger Than Block-Size Key - Hash Key First"))
  end)

  it("remembers the key of a created record, a creation that was begun, and one that was refused", function()
    local path = new_path()
    local function known(name)
      local state = assert(open(path))
      return { state:key_of(FULL, name) }
    end
    with(path, function(state) state:creating(FULL, "a") end)
    assert.same({ nil, "begun" }, known "a")
    with(path, function(state) state:created(FULL, "a", "CRID-1") end)
    assert.same({ "CRID-1" }, known "a")
    with(path, function(state)
      state:creating(FULL, "b")
      state:not_created(FULL, "b")
      state:created("telegent.other", "c", 7)
    end)
    assert.same({}, known "b")
    assert.same({}, known "c")
    assert.equal(7, (assert(open(path)):key_of("telegent.other", "c")))
  end)

  it("forgets what was sent to a record that has been deleted", function()
    local path = new_path()
    with(path, function(state)
      state:remember(ADDRESS, { TrunkIp1 = "192.0.2.1" })
      state:forget(ADDRESS)
    end)
    assert.is_nil(assert(open(path)):sent(ADDRESS, "TrunkIp1"))
  end)

  it("is read while an apply writes it, and written by one apply at a time", function()
    local path = new_path()
    with(path, function(state)
      state:remember(ADDRESS, { TrunkIp1 = "192.0.2.1" })
      assert.equal("same", assert(open(path)):compare(ADDRESS, "TrunkIp1", "192.0.2.1"))
      local second, err = open(path, nil, true)
      assert.is_nil(second)
      assert.same({ "conflict", "not_sent", path .. ": another apply is using it, in this process or "
        .. "another; wait for its end (wait = SECONDS), or use another state file" },
        { err.kind, err.outcome, err.message })
    end)
    with(path, function() end)
  end)

  it("lets go of a file whose apply has ended without closing it", function()
    local path = new_path()
    assert(open(path, nil, true)):remember(ADDRESS, { TrunkIp1 = "192.0.2.1" })
    with(path, function() end)
  end)

  it("is for its user's eyes alone, and made when the first line is written", function()
    local path = new_path()
    assert(open(path))
    assert.is_false(exists(path))
    with(path, function(state) state:remember(ADDRESS, { TrunkIp1 = "192.0.2.1" }) end)
    assert.equal("-rw-------", system.output("ls -l " .. path):sub(1, 10))
  end)
end)

describe("a state of other credentials", function()
  it("knows nothing of what was sent, says so, and keeps the names", function()
    local path = new_path()
    with(path, function(state)
      state:remember(ADDRESS, { TrunkIp1 = "192.0.2.1" })
      state:created(FULL, "main", "CRID-9")
    end)
    local changed = { account_secret = "a-new-made-up-secret" }
    local state = assert(open(path, changed))
    assert.same({ "telegent: its credentials have changed since the last apply, so what was sent is not "
      .. "known any more; "
      .. "fields that cannot be read are sent when forced" }, state.notes)
    assert.is_nil(state:compare(ADDRESS, "TrunkIp1", "192.0.2.1"))
    assert.equal("CRID-9", (state:key_of(FULL, "main")))
    with(path, function(other) other:remember(ADDRESS, { TrunkIp2 = "192.0.2.2" }) end, changed)
    local later = assert(open(path, changed))
    assert.same({}, later.notes)
    assert.is_nil(later:compare(ADDRESS, "TrunkIp1", "192.0.2.1"))
    assert.equal("same", later:compare(ADDRESS, "TrunkIp2", "192.0.2.2"))
  end)

  it("is refused where they are another account's, or another vendor's address", function()
    local path = new_path()
    with(path, function(state) state:remember(ADDRESS, { TrunkIp1 = "192.0.2.1" }) end)
    local _, err = open(path, { account_key = "DID-2" })
    assert.truthy(err.message:find(
      'written for the account "telegent" (telegent at https://api.telegent.com, account ', 1, true))
    assert.truthy(err.message:find("use that account, or another file: state = …", 1, true))
    assert.truthy(select(2, open(path, { base_url = "https://other.example" })))
  end)

  it("does not tell a new key from another account, where the key is all there is", function()
    local path = new_path()
    local function of(key, write_it)
      return assert(states.open(path, { crazytel = patchbay.crazytel { api_key = key } },
        { write = write_it }))
    end
    local state = of("a-made-up-key", true)
    state:remember("crazytel.sip_trunks x", { enabled = true })
    state:close()
    assert.equal("same", of("a-made-up-key"):compare("crazytel.sip_trunks x", "enabled", true))
    local other = of "another-made-up-key"
    assert.is_nil(other:compare("crazytel.sip_trunks x", "enabled", true))
    assert.equal(1, #other.notes)
  end)

  it("has several accounts, and compares each with its own", function()
    local path = new_path()
    local function clients(secret)
      return { a = client(), ["a.b"] = client { account_key = "DID-2", account_secret = secret } }
    end
    local state = assert(states.open(path, clients "a-made-up-secret", { write = true }))
    state:remember("a.voice_routes CRID-1", { TrunkIp1 = "192.0.2.1" })
    state:remember("a.b.voice_routes CRID-1", { TrunkIp1 = "192.0.2.1" })
    state:close()
    state = assert(states.open(path, clients "a-new-made-up-secret"))
    assert.equal("same", state:compare("a.voice_routes CRID-1", "TrunkIp1", "192.0.2.1"))
    assert.is_nil(state:compare("a.b.voice_routes CRID-1", "TrunkIp1", "192.0.2.1"))
  end)

  it("remembers nothing of a client without credentials, and says so", function()
    local transport = { send = function() end, sleep = function() end, now = function() return 0 end }
    local convirza = patchbay.convirza { tokens = { access_token = "a-made-up-token" },
      transport = transport }
    local path = new_path()
    local state = assert(states.open(path, { convirza = convirza }, { write = true }))
    state:remember("convirza.provisioned_routes 1", { sms_enabled = true })
    assert.is_nil(state:compare("convirza.provisioned_routes 1", "sms_enabled", true))
    assert.truthy(state.notes[1]:find("no credentials to make digests with", 1, true))
    state:close()
  end)
end)

describe("a state file", function()
  it("that another version wrote is refused with that version", function()
    local path = new_path()
    write(path, '{"patchbay_state":2,"version":"7.1.0","at":"2030-01-01T00:00:00Z"}\n{"unheard":"of"}\n')
    refuses(path, "written by Patchbay 7.1.0 (state format 2, this one knows 1); use that version, or "
      .. "another file")
    write(path, '{"patchbay_state":3}\n')
    refuses(path, "written by a later Patchbay (state format 3, this one knows 1); use that version, or "
      .. "another file")
  end)

  it("that is none is left as it is", function()
    local path = new_path()
    for _, text in ipairs { "return {}", '{"patchbay_journal":2}\n', "\n", "\0\0\0\0" } do
      write(path, text)
      refuses(path, "this is not a state, and was left as it is; use another file")
    end
    write(path, '{"patchbay_state":"x"}\n')
    refuses(path, "line 1 is damaged; use another file")
    write(path, '{"patchbay_state":1}\n{"unheard":"of"}\n')
    refuses(path, "line 2 is not one that a state has; use another file")
    write(path, '{"patchbay_state":1}\n[]\n')
    refuses(path, "line 2 is not one that a state has; use another file")
  end)

  it("that is damaged in the middle says which line to delete", function()
    local path = new_path()
    with(path, function(state) state:remember(ADDRESS, { TrunkIp1 = "192.0.2.1" }) end)
    local text = read(path)
    write(path, (text:gsub('"sent"', 'sent"')) .. '{"forget":"x"}\n')
    local _, err = open(path)
    assert.truthy(err.message:find(": line 3 is damaged (", 1, true))
    assert.truthy(err.message:find("delete the line to have it forgotten, or use another file", 1, true))
  end)

  it("that cannot be opened says why", function()
    local folder = system.line "mktemp -d"
    local _, err = open(folder, nil, true)
    assert.equal(folder .. ": cannot be opened: Is a directory", err.message)
    _, err = open(folder .. "/missing/state", nil, true)
    assert.equal(folder .. "/missing/state: cannot be opened: its folder does not exist", err.message)
    os.remove(folder)
    for _, place in ipairs { "", "a\0b", 7, {} } do
      _, err = open(place)
      assert.same({ "invalid", "not_sent" }, { err.kind, err.outcome })
    end
  end)

  it("that was torn anywhere holds what its whole lines say, and is written on", function()
    local path = new_path()
    with(path, function(state)
      for i = 1, 3 do state:remember("telegent.voice_routes CRID-" .. i, { TrunkIp1 = "192.0.2." .. i }) end
    end)
    local text = read(path)
    for size = 0, #text do
      write(path, text:sub(1, size))
      local _, whole = text:sub(1, size):gsub("\n", "")
      with(path, function(state)
        for i = 1, 3 do
          assert.equal(i <= whole - 2 and "same" or nil,
            state:compare("telegent.voice_routes CRID-" .. i, "TrunkIp1", "192.0.2." .. i))
        end
        state:remember(ADDRESS, { TrunkPort1 = "5060" })
      end)
      assert.equal("same", assert(open(path)):compare(ADDRESS, "TrunkPort1", "5060"))
    end
  end)

  it("is made shorter when most of its lines are dead, and means the same", function()
    local path = new_path()
    with(path, function(state)
      for i = 1, 1200 do state:remember(ADDRESS, { TrunkPort1 = tostring(i) }) end
      state:created(FULL, "main", "CRID-9")
      state:creating(FULL, "other")
    end)
    system.output("chmod 640 " .. path)
    local before = #read(path)
    with(path, function(state) state:remember(ADDRESS, { TrunkPort2 = "1" }) end)
    assert.truthy(#read(path) < before / 100)
    local state = assert(open(path))
    assert.equal("same", state:compare(ADDRESS, "TrunkPort1", "1200"))
    assert.equal("same", state:compare(ADDRESS, "TrunkPort2", "1"))
    assert.equal("CRID-9", (state:key_of(FULL, "main")))
    assert.same({ nil, "begun" }, { state:key_of(FULL, "other") })
    assert.is_false(exists(path .. ".part"))
    assert.equal("-rw-r-----", system.output("ls -l " .. path):sub(1, 10))
  end)

  it("stays locked while it is made shorter", function()
    local path = new_path()
    with(path, function(state)
      for i = 1, 1200 do state:remember(ADDRESS, { TrunkPort1 = tostring(i) }) end
    end)
    with(path, function(state)
      state:remember(ADDRESS, { TrunkPort2 = "1" })
      assert.equal("conflict", select(2, open(path, nil, true)).kind)
      state:remember(ADDRESS, { TrunkPort2 = "2" })
    end)
    assert.equal("same", assert(open(path)):compare(ADDRESS, "TrunkPort2", "2"))
  end)

  it("ends the apply when it cannot be written", function()
    local path = new_path()
    local state = assert(open(path, nil, true))
    os.remove(path)
    local ok, err = pcall(state.remember, state, ADDRESS, { TrunkIp1 = "192.0.2.1" })
    assert.is_false(ok)
    assert.equal(path .. ": the state cannot be written (it has been deleted meanwhile); the apply cannot go "
      .. "on, for "
      .. "what it does would be forgotten; start it again once that is mended", tostring(err))
    state:close()
  end)

  it("loses nothing that was recorded when the process is killed", function()
    local path, script, out = new_path(), new_path(), new_path()
    write(script, [[
      local patchbay, states = require "patchbay", require "patchbay.desired.state"
      local path, out, from = ...
      local client = patchbay.telegent { account_key = "DID-1", account_secret = "a-made-up-secret" }
      local state = assert(states.open(path, { telegent = client }, { write = true }))
      local file = io.open(out, "a")
      file:setvbuf "no"
      for i = tonumber(from), 1e9 do
        state:remember("telegent.voice_routes CRID-" .. i % 50, { TrunkPort1 = tostring(i) })
        file:write(i, "\n")
      end]])
    local function last() return tonumber((read(out) or ""):match "(%d+)\n[^\n]*$") or 0 end
    write(out, "")
    for round = 1, 6 do
      local from, most = last() + 1, 400 * (round % 3 + 1)
      local printed = system.output(([[
        exec 2>&1
        %s
        reached() { [ "$(wc -l < %s)" -ge %d ] || ! kill -0 $pid; }
        "$lua" %s %s %s %d & pid=$!
        await reached; kill -KILL $pid; { wait $pid; } 2>/dev/null]]):format(wait.SHELL, out, from + most,
          script, path,
        out, from))
      assert.equal("", printed)
      local at = last()
      local address = "telegent.voice_routes CRID-" .. at % 50
      with(path, function(state)
        -- The line after the last one that was counted may have been written as well.
        local next_one = state:compare(address, "TrunkPort1", tostring(at + 50)) == "same"
        assert.truthy(next_one or state:compare(address, "TrunkPort1", tostring(at)) == "same")
      end)
    end
  end)
end)

describe("a state in an object of the script", function()
  it("is read, appended to, and replaced where its last line is torn", function()
    local place = object()
    with(place, function(state) state:remember(ADDRESS, { TrunkIp1 = "192.0.2.1" }) end)
    assert.same({ "append", "append" }, place.calls)
    place.text, place.calls = place.text .. '{"rec', {}
    with(place, function(state)
      assert.equal("same", state:compare(ADDRESS, "TrunkIp1", "192.0.2.1"))
      state:remember(ADDRESS, { TrunkIp1 = "192.0.2.2" })
    end)
    assert.same({ "replace", "append" }, place.calls)
    assert.equal("same", assert(open(place)):compare(ADDRESS, "TrunkIp1", "192.0.2.2"))
  end)

  it("says what its methods return that is wrong", function()
    local place = object()
    place.read = function() return nil, "no such bucket" end
    assert.equal("the state: cannot be read: no such bucket", select(2, open(place)).message)
    place.read = function() return 7 end
    assert.equal("the state: its read() returned 7 instead of a text", select(2, open(place)).message)
    for said, returned in pairs { quota = "quota", ["its append() did not return true"] = false } do
      place = object()
      place.append = function() return nil, returned or nil end
      local ok, err = pcall(with, place, function(state)
        state:remember(ADDRESS, { TrunkIp1 = "192.0.2.1" })
      end)
      assert.is_false(ok)
      assert.truthy(tostring(err):find(("the state cannot be written (%s)"):format(said), 1, true), err)
    end
    assert.equal('the state: expected a path, or an object with read, append and replace; it has no function '
      .. '"replace"', select(2, open { read = print, append = print }).message)
  end)
end)
