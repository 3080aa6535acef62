--- The pictures of docs/pictures, each with the function that draws it out of a run.

local floors = require "bin.generate.pictures.floors"
local plan_page = require "bin.generate.pictures.plan_page"
local recording = require "bin.generate.pictures.recording"
local states = require "bin.generate.pictures.states"

--- A list of { path =, draw = (returns the file's text) }. `has_server`: whether drawing it needs the server
-- of the sandbox, python3 and argparse.
return {
  { path = "docs/pictures/recording.svg", has_server = true,
    draw = function() return recording.picture(recording.steps()) end },
  { path = "docs/pictures/states.svg", draw = function() return states.picture(states.run()) end },
  { path = "docs/pictures/update.svg", draw = function() return floors.picture(floors.run()) end },
  { path = "docs/pictures/plan.html", draw = plan_page.html },
  { path = "docs/pictures/plan.svg", draw = function() return plan_page.picture(plan_page.html()) end },
}
