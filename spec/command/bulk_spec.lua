-- patchbay bulk: the check of the file, the journal, the failures, and a run that is killed and resumed.

local command = require "spec.support.command"
local core = require "patchbay.core"
local system = require "spec.support.system"

local ROUTE = "CRID-509de94f-79cc-429b-a317-2102654dabbb"

describe("patchbay bulk", function()
  local lacks = command.lacks()
  if lacks then
    pending(lacks)
    return
  end

  local server, folder

  setup(function()
    server = command.start { requests_kept = 10000, telegent = { rate_limit = 1e6, numbers = 500 } }
  end)
  teardown(function() if server then server:stop() end end)
  before_each(function()
    server:reset()
    folder = system.line "mktemp -d"
  end)
  after_each(function() os.execute("rm -rf " .. folder) end)

  local function run(words, environment) return server:run((words:gsub("@/", folder .. "/")), environment) end
  local function write(name, ...) system.write(folder .. "/" .. name, ...) end
  local function read(name) return system.read(folder .. "/" .. name) end
  local function has(text, words) assert.truthy(text:find(words, 1, true), text) end

  local BULK = "bulk telegent.numbers @/numbers.csv --key number --set VoiceRouteId=route "

  local THREE = "number,route,note\n+18018018011," .. ROUTE .. ",a\n+18018018012,,b\n+18018018013," .. ROUTE
    .. ",c\n"

  it("shows what it would send with --dry-run, and exits with 2", function()
    write("numbers.csv", THREE)
    local out, err, status = run(BULK .. "--dry-run")
    assert.equal("", err)
    assert.equal(2, status)
    assert.equal(("~ telegent.numbers: 2 records of %s/numbers.csv\n"
      .. "    sets VoiceRouteId from the column route\n"
      .. "      +18018018011   VoiceRouteId = %s\n"
      .. "      +18018018013   VoiceRouteId = %s\n"
      .. "    1 row has no value, and changes nothing\n"):format(folder, ROUTE, ROUTE), out)
    assert.same({}, server:control("GET", "requests"))
    assert.is_nil(read "numbers.journal")
  end)

  it("sends each row once, and not again by the same command line", function()
    write("numbers.csv", THREE)
    local out, err, status = run(BULK .. "--set VoiceEnabled:=true --yes")
    assert.equal("", err)
    assert.equal(0, status)
    has(out, "3 done, 0 failed")
    assert.equal(3, #server:changes())
    out, err, status = run(BULK .. "--set VoiceEnabled:=true --yes")
    assert.equal("", err)
    assert.equal(0, status)
    has(out, "all of it is done already")
    assert.equal(3, #server:changes())
  end)

  it("writes the rows that failed as CSV, which can be given again", function()
    write("numbers.csv", THREE .. "+18018018999," .. ROUTE .. ',"d, e"\n')
    local out, err, status = run(BULK .. "--yes")
    assert.equal(1, status)
    has(out, "2 done, 1 failed")
    has(err, ("the rows that failed are in %s/numbers.failures.csv"):format(folder))
    has(read "numbers.failures.csv", "number,route,note,error_kind,error_outcome,error_message\n"
      .. "+18018018999," .. ROUTE .. ',"d, e",not_found,refused,')
    write("numbers.failures.csv", (read "numbers.failures.csv":gsub("8999", "8014")))
    out, err, status = run("bulk telegent.numbers @/numbers.failures.csv --key number "
      .. "--set VoiceRouteId=route --yes")
    assert.equal(0, status, out .. err)
    has(out, "1 done")
  end)

  it("names all mistakes of a file and a command line at once, and sends nothing", function()
    write("numbers.csv", "number,route\n+18018018011,x\n801," .. ROUTE .. "\n+18018018011," .. ROUTE
      .. "\n,\n")
    local _, err, status = run(BULK .. "--yes")
    assert.equal(64, status)
    has(err, "4 faults; nothing was sent")
    has(err, "numbers.csv:2: VoiceRouteId: ")
    has(err, "numbers.csv:3: numbers.Number: expected a phone number")
    has(err, "numbers.csv:4: +18018018011 is in line 2 already; a record stands in one row")
    has(err, "numbers.csv:5: no key: number is empty")
    for words, message in pairs {
      ["bulk telegent.numbers @/numbers.csv --key nmber --set VoiceRouteId=route"] =
        'it has no column "nmber" for the key; did you mean "number"?',
      ["bulk telegent.numbers @/numbers.csv --key number --set VoiceRouteId=rout"] =
        'it has no column "rout"; did you mean "route"?',
      ["bulk telegent.numbers @/numbers.csv --key number --set VoiceRoute=route"] =
        'no such field; did you mean "VoiceRouteId"?',
      ["bulk telegent.numbers @/nmbers.csv --key number --set VoiceRouteId=route"] =
        "did you mean \"" .. folder .. '/numbers.csv"?',
      ["bulk telegent.numbers @/numbers.csv"] =
        'it has no column "Number" for the key; did you mean "number"?',
      ["bulk telegent.numbers @/numbers.csv --rate soon"] = "--rate: expected requests per second",
      ["bulk telegent.numbers @/numbers.csv --concurrency 0"] = "--concurrency: expected a whole number",
    } do
      _, err, status = run(words .. " --yes")
      assert.equal(64, status, words)
      has(err, message)
    end
    assert.same({}, server:control("GET", "requests"))
  end)

  it("takes another separator, and says that there seems to be one", function()
    write("numbers.csv", "number;route\n+18018018011;" .. ROUTE .. "\n")
    local _, err, status = run(BULK .. "--yes")
    assert.equal(64, status)
    has(err, "with --separator ';' it would be several")
    local out
    out, err, status = run(BULK .. "--separator ';' --dry-run")
    assert.equal(2, status, out .. err)
  end)

  it("takes all columns as fields where none is named", function()
    write("numbers.csv", "Number,VoiceEnabled\n+18018018011,FALSE\n")
    local out, err, status = run "bulk telegent.numbers @/numbers.csv --yes --changed-only -o json"
    assert.equal(0, status, out .. err)
    has(out, '"done":1')
    has(server:changes()[1], '"VoiceEnabled":false')
  end)

  it("keeps a value that stands for all records out of the journal", function()
    write("routes.csv", "id\nCRID-509de94f-79cc-429b-a317-2102654dabbb\n")
    write("token", '"dogs3cretcat"\n')
    local out, err, status = run("bulk telegent.voice_routes @/routes.csv --key id "
      .. "--set VoicePasswordToken:=@@/token --yes")
    assert.equal(0, status, out .. err)
    has(server:changes()[1], "dogs3cretcat")
    assert.is_nil((out .. err .. read "routes.journal"):find("s3cret", 1, true))
  end)

  for _, signal in ipairs { { "INT", 130 }, { "TERM", 143 }, { "HUP", 129 } } do
    it(("ends with %d at SIG%s, and the same command line sends the rest, each once"):format(signal[2],
      signal[1]), function()
      local ROWS = 30
      local lines = { "number,route\n" }
      for i = 11, 10 + ROWS do lines[#lines + 1] = ("+180180180%d,%s\n"):format(i, ROUTE) end
      write("numbers.csv", table.concat(lines))
      -- The two behind the fourth keep it waiting.
      server:fail { match = "/v1.0/numbers/update", delay = 4, after = 4, times = 2 }
      local words = (BULK .. "--yes --concurrency 2"):gsub("@/", folder .. "/")
      assert.equal(signal[2], command.signalled(server:command(words), folder, signal[1], function()
        return #server:changes() >= 4
      end))
      assert.equal("patchbay: interrupted; the same command line finishes the rest\n", read "err")
      local before = #server:changes()
      assert.is_true(before < ROWS, "it was ended too late")
      has(read "out", ("%d done, 0 failed"):format(before))
      local out, err, status = run(words)
      assert.equal(0, status, out .. err)
      -- Those in flight were waited for: none is sent twice.
      assert.equal(ROWS, #server:changes())
    end)
  end

  it("checks the columns of a file without rows, and has nothing to do", function()
    write("numbers.csv", "number,route\n")
    local out, err, status = run(BULK .. "--yes -o json")
    assert.equal("", err)
    assert.equal(0, status)
    has(out, '"done":0')
    write("numbers.csv", "number,rout\n")
    out, err, status = run(BULK .. "--yes")
    assert.equal("", out)
    assert.equal(64, status)
    has(err, 'it has no column "route"; did you mean "rout"?')
    assert.same({}, server:control("GET", "requests"))
  end)

  it("shows control characters of a file as escapes", function()
    write("numbers.csv", "number,a\27[31m\n1\n")
    local _, err, status = run(BULK .. "--yes")
    assert.equal(64, status)
    has(err, "\\x1B[31m")
    assert.is_nil(err:find("\27", 1, true))
  end)

  it("fails, and does not call the command line wrong, while another run has the journal", function()
    write("numbers.csv", THREE)
    local lock = assert(core.journal.open(folder .. "/numbers.journal", true))
    local _, err, status = run(BULK .. "--yes")
    lock:close()
    assert.equal(1, status)
    has(err, "wait for its end, or name another one with --journal")
    assert.same({}, server:changes())
  end)

  it("refuses a pipe, which cannot be read twice", function()
    write("numbers.csv", THREE)
    local line = server:command(((BULK .. "--yes"):gsub("@/numbers.csv", "/dev/stdin")))
    local _, err, status = system.run(("cat %s/numbers.csv | { %s\n}"):format(folder, line))
    assert.equal(64, status)
    assert.equal("patchbay: /dev/stdin: this is read twice, so it has to be a file; write what the pipe "
      .. "gives into one\n", err)
    assert.same({}, server:control("GET", "requests"))
  end)

  it("is killed within 500 rows, and the same command line sends the rest, each once #slow", function()
    local ROWS = 500
    local lines = { "number,route\n" }
    for number in pairs(server:state().telegent.numbers) do
      lines[#lines + 1] = number .. "," .. ROUTE .. "\n"
    end
    assert.equal(ROWS + 1, #lines)
    write("numbers.csv", table.concat(lines))
    -- It is killed long before it comes to those that keep it waiting.
    server:fail { match = "/v1.0/numbers/update", delay = 30, after = ROWS * 3 / 4, times = 4 }
    local words = (BULK .. "--yes --concurrency 4 --rate 100000"):gsub("@/", folder .. "/")
    assert.equal(137, command.signalled(server:command(words), folder, "KILL", function()
      return select(2, (read "numbers.journal" or ""):gsub("\n", "")) > ROWS / 2
    end))
    local sent = {}
    local function count_changes()
      local changes = server:changes()
      for _, change in ipairs(changes) do
        local number = change:match '"Number":"([^"]*)"'
        sent[number] = (sent[number] or 0) + 1
      end
      return #changes
    end
    assert.is_true(count_changes() < ROWS, "it was killed too late")
    server:reset() -- the next run need not wait
    local out, err, status = run(words)
    assert.equal(0, status, out .. err)
    count_changes()
    local twice, count = 0, 0
    for _, times in pairs(sent) do
      count = count + 1
      if times > 1 then twice = twice + 1 end
    end
    assert.equal(ROWS, count)
    -- Rows that were in flight when it was killed: their outcome is not known.
    assert.is_true(twice <= 4, twice .. " rows were sent twice")
  end)
end)
