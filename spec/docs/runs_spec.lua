-- The counts of bin/run-specs, bin/check and .ci/run, above all where something goes wrong. Each is tried in
-- a folder of its own, because it writes down what it counts.

local system = require "spec.support.system"

describe("a run", function()
  local folder

  before_each(function()
    folder = system.line "mktemp -d"
    system.run(([[cd '%s' && mkdir bin spec .ci]]):format(folder))
    system.run(([[
      cp bin/run-specs bin/check bin/try bin/lacks '%s/bin' && cp .ci/run '%s/.ci' && cp .busted '%s'
      ln -s "$PWD/lua" '%s/lua' && ln -s "$PWD/spec/support" '%s/spec/support'
    ]]):format(folder, folder, folder, folder, folder))
  end)
  after_each(function() system.run("rm -rf " .. system.quote(folder)) end)

  -- The output of a shell command in the folder, with its status in the last line.
  local function run(command)
    return system.output(([[
      case $lua in /*) ;; */*) lua=$PWD/$lua ;; esac
      cd '%s' && export JOBS=2 && unset PB_COUNTS SPEC_STATUS CI SPEC_FILES SPEC_TIMEOUT CHECK_JOBS
      { %s
      } 2>&1; echo "status $?"]]):format(folder, command))
  end

  local function has(text, expected) assert.truthy(text:find(expected, 1, true), text) end

  describe("of bin/run-specs", function()
    before_each(function()
      system.write(folder .. "/spec/a_spec.lua", "it('a', function() end) it('aa', function() end)")
      system.write(folder .. "/spec/b_spec.lua", "it('b', function() end) pending 'later'")
      system.write(folder .. "/spec/c_spec.lua", "it('c #slow', function() end)")
    end)

    local function specs(more, before, command)
      return run(('%s bin/run-specs some "$PB_BUILD" %s -- %s'):format(before or "", more or "",
        command or '"$lua"'))
    end

    -- That no secret is shown is a test of its own, where there was anything to look at.
    local function counts(text, passed, failed, skipped)
      local tally = system.read(folder .. "/build/some.tally")
      if tally:find "ok shows no secret" then passed = passed + 1 end
      has(text, ("\nsome: %d passed, %d failed, %d skipped\nstatus %d\n"):format(passed, failed, skipped,
        failed > 0 and 1 or 0))
    end

    it("sums the tests of all its shards, and records them once", function()
      for files = 1, 3 do
        counts("\n" .. specs("", "SPEC_FILES=" .. files), 4, 0, 1)
      end
      local recorded = system.read(folder .. "/build/counts/alone")
      assert.truthy(recorded:find("^" .. ("some [45] 0 1\n"):rep(3) .. "$"), recorded)
      local _, files = system.read(folder .. "/build/some.tally"):gsub("\nfile spec/%l_spec.lua %d", "")
      assert.equal(3, files)
    end)

    it("does not count what a spec runs", function()
      system.write(folder .. "/spec/b_spec.lua", [[it("b", function()
        assert(os.getenv "PB_COUNTS" == nil)
      end)]])
      has(specs("", "PB_COUNTS=build/mine"), " 0 failed, 0 skipped\nstatus 0\n")
      assert.truthy(system.read(folder .. "/build/mine"):find "^some [45] 0 0\n$")
      has(run "PB_COUNTS=build/mine bin/try other 'is alone' sh -c '[ -z \"${PB_COUNTS:-}\" ]'", "status 0\n")
    end)

    it("takes files, folders and options", function()
      counts("\n" .. specs "--exclude-tags=slow", 3, 0, 1)
      counts("\n" .. specs "spec/a_spec.lua spec/c_spec.lua", 3, 0, 0)
      counts("\n" .. specs "--tags=slow spec", 1, 0, 0)
    end)

    it("fails where nothing has run, and where a file is not there", function()
      has(specs "--tags=none",
        "some: FAILED: the run had no test\nsome: 0 passed, 1 failed, 0 skipped\nstatus 1\n")
      has(specs "spec/d_spec.lua",
        "some: FAILED: there is no spec/d_spec.lua\nsome: 0 passed, 1 failed, 0 skipped\nstatus 1\n")
    end)

    it("fails with a test that fails, a file that does not load and a file that raises", function()
      system.write(folder .. "/spec/d_spec.lua", "it('d', function() assert.equal(1, 2) end)")
      counts(specs "", 4, 1, 1)
      for _, text in ipairs { "it(", "error 'on purpose'" } do
        system.write(folder .. "/spec/d_spec.lua", text)
        local said = specs ""
        assert.truthy(said:find "some: [45] passed, [12] failed, 1 skipped\nstatus 1\n", said)
      end
    end)

    it("counts a shard that crashes, ends early or hangs as failed, and names the files that have not run",
      function()
      for code, why in pairs { ["os.execute('kill -9 $PPID')"] = "ended half-way with status ",
        ["os.exit(0, true)"] = "ended half-way with status 0, after: ok ",
        ["while true do end"] = "took longer than " } do
        system.write(folder .. "/spec/b_spec.lua",
          ("it('b', function() end) it('x', function() %s end)"):format(code))
        local text
        for _, seconds in ipairs { 2, 60 } do
          text = specs("", "SPEC_TIMEOUT=" .. seconds .. " SPEC_FILES=2")
          -- On a busy machine those that do not hang may take longer, too.
          if text:find "\nsome: [45] passed, 2 failed" then break end
        end
        has(text, "some: FAILED: the run " .. why)
        has(text, "some: FAILED: spec/b_spec.lua has not run to its end\n")
        counts(text, 4, 2, 0)
      end
    end)

    it("reports the faults that a memory checker finds beside the specs", function()
      has(specs("", "SPEC_STATUS=99", [[sh -c '"$0" "$@"; exit 99' "$lua"]]),
        "some: FAILED: the run found faults beside the specs (status 99) in one of: spec/")
    end)
  end)

  describe("of bin/check", function()
    local function check(targets, makefile)
      system.write(folder .. "/Makefile", (makefile or [[
good:
	@bin/try good 'is good' true
more:
	@bin/try more 'is good' true; bin/try more 'is good, too' true
bad:
	@bin/try bad 'is bad' false
crash:
	@exit 3
silent:
	@true
early:
	@echo early; until [ -f done ]; do sleep 0.02; done; bin/try early 'waits for late' true
late:
	@touch done; bin/try late 'is late' true
]]))
      return run("export lua; bin/check " .. targets)
    end

    it("sums what one after the other and several at a time have recorded", function()
      local text = check "good -- more early late -- bad"
      has(text, "in ")
      has(text, "5 passed, 1 failed\nstatus 1\n")
      for _, target in ipairs { "good", "more", "early", "late", "bad" } do
        assert.truthy(text:find("\n" .. target .. " +%d+ passed +%d+ failed +%d+ skipped"), text)
      end
      has(check "good -- more", "3 passed, 0 failed\nstatus 0\n")
    end)

    it("counts a target that crashes and one that records nothing as failed, wherever they stand", function()
      for _, dashes in ipairs { "", "-- " } do
        has(check(dashes .. "good crash"), "1 passed, 1 failed\nstatus 1\n")
        has(check(dashes .. "good silent"), "1 passed, 1 failed\nstatus 1\n")
      end
      has(check "silent", "silent: FAILED: nothing ran\n")
      has(check "-- crash", "crash: FAILED: exited with status 2 before it could report the failure\n")
    end)

    it("counts a target whose process is killed as failed", function()
      local text = check("-- good killed", "good:\n\t@bin/try good 'is good' true\nkilled:\n\t@kill -9 "
        .. "$$(ps -o ppid= -p $$PPID)\n")
      assert.truthy(text:find "\nkilled +was ended\n", text)
      has(text, "1 passed, 1 failed\nstatus 1\n")
    end)

    it("lists the failures once more at the end, with those of a run within it", function()
      system.write(folder .. "/spec/a_spec.lua", "it('fails', function() error 'so' end)")
      local text = check("-- good specs within", [[
good:
	@bin/try good 'is good' true
within:
	@echo 'other: FAILED: spec/z_spec.lua: z' && exit 1
specs:
	@bin/run-specs specs "$$PB_BUILD" -- "$$lua"
]])
      local ending = text:match "\n(good [^\n]+\n.*)$"
      has(ending, "\nspecs: FAILED: spec/a_spec.lua: fails\n")
      has(ending, "\nother: FAILED: spec/z_spec.lua: z\n")
      has(ending, "\nwithin: FAILED: exited with status 2 before it could report the failure\n")
      has(ending, " passed, 2 failed\nstatus 1\n")
      assert.equal(3, select(2, ending:gsub("FAILED", "")))
    end)

    it("is counted by .ci/run, which fails if it ends early", function()
      local makefile = "test:\n\t@bin/check -- good\ngood:\n\t@bin/try good 'is good' true\n"
      system.write(folder .. "/Makefile", makefile)
      system.write(folder .. "/bin/setup", "#!/bin/sh\n")
      system.run("chmod +x " .. folder .. "/bin/setup")
      has(run ".ci/run", "\n1 passed, 0 failed\nstatus 0\n")
      system.write(folder .. "/Makefile", (makefile:gsub("%-%- good", "%0; exit 7", 1)))
      has(run ".ci/run", "The run ended early with status 2.\n1 passed, 1 failed\nstatus 1\n")
    end)
  end)
end)
