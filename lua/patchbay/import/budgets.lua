--- Limits of an import: a document is text of a stranger's.

local budgets = {
  -- The largest that is known, of a whole office suite, has some 8,000.
  MOST_PATHS = 20000,

  -- Schemas that are read. A document's body written out may be two million nodes; with references shared,
  -- the largest has some 50,000.
  MOST_SCHEMAS = 200000,

  -- Times that a schema which contains itself is written out in itself, as a description has no name for it;
  -- schemas inside one another below which it is not; and schemas read for that in the whole document.
  MOST_TURNS = 9, DEEPEST_TURN = 20, MOST_SCHEMAS_OF_TURNS = 3000,

  -- Paths of refused fields, and of masked ones, that a report has of one list of fields.
  MOST_FOUND = 2000,

  -- Members of one object: the largest that is known has some 400.
  MOST_PROPERTIES = 5000,

  -- References from one to the next.
  LONGEST_CHAIN = 32,

  -- Objects, lists and unions inside one another: the core takes 64, of which the resource and the operation
  -- need some.
  DEEPEST = 44,

  -- Those that are deeper are cut, which leaves room for the objects around them: to DEEPEST_CUT at most and
  -- LEAST_CUT at least, and to MOST_CUT rules written out, as schemas that contain themselves in several
  -- places are millions.
  DEEPEST_CUT = 32, LEAST_CUT = 4, MOST_CUT = 100000,

  -- Branches of a union, and values of an enumeration: more would fill a message.
  MOST_BRANCHES = 100, MOST_VALUES = 2000,

  -- Examples that are run.
  MOST_EXAMPLES = 5000,

  -- Characters of a description that is taken over: the pages of the vendor say the rest.
  LONGEST_TEXT = 160,
}

--- The error that ends an import; `import.description` catches it.
budgets.Exceeded = {}

--- Ends the import: `what` is over its limit.
function budgets.exceed(what)
  error(setmetatable({ message = what .. "; cut the document down to the paths that you need" },
    budgets.Exceeded), 0)
end

return budgets
