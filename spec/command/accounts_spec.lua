-- The accounts of the command patchbay: accounts.lua, secrets that stand elsewhere, and the environment.

local command = require "spec.support.command"
local system = require "spec.support.system"

describe("the accounts of the command", function()
  if command.lacks() then
    pending(command.lacks())
    return
  end

  local server, folders

  setup(function() server = command.start() end)
  teardown(function() if server then server:stop() end end)
  before_each(function()
    folders = {}
    server:reset()
  end)
  after_each(function()
    for _, folder in ipairs(folders) do os.execute("rm -rf " .. folder) end
  end)

  -- The results of the command with this accounts.lua; KEY, SECRET and URL in it are the server's.
  local function run(words, text, mode)
    local key = server.exports:match "TELEGENT_ACCOUNT_KEY='([^']*)'"
    local secret = server.exports:match "TELEGENT_ACCOUNT_SECRET='([^']*)'"
    text = text:gsub("%u+", { KEY = key, SECRET = secret, URL = server.base_url })
    local folder, environment, path = command.accounts(text, mode)
    folders[#folders + 1] = folder
    local out, err, status = server:run(words, "unset TELEGENT_ACCOUNT_KEY TELEGENT_ACCOUNT_SECRET\n"
      .. "export own_pass=" .. secret .. "\n" .. environment)
    assert.falsy((out .. err):find(secret, 1, true), "the secret is shown")
    return out, err:gsub(system.quote(path):sub(2, -2):gsub("%p", "%%%0"), "FILE"), status
  end

  local function assert_works(text)
    local out, err, status = run("get main.numbers +18018018011 --fields Number -o jsonl", text)
    assert.equal("", err)
    assert.equal('{"Number":"+18018018011"}\n', out)
    assert.equal(0, status)
  end

  local function assert_refused(expected, text, words, mode)
    local out, err, status = run(words or "get main.numbers +18018018011", text, mode)
    assert.equal("patchbay: " .. expected .. "\n", err)
    assert.equal("", out)
    assert.truthy(status == 1 or status == 64)
    assert.same({}, server:control("GET", "requests"))
  end

  it("have names of their own, and the secrets stand in the file", function()
    assert_works [[return { main = { vendor = "telegent", account_key = "KEY", account_secret = "SECRET",
      base_url = "URL" } }]]
  end)

  it("get secrets out of a command, the environment or a file", function()
    assert_works [[return { main = { vendor = "telegent", account_key = "KEY",
      account_secret = { command = "printf '%s\nuser: me\n' $own_pass" }, base_url = "URL" } }]]
    assert_works [[return { main = { vendor = "telegent", account_key = "KEY",
      account_secret = { env = "own_pass" }, base_url = "URL" } }]]
    local path = os.tmpname()
    system.write(path, server.exports:match "TELEGENT_ACCOUNT_SECRET='([^']*)'", "\n")
    assert_works(([[return { main = { vendor = "telegent", account_key = "KEY",
      account_secret = { file = %q }, base_url = "URL" } }]]):format(path))
    os.remove(path)
  end)

  it("name what was meant by a misspelt option", function()
    assert_refused('FILE: main: no such option "vender"; did you mean "vendor"?',
      [[return { main = { vender = "telegent" } }]])
  end)

  it("leave standard input to the fields, whatever the command of a secret reads", function()
    local text = [[return { main = { vendor = "telegent", account_key = %q, base_url = %q,
      account_secret = { command = "cat; printf %%s $own_pass" } } }]]
    local folder, environment = command.accounts(text:format(
      server.exports:match "TELEGENT_ACCOUNT_KEY='([^']*)'", server.base_url))
    folders[#folders + 1] = folder
    local line = server:command("set main.voice_routes CRID-509de94f-79cc-429b-a317-2102654dabbb TrunkIp1=- "
      .. "--dry-run", "export own_pass=$TELEGENT_ACCOUNT_SECRET\n" .. environment)
    local out, err, status = system.run(("echo 192.0.2.7 | { %s\n}"):format(line))
    assert.equal("", err)
    assert.equal(2, status)
    assert.truthy(out:find('-> "192.0.2.7"', 1, true), out)
  end)

  it("say which secret cannot be had, and never show the command", function()
    local text = [[return { main = { vendor = "telegent", account_key = "KEY", account_secret = %s } }]]
    assert_refused("FILE: main.account_secret: the command: it gave nothing in its first line",
      text:format '{ command = "true SECRET" }')
    assert_refused('FILE: main.account_secret: the variable "NONE": it is not set',
      text:format '{ env = "NONE" }')
    assert_refused('FILE: main.account_secret: "comand" is no place to read it from; did you mean "command"?',
      text:format '{ comand = "true SECRET" }')
    assert_refused('FILE: main.account_secret: the file "/none": No such file or directory',
      text:format '{ file = "/none" }')
    if _VERSION == "Lua 5.1" then return end -- these do not tell
    assert_refused("FILE: main.account_secret: the command: it failed with status 3",
      text:format '{ command = "exit 3" }')
  end)

  it("are refused where others may read or write the file", function()
    for _, mode in ipairs { "0640", "0604", "0666" } do
      assert_refused(("FILE: it may hold secrets, and others may read or write it (mode %s); chmod 600 FILE")
        :format(mode), "return {}", nil, mode)
    end
  end)

  it("are refused with the place of a mistake, and without a value of the file", function()
    assert_refused("FILE:2: unexpected symbol near \"}\"", "return {\n main = } SECRET }")
    assert_refused("FILE: it returns nothing; it is a table of accounts: return { telegent = { account_key = "
      .. '"DID-…", account_secret = { command = "pass show telegent" } } }', "local x = 1")
    assert_refused("FILE: main: expected a table of options, got a string", 'return { main = "SECRET" }')
    assert_refused('FILE: accounts have names of letters, digits, "_" and "-", got "a.b"',
      'return { ["a.b"] = {} }')
    assert_refused('FILE: main.vendor: there is no vendor "telegnt"; did you mean "telegent"?; for a vendor '
      .. 'of your own, give the path of its description, such as "telegnt.lua"',
      'return { main = { vendor = "telegnt" } }')
    assert_refused('FILE: main: telegent: option timeuot: no such option; did you mean "timeout"?',
      'return { main = { vendor = "telegent", account_key = "K", account_secret = "SECRET", timeuot = 1 } }')
    assert_refused('there is no account "mian" in FILE; did you mean "main"?', "return { main = {} }",
      "get mian.numbers +18018018011")
  end)

  it("name files from the folder of the file, wherever the command is started", function()
    local folder, environment, path = command.accounts(([[return { main = { vendor = "telegent",
      account_key = %q, account_secret = { file = "own.secret" }, base_url = %q } }]]):format(
      server.exports:match "TELEGENT_ACCOUNT_KEY='([^']*)'", server.base_url))
    folders[#folders + 1] = folder
    system.write(path:gsub("accounts.lua$", "own.secret"),
      server.exports:match "TELEGENT_ACCOUNT_SECRET='([^']*)'", "\n")
    local out, err = server:run("get main.numbers +18018018011 --fields Number -o jsonl", environment)
    assert.equal("", err)
    assert.equal('{"Number":"+18018018011"}\n', out)
  end)

  it("are not given libraries: the file is data", function()
    assert_refused('FILE:1: no such name "os"; a secret of the environment is { env = "NAME" }, one that a '
      .. 'command prints { command = "…" }',
      'return { main = os.getenv "HOME" }')
  end)

  it("may be of a vendor that a description beside the file describes", function()
    local text = [[return { main = { vendor = "./own.lua", api_key = "SECRET" } }]]
    local folder, environment, path = command.accounts(text)
    folders[#folders + 1] = folder
    os.execute("cp examples/vendors/telnyx.lua " .. path:gsub("accounts.lua$", "own.lua"))
    os.execute("chmod 644 " .. path:gsub("accounts.lua$", "own.lua"))
    local out, err, status = command.run("describe main.number_voice_settings", environment)
    assert.equal("", err)
    assert.truthy(out:find("number_voice_settings", 1, true), out)
    assert.equal(0, status)
    os.execute("chmod 666 " .. path:gsub("accounts.lua$", "own.lua"))
    out, err, status = command.run("describe main.number_voice_settings", environment)
    assert.equal("", out)
    assert.truthy(err:find("others may write it (mode 0666); chmod go-w", 1, true), err)
    assert.equal(1, status)
  end)

  it("of the environment are there for vendors that the file does not name", function()
    local out, err, status = server:run("check telegent -o json")
    assert.equal("", err)
    assert.truthy(out:find('"state":"ok"', 1, true), out)
    assert.equal(0, status)
  end)

  it("give their names to the collections that describe lists", function()
    local out, err, status = run("describe main", [[return { main = { vendor = "telegent" } }]])
    assert.same({ "", 0 }, { err, status })
    assert.truthy(out:find("\n  main.voice_routes ", 1, true), out)
    assert.is_nil(out:find("telegent.voice_routes", 1, true))
    out = run("describe main.voice_routes.TrunkIp1", [[return { main = { vendor = "telegent" } }]])
    assert.truthy(out:find("^main.voice_routes.TrunkIp1: "), out)
  end)

  it("hold records without keys, too, which the command names as a shell does", function()
    local folder, environment = command.accounts(([[return { tt = {
      vendor = "%s/examples/vendors/twilio_trunking.lua", account_sid = "AC%s", auth_token = "x",
      base_url = %q } }]]):format(system.line "pwd", ("0"):rep(32), server.base_url))
    folders[#folders + 1] = folder
    for words, message in pairs {
      ["get tt.recordings"] = "tt.recordings: its records lie within TrunkSid; write "
        .. "'tt.recordings[TrunkSid=…]'",
      ["list 'tt.recordings[TrunkSid=TK" .. ("0"):rep(32) .. "]'"] =
        "recordings: it is one record, which has no key; patchbay get and patchbay set take it",
    } do
      local _, err, status = server:run(words, environment)
      assert.same({ "patchbay: " .. message .. "\n", 64 }, { err, status })
    end
    assert.same({}, server:control("GET", "requests"))
  end)
end)
