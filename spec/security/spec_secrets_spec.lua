-- The check that no spec's secrets are shown is able to find one, in each place where it looks.

local core = require "patchbay.core"
local patchbay = require "patchbay"
local system = require "spec.support.system"
local secrets = require "spec.support.secrets"
local scripted = require "spec.support.scripted"

-- Shows a field of voice routes, and one of numbers.
local SHOWN = '{"CallRouteStatus":"Active","NumberType":"Mobile"}'

-- Known by its looks; and, without the mark, by where it goes.
local MARKED = secrets.MARK .. "-planted"
local PLANTED = "planted-by-the-spec-1"

-- The kinds of text in which f shows secrets, each once.
local function kinds_of(f)
  local kinds, list = {}, {}
  local found, looked = secrets.expecting(f)
  for _, one in ipairs(found) do kinds[one.kind] = true end
  for kind in pairs(kinds) do list[#list + 1] = kind end
  table.sort(list)
  return table.concat(list, " "), looked
end

local function client_of(answer, options)
  local given = { token = PLANTED, retries = 0, transport = scripted.new { answer } }
  for name, value in pairs(options or {}) do given[name] = value end
  local made = patchbay.telegent(given)
  return made
end

describe("a secret that a spec shows", function()
  for kind, show in pairs {
    errors = function() require("patchbay.errors").new { kind = "network", message = MARKED } end,
    raised = function() pcall(error, "it was " .. MARKED) end,
    bugs = function() require("patchbay.bulk.report").bug("it was " .. MARKED) end,
    progress = function()
      local stream = { write = function() return true end }
      local progress = require("patchbay.bulk.progress").new(true, { stream = stream, terminal = false })
      progress:write(MARKED)
    end,
    journal = function()
      local path = os.tmpname()
      os.remove(path)
      local journal = assert(require("patchbay.bulk.journal").open(path, { job = MARKED }))
      journal:begin("an item") -- only then is there a first line
      journal:close()
      os.remove(path)
    end,
    children = function()
      local pipe = io.popen("echo " .. MARKED)
      pipe:read "*a"
      pipe:close()
    end,
    shown = function()
      local route = client_of(scripted.answer(200, SHOWN)).voice_routes["CRID-1"]
      route.RouteName = MARKED
      tostring(route)
    end,
    ["hooks log shown"] = function()
      local function nothing() end
      local client = client_of(scripted.answer(200, SHOWN), { log = nothing, on_request = nothing,
        on_response = nothing })
      client.voice_routes:update("CRID-1", { RouteName = MARKED })
      client:call("GET", "/" .. MARKED)
    end,
  } do
    it("is found in: " .. kind, function() assert.equal(kind, kinds_of(show)) end)
  end

  it("is known by the header and the body in which it goes out, or the answer in which it comes", function()
    local written = PLANTED .. '"\\'
    for _, go in ipairs {
      function() client_of(scripted.answer(200, SHOWN)):call("GET", "/x") end,
      function() client_of(scripted.answer(200, SHOWN)):call("POST", "/x", { password = PLANTED }) end,
      function() client_of(scripted.answer(200, { PortOutPin = PLANTED })):call("GET", "/x") end,
    } do
      go()
      assert.equal(PLANTED, secrets.in_text("before " .. PLANTED .. " behind"))
    end
    secrets.learn(written)
    secrets.learn(PLANTED .. "/ é")
    assert.truthy(secrets.in_text(core.json.encode(written)))
    assert.truthy(secrets.in_text(core.text.percent_encode(PLANTED .. "/ é")))
    assert.is_nil(secrets.in_text "nothing of it")
  end)

  it("that is not the script's own, but the record's, is found where redaction fails", function()
    local redact = require "patchbay.exchange.redact"
    local text, body = redact.text, redact.body
    local function unmasked(value) return value end
    local kinds = kinds_of(function()
      redact.text, redact.body = unmasked, unmasked
      local _, err = client_of(scripted.answer(400, { Message = "no: " .. PLANTED })):call("GET", "/x")
      redact.text, redact.body = text, body
      assert(err.message:find(PLANTED, 1, true))
    end)
    redact.text, redact.body = text, body
    assert.equal("errors", kinds)
  end)

  -- A run of one test by bin/run-specs, in a folder of its own, for it writes down what it counts.
  local function run_of(code)
    local folder = system.line "mktemp -d"
    system.write(folder .. "/one_spec.lua", ("it('shows one', function() %s end)"):format(code))
    local lines
    secrets.expecting(function()
      lines = system.run(([[
        root=$PWD lua='%s'
        case $lua in /*) ;; */*) lua=$root/$lua ;; esac
        cd '%s' && mkdir bin spec && cp "$root/bin/run-specs" bin && cp "$root/.busted" . &&
        ln -s "$root/lua" lua && ln -s "$root/spec/support" spec/support &&
        bin/run-specs one "$PB_BUILD" one_spec.lua -- "$lua"; echo "status $?"; cat build/one.tally]]):format(
        system.interpreter(), folder))
    end)
    system.run("rm -r " .. folder)
    return lines
  end

  it("makes the run fail, and names its test", function()
    local lines = run_of("require('patchbay.errors').new { kind = 'network', message = '" .. MARKED .. "' }")
    local fault = ('not ok a secret (%s) is shown, kind "errors", in: shows one'):format(secrets.MARK)
    assert.truthy(lines:find "ok %d+%.%d+ one_spec%.lua: shows one\n", lines)
    assert.truthy(lines:find(fault, 1, true), lines)
    assert.truthy(lines:find("one: 1 passed, 1 failed, 0 skipped\nstatus 1\n", 1, true), lines)
  end)

  it("makes the run fail where it is written by the run itself, or by a child of it", function()
    for _, code in ipairs { "print '%s'", "io.stderr:write '%s\\n'", "os.execute 'echo %s >&2'" } do
      local lines = run_of(code:format(MARKED))
      assert.truthy(lines:find("one: FAILED: the run wrote secrets in 1 lines of its output, ", 1, true),
        lines)
      assert.truthy(lines:find "one: %d passed, 1 failed, 0 skipped\nstatus 1\n", lines)
    end
    local lines = run_of "print 'nothing of it'"
    -- That nothing is shown is a test of its own, where there was anything to look at.
    assert.truthy(lines:find "nothing of it\none: %d passed, 0 failed, 0 skipped\nstatus 0\n", lines)
  end)
end)
