-- The command patchbay as a program: its command line, its exit statuses, its streams and its signals. Each
-- test runs it as a process of its own.

local command = require "spec.support.command"
local system = require "spec.support.system"
local wait = require "spec.support.wait"

local VERSION = ("patchbay %s\n"):format(require("patchbay")._VERSION)

describe("the command patchbay", function()
  local lacks = command.lacks()
  if lacks then
    pending(lacks)
    return
  end

  local server

  setup(function() server = command.start() end)
  teardown(function() if server then server:stop() end end)
  before_each(function() server:reset() end)

  local function assert_usage(message, words, environment)
    local out, err, status = server:run(words, environment)
    assert.equal("patchbay: " .. message .. "\n", err)
    assert.equal("", out)
    assert.equal(64, status)
  end

  it("shows its version, its commands, and the help of each with examples", function()
    assert.equal(VERSION, (command.run "--version"))
    local out, err, status = command.run "--help"
    assert.equal(0, status)
    assert.equal("", err)
    for _, entry in ipairs(require("patchbay.command.commands").list) do
      assert.truthy(out:find(entry.name, 1, true), entry.name)
    end
    out = command.run "help list"
    assert.equal(out, (command.run "list --help"))
    assert.truthy(out:find("patchbay list telegent.numbers --query Filter=Active", 1, true), out)
  end)

  it("says what is misspelt, with what was meant, and sends nothing", function()
    assert_usage('there is no command "lsit"; did you mean "list"?', "lsit telegent.numbers")
    assert_usage('unknown option "--ouptut"; did you mean "--output"? (patchbay list --help explains it)',
      "list telegent.numbers --ouptut json")
    assert_usage('there is no account "telegnt" (/nonexistent/patchbay/accounts.lua does not exist); did you '
      .. 'mean "telegent"?', "list telegnt.numbers")
    assert_usage('telegent.number: telegent has no collection "number"; did you mean "numbers"?',
      "list telegent.number")
    assert_usage('"numbers": expected an account and a collection, such as telegent.voice_routes; known are '
      .. "convirza, crazytel, telegent", "list numbers")
    assert_usage('--fields: numbers has no field "Nmuber"; did you mean "Number"?',
      "list telegent.numbers --fields Nmuber")
    assert_usage('--query: the list of telegent.numbers has no parameter "Fliter"; did you mean "Filter"?',
      "list telegent.numbers --query Fliter=x")
    assert_usage("telegent.numbers.Number: expected a phone number with its country code, such as "
      .. '+18018018011, got "801"; it must begin with + and the country code', "get telegent.numbers 801")
    assert_usage("/none/a.lua: there is no such file of accounts", "check --accounts /none/a.lua")
    assert.same({}, server:control("GET", "requests"))
  end)

  it("asks for a command where there is none", function()
    local out, err, status = command.run ""
    assert.equal("", out)
    assert.equal(64, status)
    assert.truthy(err:find("^patchbay: which command%?\nUsage: patchbay COMMAND"), err)
  end)

  it("says what a word has to be one of", function()
    assert_usage('--output: expected "table", "json", "jsonl" or "csv", got "jsno"; did you mean "json"? '
      .. "(patchbay list --help explains it)", "list telegent.numbers -o jsno")
    assert_usage('missing argument "collection" (patchbay get --help explains it)', "get")
    assert_usage('option "-o" requires an argument (patchbay get --help explains it)', "get a.b -o")
  end)

  it("is in ASCII where the locale is", function()
    for _, words in ipairs { "--help", "help list", "describe telegent", "" } do
      local out, err = command.run(words, "export LC_ALL=C")
      assert.falsy((out .. err):find "[\128-\255]", words)
      assert.truthy(#out + #err > 100)
    end
  end)

  it("fails with the vendor's reason", function()
    local out, err, status = server:run "get telegent.numbers +18018018999"
    assert.equal("", out)
    assert.equal(1, status)
    assert.equal([[patchbay: telegent numbers.get +18018018999: not found (404): "Not found: it does not ]]
      .. [[exist or belongs to another account."]] .. "\n", err)
  end)

  it("names the missing credentials, and the file that could have them", function()
    local _, err, status = command.run("list telegent.numbers", "unset TELEGENT_ACCOUNT_KEY")
    assert.equal(1, status)
    assert.truthy(err:find("missing account_key", 1, true), err)
    assert.truthy(err:find("TELEGENT_ACCOUNT_SECRET", 1, true), err)
    assert.truthy(err:find("/nonexistent/patchbay/accounts.lua", 1, true), err)
  end)

  it("says nothing where nobody reads any more", function()
    for _, ignored in ipairs { "", "trap '' PIPE" } do
      local line = server:command("list telegent.numbers -o jsonl", ignored)
      local _, err = system.run(("{ %s; echo status $? >&2; } | true"):format(line))
      assert.equal("status 141\n", err)
    end
  end)

  it("fails where its output cannot be written", function()
    if not system.exists "/dev/full" then return end
    for _, words in ipairs { "list telegent.numbers", "--help", "get telegent.numbers +18018018011" } do
      local _, err, status = server:run(words .. " >/dev/full")
      assert.equal("patchbay: standard output cannot be written: No space left on device\n", err)
      assert.equal(1, status)
    end
  end)

  -- Ends a list while the vendor keeps it waiting.
  local function interrupted(signal)
    server:fail { delay = 60, match = "/v1.0/numbers*", times = "always" }
    local err = os.tmpname()
    -- A shell starts programs in the background with SIGINT ignored, and Lua would leave that so.
    local status = system.line(([==[
      python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp("sh", ["sh", "-c", sys.argv[1]])' %s 2>%s >/dev/null &
      pid=$!
      %s
      kill -%s $pid
      wait $pid
      echo $?]==]):format(system.quote((server:command "list telegent.numbers"):gsub("\n([^\n]*)$",
        "\nexec %1")), err, wait.SHELL .. ("\nwaits() { curl -sS --max-time 5 %s/_sandbox/requests "
        .. "| grep -q v1.0/numbers; }\nawait waits"):format(server.base_url), signal))
    local said = system.read(err)
    os.remove(err)
    return tonumber(status), said
  end

  for signal, status in pairs { INT = 130, TERM = 143 } do
    it(("ends with status %d at SIG%s"):format(status, signal), function()
      local got, said = interrupted(signal)
      assert.equal("patchbay: interrupted\n", said)
      assert.equal(status, got)
    end)
  end
end)

describe("the program bin/patchbay #slow", function()
  if command.lacks() then
    pending(command.lacks())
    return
  end

  local lua = "PATCHBAY_LUA=" .. system.quote(system.interpreter())

  it("works from any folder, by a link, and without variables for this checkout", function()
    local folder = system.line "mktemp -d"
    local out, err, status = system.run(("root=$PWD; ln -s $root/bin/patchbay %s/patchbay; cd /; "
      .. "unset LUA_PATH LUA_CPATH; %s/patchbay --version && PATH=%s:$PATH patchbay --version"):format(folder,
        folder, folder))
    os.execute("rm -rf " .. folder)
    assert.equal("", err)
    assert.equal(VERSION:rep(2), out)
    assert.equal(0, status)
  end)

  it("runs with the Lua that PATCHBAY_LUA names", function()
    local out, err = system.run(lua .. " bin/patchbay --version")
    assert.equal(VERSION, out, err)
    local _, why, status = system.run "PATCHBAY_LUA=/bin/echo bin/patchbay --version"
    assert.equal("patchbay: PATCHBAY_LUA: /bin/echo is no Lua that can be started\n", why)
    assert.equal(1, status)
  end)
end)
