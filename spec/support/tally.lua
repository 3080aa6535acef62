-- busted's output for bin/run-specs: failures in full on the standard output, and one line for every test
-- and every file that ended in the file named by PB_TALLY, which cannot be confused with anything a test
-- prints and is complete up to the last test if the run crashes. A line of a test that passed has the seconds
-- that it took: sort -rnk2 finds the slowest. A line of a file has the processor seconds of this process
-- alone. A line "secrets" has how many secrets were looked for, and in how many texts.

return function(options)
  local busted = require "busted"
  local handler = require "busted.outputHandlers.base"()
  local tally = assert(io.open(assert(os.getenv "PB_TALLY"), "w"))
  tally:setvbuf "no"

  local function note(word, name, element)
    local seconds = element and element.duration and ("%.3f "):format(element.duration) or ""
    local source = element and element.trace and element.trace.short_src
    tally:write(word, " ", seconds, source and source .. ": " or "", (tostring(name):gsub("%s+", " ")), "\n")
  end

  -- busted reports a failing set-up at once, and again with its test.
  local shown = {}

  local function show(kind, failure)
    if shown[failure] then return end
    shown[failure] = true
    local message = failure.message
    if message == nil then
      message = "(no message)"
    elseif type(message) ~= "string" then
      message = require "pl.pretty".write(message)
    end
    local trace = failure.element.trace or failure.trace or {}
    io.write(kind, ": ", failure.name or "?", "\n",
      "  ", tostring(trace.short_src), ":", tostring(trace.currentline), "\n",
      "  ", (message:gsub("\n", "\n  ")), "\n")
    if failure.trace and failure.trace.traceback and (kind == "error" or options.verbose) then
      io.write("  ", (failure.trace.traceback:gsub("^\n", ""):gsub("\n", "\n  ")), "\n")
    end
    io.flush()
    note("not ok", failure.name, failure.element)
  end

  busted.subscribe({ "test", "start" }, function(element)
    if options.verbose then
      io.write(handler.getFullName(element), "\n")
      io.flush()
    end
    return nil, true
  end)

  busted.subscribe({ "test", "end" }, function(element, _, status)
    if status == "success" then
      note("ok", handler.getFullName(element), element)
    elseif status == "pending" then
      note("skip", handler.getFullName(element))
    elseif status == "failure" then
      show("failure", handler.failures[#handler.failures])
    else
      show("error", handler.errors[#handler.errors])
    end
    return nil, true
  end)

  -- Failures outside a test: a file that does not load, a failing set-up.
  local function outside(element)
    if element.descriptor ~= "it" then show("error", handler.errors[#handler.errors]) end
    return nil, true
  end
  busted.subscribe({ "error" }, outside)
  busted.subscribe({ "failure" }, outside)

  local clock = os.clock()
  busted.subscribe({ "file", "end" }, function(file)
    note("file", ("%s %.3f"):format(file.name, os.clock() - clock))
    clock = os.clock()
    return nil, true
  end)

  busted.subscribe({ "suite", "end" }, function()
    local faults, summary = require("spec.support.secrets").results()
    for _, fault in ipairs(faults) do
      io.write("failure: ", (fault:gsub("\n", "\n  ")), "\n")
      note("not ok", fault)
    end
    note("secrets", summary)
    note("end", "")
    return nil, true
  end)

  return handler
end
