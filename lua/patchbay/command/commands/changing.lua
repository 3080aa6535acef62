--- The commands that change records, and those that prepare it: set, plan, apply, undo, pull, bulk, journal.
-- commands.lua describes the members of an entry.

local shared = require "patchbay.command.commands.shared"

local RUNNING = {
  concurrency = { "--concurrency", "Requests at a time; 8 by default", argument = "N" },
  rate = { "--rate", "Requests of each account at most, such as 10/s or 300/min, instead of its own rate",
    argument = "RATE" },
  stop = { "--stop-on-error", "Start nothing more after the first failure" },
  quiet = { "--no-progress", "Show no progress" },
}

local BRAKES = {
  { "--max-changes", "Refuse a plan with more changes; 50 by default", argument = "N" },
  { "--max-deletes", "Refuse a plan that deletes more records; 0 by default", argument = "N" },
  { "--max-share", "Refuse a plan that changes a larger share of a collection; 0.3 by default",
    argument = "SHARE" },
  { "--max-affected", "Refuse a plan whose changed records are used by more others", argument = "N" },
  { "--limit", "The same for one collection, as in telegent.numbers:max-changes=500; may be given several "
    .. "times", argument = "COLLECTION:NAME=N", many = true },
  { "--limits", "File that holds these limits, as the page of the command says", argument = "FILE" },
}

local PLANNING = {
  { "--create", "Create records that are missing; this is the default" },
  { "--no-create", "Create nothing" },
  { "--delete", "Also delete the records of a named collection that FILE does not have" },
  { "--force", "Also send fields that cannot be read" },
  { "--no-blast", "Leave out how many other records use the changed ones" },
  { "--state", "File that remembers sent values and created keys, instead of the one beside FILE",
    argument = "STATE" },
}

-- One list out of several.
local function all(...)
  local list = {}
  for i = 1, select("#", ...) do
    local part = select(i, ...)
    if type(part[1]) == "string" then part = { part } end
    for _, option in ipairs(part) do list[#list + 1] = option end
  end
  return list
end

local DESIRED = { "file", "Desired state, in Lua or JSON" }

return {
  {
    name = "set", module = "patchbay.command.set",
    summary = "Change fields of one record",
    details = "Reads the record, shows the difference, asks, and sends the fields that differ. A field is "
      .. "given as Field=text, read by its type; Field:=json; Field=@FILE, the content of a file without the "
      .. "line end at its end; or Field=-, standard input. Field= is the empty text, Field:=null is null, "
      .. "and a.b=text is a field within an object. With --dry-run the exit status is 2 if something would "
      .. "be sent.",
    arguments = { shared.COLLECTION,
      { "words", "Key of the record, left out where a collection is one record; then Field=value",
        args = "+" } },
    options = all(shared.YES, {
      { "--dry-run", "Show what would change, and send nothing" },
      { "--force", "Also send fields that have the value already" },
      { "--if-unchanged", "Read again before sending, and send nothing if somebody else has changed a field "
        .. "meanwhile" },
      { "--wait", "Wait at most so long until an order is carried out", argument = "SECONDS" },
    }, shared.output("table", "json"), shared.ACCOUNTS),
    examples = {
      { "patchbay set telegent.voice_routes CRID-509de94f-79cc-429b-a317-2102654dabbb TrunkIp1=20.87.87.87",
        "shows the change, and asks" },
      { "patchbay set telegent.numbers +18018018011 MessageType=p2p VoiceEnabled=false --dry-run",
        "shows the change, and sends nothing" },
      { "patchbay set crazytel.sip_trunks 550e8400-e29b-41d4-a716-446655440000 password=@trunk.password",
        "a secret that no list of processes shows" },
    },
  },
  {
    name = "plan", module = "patchbay.command.plan",
    summary = "Show the changes that bring an account to its desired state",
    details = "Sends nothing but reads. The exit status is 2 if something has to change.",
    arguments = { DESIRED },
    options = all({
      { "--save", "Keep the plan, to be applied later as it was reviewed", argument = "PLAN" },
      { "--html", "Write the plan as a page for a change ticket", argument = "PAGE" },
    }, PLANNING, BRAKES, RUNNING.concurrency, RUNNING.rate, RUNNING.quiet, shared.output("text", "json"),
      shared.ACCOUNTS),
    examples = {
      { "patchbay plan routes.lua", "the changes" },
      { "patchbay plan routes.lua --save routes.plan --html routes.html", "a plan for review, and its page" },
    },
  },
  {
    name = "apply", module = "patchbay.command.apply",
    summary = "Bring an account to its desired state, or apply a saved plan",
    details = "Shows the plan, asks, and makes the changes. FILE.state remembers sent values, FILE.undo "
      .. "takes the changes back. It can be interrupted and run again at any time.",
    arguments = { { "file", "Desired state, in Lua or JSON, or a plan that patchbay plan --save has "
      .. "written" } },
    options = all(shared.YES, PLANNING, BRAKES, {
      { "--undo", "File of the undo plan, instead of the one beside FILE", argument = "UNDO" },
      { "--no-undo", "Write no undo plan" },
      { "--journal", "File that records each change as it is made; by default beside FILE",
        argument = "JOURNAL" },
      { "--no-journal", "Keep no journal" },
    }, RUNNING.concurrency, RUNNING.rate, RUNNING.stop, RUNNING.quiet, shared.output("text", "json"),
      shared.ACCOUNTS),
    examples = {
      { "patchbay apply routes.lua", "shows the changes, asks, and makes them" },
      { "patchbay apply routes.plan --yes", "a plan that was reviewed" },
      { "patchbay apply routes.lua --max-changes 500", "a larger change" },
    },
  },
  {
    name = "undo", module = "patchbay.command.undo",
    summary = "Take back the changes of an apply",
    details = "Shows the undo plan that apply has left, asks, and puts back the values that were there. A "
      .. "field that somebody else has changed since stays as it is. Changes that were accepted when the "
      .. "plan was applied are not limited again; limits that are given count.",
    arguments = { { "file", "The desired state or the plan that was applied, or the undo plan beside it" } },
    options = all(shared.YES, {
      { "--dry-run", "Show the undo plan, and send nothing" },
      { "--force", "Also put back fields that cannot be read" },
    }, BRAKES, RUNNING.concurrency, RUNNING.rate, RUNNING.stop, RUNNING.quiet, shared.output("text", "json"),
      shared.ACCOUNTS),
    examples = { { "patchbay undo routes.lua", "shows the old values, asks, and puts them back" } },
  },
  {
    name = "pull", module = "patchbay.command.pull",
    summary = "Write the present state as a desired-state file",
    details = "The file is Lua or JSON, by the end of its name. Planning it finds nothing to change: it has "
      .. "the fields that can be changed and that the vendor shows. Secrets are left out.",
    arguments = { { "file", "File to write, such as routes.lua or routes.json" },
      { "collections", "Accounts and collections, such as telegent.voice_routes", args = "+" } },
    options = all({
      { "--force", "Replace the file if it is there" },
      { "--read-each", "Read each record by itself, as a list may show less; up to 100 records always are" },
    }, RUNNING.concurrency, RUNNING.rate, RUNNING.quiet, shared.ACCOUNTS),
    examples = {
      { "patchbay pull routes.lua telegent.voice_routes", "all voice routes" },
      { "patchbay pull account.json telegent.voice_routes telegent.numbers", "two collections, as JSON" },
    },
  },
  {
    name = "bulk", module = "patchbay.command.bulk",
    summary = "Change many records by a CSV file",
    details = "Every row is checked before anything is sent. The journal beside the file records each row as "
      .. "it is done: after an interruption or a crash, the same command line finishes the rest. Rows that "
      .. "failed are written beside the file as CSV, which can be given again.",
    arguments = { shared.COLLECTION, { "file", "CSV file, whose first line names the columns" } },
    options = all({
      { "--key", "Column of the record's key; by default the one named as the key", argument = "COLUMN" },
      { "--set", "Field and the column of its value; Field alone for a column of that name; Field:=json for "
        .. "one value in all records; may be given several times. Without it, all other columns are fields",
        argument = "FIELD=COLUMN", many = true },
      { "--separator", "Between the columns: , or ; or tab", argument = "S" },
    }, shared.YES, {
      { "--dry-run", "Check the file, show the requests, and send none" },
      { "--changed-only", "Read each record first, and send only the fields that differ" },
      { "--journal", "File of the journal; by default beside the CSV file", argument = "JOURNAL" },
      { "--failures", "CSV file of the rows that failed; by default beside the CSV file", argument = "CSV" },
    }, RUNNING.concurrency, RUNNING.rate, RUNNING.stop, RUNNING.quiet, shared.output("text", "json"),
      shared.ACCOUNTS),
    examples = {
      { "patchbay bulk telegent.numbers numbers.csv --key number --set VoiceRouteId=route",
        "each number to the route in its row" },
      { "patchbay bulk telegent.numbers numbers.csv --key number --set VoiceEnabled:=false --rate 5/s",
        "the same value for all, five a second" },
      { "patchbay bulk telegent.numbers numbers.failures.csv --key number --set VoiceRouteId=route",
        "the rows that failed, once more" },
    },
  },
  {
    name = "journal", module = "patchbay.command.journal",
    summary = "Convert the journal of an older Patchbay",
    arguments = { { "action", "The action", choices = { "upgrade" } },
      { "file", "The journal" } },
    options = {},
    examples = { { "patchbay journal upgrade numbers.journal",
      "so that this version finishes the run that an older one began" } },
  },
}
